package inkling.formats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import inkling.formats.family.ModelFormat;
import inkling.io.json.JsonFields;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The config.json of small models of every family, except GPT-2 ({@link Directories#gpt2Json}) and Inkling's own format. What sets a
 * family apart is turned on.
 */
public final class FamilyConfigs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SIZES = """
        "vocab_size": 300, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4,
        "max_position_embeddings": 32, "attention_dropout": 0.0, "torch_dtype": "bfloat16", "use_cache": true""";
    private static final String ROPE = SIZES + ", \"num_key_value_heads\": 2, \"rms_norm_eps\": 1e-6, \"rope_theta\": 10000.0";
    private static final String GEMMA = ROPE + ", \"head_dim\": 6, \"hidden_act\": \"gelu\", \"hidden_activation\": \"gelu_pytorch_tanh\"";

    private FamilyConfigs() {}

    /** A name for the model → its config.json. */
    public static Map<String, ObjectNode> all() {
        Map<String, ObjectNode> all = new LinkedHashMap<>();
        put(all, "llama", "llama", ROPE + ", \"tie_word_embeddings\": false");
        put(all, "llama, linear rope, biases, wide heads", "llama", ROPE + """
            , "head_dim": 6, "attention_bias": true, "mlp_bias": true, "rope_scaling": {"type": "linear", "factor": 4.0}""");
        put(all, "mistral", "mistral", ROPE + ", \"sliding_window\": 5, \"tie_word_embeddings\": false");
        put(all, "qwen2", "qwen2", ROPE + """
            , "sliding_window": 5, "use_sliding_window": false, "max_window_layers": 1, "tie_word_embeddings": true""");
        put(all, "qwen2 with windows", "qwen2", ROPE + """
            , "sliding_window": 5, "use_sliding_window": true, "max_window_layers": 1""");
        put(all, "qwen3", "qwen3", ROPE + """
            , "head_dim": 6, "attention_bias": false, "use_sliding_window": false, "sliding_window": null, "tie_word_embeddings": true""");
        put(all, "smollm3", "smollm3", ROPE + ", \"no_rope_layers\": [1, 0], \"tie_word_embeddings\": true");
        put(all, "gemma", "gemma", GEMMA);
        put(all, "gemma2", "gemma2", GEMMA + """
            , "query_pre_attn_scalar": 7, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0, "sliding_window": 5""");
        put(all, "gemma3", "gemma3_text", GEMMA + """
            , "query_pre_attn_scalar": 7, "sliding_window": 5, "sliding_window_pattern": 2, "rope_local_base_freq": 500.0""");
        put(all, "gpt_neox", "gpt_neox", SIZES + """
            , "rotary_pct": 0.5, "rotary_emb_base": 10000, "layer_norm_eps": 1e-5, "hidden_act": "gelu", "tie_word_embeddings": false""");
        put(all, "gpt_neox, one after the other", "gpt_neox", SIZES + """
            , "rotary_pct": 0.5, "use_parallel_residual": false, "hidden_act": "gelu_new", "tie_word_embeddings": false""");
        put(all, "phi3", "phi3", ROPE + ", \"sliding_window\": 5, \"resid_pdrop\": 0.0, \"tie_word_embeddings\": false");
        put(all, "phi4mini", "phi3", SIZES.replace("\"max_position_embeddings\": 32", "\"max_position_embeddings\": 256") + """
            , "num_key_value_heads": 2, "partial_rotary_factor": 0.5, "original_max_position_embeddings": 32, "tie_word_embeddings": true,
            "rope_scaling": {"type": "longrope", "short_factor": [1.5], "long_factor": [3.5]}""");
        put(all, "granite", "granite", ROPE + """
            , "embedding_multiplier": 12.0, "residual_multiplier": 0.22, "logits_scaling": 49.0, "attention_multiplier": 0.3,
            "tie_word_embeddings": true""");
        put(all, "olmo2", "olmo2", ROPE + ", \"tie_word_embeddings\": false");
        put(all, "stablelm2", "stablelm", SIZES + """
            , "num_key_value_heads": 2, "layer_norm_eps": 1e-5, "use_qkv_bias": true, "partial_rotary_factor": 0.5""");
        put(all, "stablelm 12b", "stablelm", SIZES + """
            , "num_key_value_heads": 2, "layer_norm_eps": 1e-5, "qk_layernorm": true, "use_parallel_residual": true,
            "partial_rotary_factor": 0.5""");
        return all;
    }

    private static void put(Map<String, ObjectNode> all, String what, String type, String keys) {
        try {
            all.put(what, (ObjectNode) JSON.readTree("{\"model_type\": \"%s\", %s}".formatted(type, keys)));
        } catch (IOException e) {
            throw new UncheckedIOException(what, e);
        }
    }

    /** The model's config.json with these keys added or replaced, e.g. {@code "'sliding_window': 4"}. */
    public static ObjectNode with(String what, String keys) {
        ObjectNode json = all().get(what).deepCopy();
        try {
            json.setAll((ObjectNode) JSON.readTree(("{" + keys + "}").replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(keys, e);
        }
        return json;
    }

    public static GptConfig architecture(ObjectNode json) {
        JsonFields fields = JsonFields.of("config.json", json);
        return ModelFormat.of(fields).read(fields);
    }

    /**
     * Writes a model directory without a tokenizer. All weights are random, also the vectors, whose numbers are all alike in a new model.
     */
    public static Path write(Path directory, ObjectNode json, NDManager manager) {
        ModelFormat format = ModelFormat.of(JsonFields.of("config.json", json));
        Map<String, Object> config = JSON.convertValue(json,
            TypeFactory.defaultInstance().constructMapType(LinkedHashMap.class, String.class,
            Object.class));
        try (Gpt gpt = Gpt.initialise(architecture(json), manager, 5)) {
            for (NDArray parameter : gpt.parameters().arrays()) {
                if (parameter.getShape().dimension() == 1) {
                    parameter.addi(manager.randomNormal(0, 0.1f, parameter.getShape(), parameter.getDataType()));
                }
            }
            return Directories.write(directory, config, List.copyOf(Directories.tensors(gpt, format, UnaryOperator.identity())));
        }
    }
}
