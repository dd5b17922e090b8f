package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.Set;

/** Llama 1 to 3, TinyLlama, SmolLM 2 and others. Source: Transformers' {@code configuration_llama.py} and {@code modeling_llama.py}. */
public final class LlamaFormat extends LlamaKin {
    public LlamaFormat() {
        super("llama", "LlamaForCausalLM", Set.of("num_key_value_heads", "head_dim", "attention_bias", "mlp_bias", "rms_norm_eps"),
            Set.of("pretraining_tp", "is_llama_config", "max_sequence_length"));
    }

    @Override
    int contextLength(JsonFields fields) {
        return fields.optionalInt("max_position_embeddings").orElse(2048);
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        return llama;
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {}
}
