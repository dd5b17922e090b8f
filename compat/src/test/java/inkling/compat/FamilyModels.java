package inkling.compat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.formats.family.ModelFormat;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.model.Gpt;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Small random models of every family except Inkling's own. Each has a config.json in the family's form. Many of these turn special options
 * of the family on.
 */
final class FamilyModels {
    private static final String SIZES = """
        "vocab_size": 320, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4,
        "max_position_embeddings": 64""";
    private static final String ROPE = SIZES + ", \"num_key_value_heads\": 2, \"rms_norm_eps\": 1e-6, \"rope_theta\": 10000.0";
    private static final String GEMMA = ROPE + ", \"head_dim\": 16, \"query_pre_attn_scalar\": 16, \"sliding_window\": 8";
    private static final String PARTIAL_ROPE = SIZES + ", \"layer_norm_eps\": 1e-5, \"partial_rotary_factor\": 0.5";
    static final Map<String, String> CONFIGS = configs();

    private FamilyModels() {}

    private static Map<String, String> configs() {
        Map<String, String> all = new LinkedHashMap<>();
        put(all, "gpt2", "gpt2", """
            "vocab_size": 320, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64""");
        put(all, "llama", "llama", ROPE + ", \"tie_word_embeddings\": false");
        put(all, "llama with biases and linear rope", "llama", ROPE + """
            , "attention_bias": true, "mlp_bias": true, "rope_scaling": {"type": "linear", "factor": 4.0}""");
        put(all, "llama with wide heads", "llama", ROPE + ", \"head_dim\": 16");
        put(all, "llama 3", "llama", ROPE + """
            , "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32}""");
        put(all, "mistral", "mistral", ROPE + ", \"sliding_window\": 4096, \"tie_word_embeddings\": false");
        put(all, "qwen2", "qwen2", ROPE + ", \"tie_word_embeddings\": true");
        put(all, "qwen3", "qwen3", ROPE + ", \"head_dim\": 16, \"tie_word_embeddings\": true");
        put(all, "smollm3", "smollm3", ROPE);
        put(all, "gemma", "gemma", ROPE + ", \"head_dim\": 16");
        put(all, "gemma2", "gemma2", GEMMA + ", \"attn_logit_softcapping\": 5.0, \"final_logit_softcapping\": 3.0");
        put(all, "gemma3", "gemma3_text", GEMMA.replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 7"));
        put(all, "gpt_neox", "gpt_neox", SIZES + ", \"rotary_pct\": 0.5, \"hidden_act\": \"gelu_new\"");
        put(all, "gpt_neox, one after the other", "gpt_neox", SIZES + """
            , "rotary_pct": 0.5, "hidden_act": "gelu_new", "use_parallel_residual": false, "attention_bias": false""");
        put(all, "phi3", "phi3", ROPE + ", \"sliding_window\": null, \"tie_word_embeddings\": false");
        put(all, "phi4mini", "phi3", ROPE.replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 256") + """
            , "partial_rotary_factor": 0.5, "original_max_position_embeddings": 64, "tie_word_embeddings": true,
            "rope_scaling": {"type": "longrope", "short_factor": [1.5, 2.5], "long_factor": [3.5, 4.5]}""");
        put(all, "granite", "granite", ROPE + """
            , "embedding_multiplier": 12.0, "residual_multiplier": 0.22, "logits_scaling": 8.0, "attention_multiplier": 0.3,
            "tie_word_embeddings": true""");
        put(all, "olmo2", "olmo2", ROPE + ", \"tie_word_embeddings\": false");
        put(all, "olmo2, tied", "olmo2", ROPE + ", \"tie_word_embeddings\": true");
        put(all, "stablelm2", "stablelm", PARTIAL_ROPE + ", \"num_key_value_heads\": 2, \"use_qkv_bias\": true");
        put(all, "stablelm 12b", "stablelm", PARTIAL_ROPE + """
            , "num_key_value_heads": 2, "qk_layernorm": true, "use_parallel_residual": true""");
        return all;
    }

    private static void put(Map<String, String> all, String name, String type, String keys) {
        all.put(name, "{\"model_type\": \"%s\", %s}".formatted(type, keys));
    }

    static JsonFields config(String name) {
        return JsonFields.of(name, StrictJson.parse(name, CONFIGS.get(name).getBytes(StandardCharsets.UTF_8)));
    }

    /** Makes a model whose weights are so large that every option changes the probabilities. */
    static Gpt make(String name, NDManager manager) {
        JsonFields fields = config(name);
        Gpt gpt = Gpt.initialise(ModelFormat.of(fields).read(fields), manager, 7);
        for (NDArray parameter : gpt.parameters().arrays()) {
            if (parameter.getShape().dimension() == 1) {
                parameter.addi(manager.randomNormal(0, 0.2f, parameter.getShape(), parameter.getDataType()));
            } else {
                parameter.muli(10);
            }
        }
        return gpt;
    }
}
