package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.QkNorm;
import java.util.Optional;
import java.util.Set;

/**
 * Qwen 3: queries and keys are normalised head by head, and the width of a head has a key of its own. Source: Transformers'
 * {@code configuration_qwen3.py} and {@code modeling_qwen3.py}.
 */
public final class Qwen3Format extends LlamaKin {
    public Qwen3Format() {
        super("qwen3", "Qwen3ForCausalLM", Set.of("num_key_value_heads", "head_dim", "attention_bias", "rms_norm_eps",
            Qwen2Format.WINDOWS.get(0), Qwen2Format.WINDOWS.get(1), Qwen2Format.WINDOWS.get(2)), Set.of());
    }

    @Override
    Optional<Integer> usualHeadSize() {
        return Optional.of(128);
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        return Qwen2Format.windows(fields, llama.with(o -> o.qkNorm(QkNorm.HEAD)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        Qwen2Format.writeWindows(config, node);
    }
}
