package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.NormPlacement;
import inkling.model.config.QkNorm;
import java.util.Set;

/**
 * OLMo 2: norms act on the output of attention and MLP instead of their input. Queries and keys are normalised too, all heads of a token
 * together.
 * Source: Transformers' {@code configuration_olmo2.py} and {@code modeling_olmo2.py}.
 */
public final class Olmo2Format extends LlamaKin {
    public Olmo2Format() {
        super("olmo2", "Olmo2ForCausalLM", Set.of("num_key_value_heads", "head_dim", "attention_bias", "rms_norm_eps"), Set.of());
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        return llama.with(o -> o.normPlacement(NormPlacement.POST).qkNorm(QkNorm.ALL)
            .normEps(fields.optionalDouble("rms_norm_eps").orElse(1e-5)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {}
}
