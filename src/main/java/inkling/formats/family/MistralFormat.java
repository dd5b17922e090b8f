package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerRope;
import java.util.Set;

/**
 * Mistral 7B: a window in all layers or in none, unless {@code layer_types} says otherwise. Source: Transformers'
 * {@code configuration_mistral.py} and {@code modeling_mistral.py}.
 */
public final class MistralFormat extends LlamaKin {
    private static final int USUAL_WINDOW = 4096;

    public MistralFormat() {
        super("mistral", "MistralForCausalLM", Set.of("num_key_value_heads", "head_dim", "rms_norm_eps", "sliding_window"), Set.of());
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        return llama.with(o -> o.layers(LayerTypes.read(fields, LayerTypes.windowOr(fields, USUAL_WINDOW), block -> true,
            LayerRope.MAIN)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        LayerTypes.writeWindow(node, config);
    }
}
