package inkling.formats.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.gguf.GgufFile;
import inkling.io.gguf.GgufMetadata;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.model.config.RopeConfig;
import inkling.tokenizer.gguf.GgufKeys;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Translates the keys of a GGUF file into a config.json of the family to which the architecture belongs. The family's reader then checks
 * that config.json. A file that Inkling wrote carries a config.json itself, which also has the settings for which llama.cpp has no key.
 */
public record GgufConfig(GgufFile file, GgufArchitecture architecture) {
    /** The key that holds the config.json of a file that Inkling wrote. */
    public static final String OWN = "inkling.config";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> READ = Set.of("context_length", "embedding_length", "block_count", "feed_forward_length", "vocab_size",
        "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length",
        "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.sliding_window", "rope.dimension_count",
        "rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear", "rope.scaling.original_context_length",
        "rope.scaling.attn_factor", "attn_logit_softcapping", "final_logit_softcapping", "use_parallel_residual", "attention.scale",
        "embedding_scale", "residual_scale", "logit_scale");
    private static final Set<String> HARMLESS = Set.of("rope.scaling.finetuned", "tensor_data_layout");
    /**
     * Llama 3's scaling depends on the length of the context that a model was first trained with, in tokens. The file does not have this
     * length, so these are tried, the usual one first.
     */
    private static final List<Integer> LLAMA3_CONTEXTS = List.of(8192, 1024, 2048, 4096, 16_384, 32_768, 65_536, 131_072, 64, 128, 256,
        512);

    /** @throws ModelFormatException if the architecture is not known here, the file is no model, or it is only a part of a model */
    public static GgufConfig of(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        String word = metadata.requireText("general.architecture");
        if (metadata.text("general.type").filter(type -> !type.equals("model")).isPresent()) {
            throw metadata.fault("general.type", "is not supported; model is.");
        }
        if (metadata.count("split.count").orElse(1) > 1) {
            throw metadata.fault("split.count", "is not supported: join the parts first, with llama-gguf-split --merge.");
        }
        return new GgufConfig(file, GgufArchitecture.named(word).orElseThrow(() -> metadata.fault("general.architecture",
            "is not supported; %s are.".formatted(String.join(", ", Arrays.stream(GgufArchitecture.values())
                .map(GgufArchitecture::word).toList())))));
    }

    /** The config.json of this model: the one that the file carries, else a translation of the file's keys. */
    public JsonFields fields() {
        Optional<String> own = file.metadata().text(OWN);
        String source = file.path() + (own.isPresent() ? ": " + OWN : "");
        return JsonFields.of(source, own.isPresent() ? StrictJson.parse(source, own.get().getBytes(StandardCharsets.UTF_8)) : json());
    }

    /** The file's keys, translated. */
    private ObjectNode json() {
        GgufMetadata metadata = file.metadata();
        metadata.keys().stream().filter(key -> key.startsWith(architecture.word() + ".")).forEach(key -> {
            String name = key.substring(architecture.word().length() + 1);
            Object value = metadata.values().get(key).value();
            boolean off = value.equals(0L) || value.equals(false) || value.equals(0.0);
            if (!READ.contains(name) && !HARMLESS.contains(name) && !off) {
                throw metadata.fault(key, "is not supported: it may change what the model computes.");
            }
        });
        ObjectNode json = architecture == GgufArchitecture.GPT2 ? gpt2() : llama();
        json.put("tie_word_embeddings", isTied());
        GgufKeys.begin(metadata).ifPresent(id -> json.put("bos_token_id", id));
        List<Integer> ends = GgufKeys.ends(metadata);
        if (ends.size() == 1) {
            json.put("eos_token_id", ends.get(0));
        } else if (!ends.isEmpty()) {
            ends.forEach(json.putArray("eos_token_id")::add);
        }
        return json;
    }

    private boolean isTied() {
        return !file.tensors().containsKey(GgufArchitecture.OUTPUT)
            || architecture.has(GgufArchitecture.Trait.ALWAYS_OUTPUT) && GgufWeights.outputIsEmbedding(file);
    }

    private String key(String name) {
        return architecture.word() + "." + name;
    }

    private int count(String name) {
        return file.metadata().requireCount(key(name));
    }

    private Optional<Double> real(String name) {
        return file.metadata().real(key(name));
    }

    /** A count, or nothing if the key is missing or 0, which llama.cpp takes as not set. */
    private Optional<Integer> positive(String name) {
        return file.metadata().count(key(name)).stream().filter(count -> count > 0).boxed().findFirst();
    }

    /** A factor, or {@code unset} if the key is missing or 0, which llama.cpp takes as not set. */
    private double scale(String name, double unset) {
        return real(name).filter(factor -> factor != 0).orElse(unset);
    }

    private long vocabSize() {
        return file.tensor(GgufArchitecture.EMBEDDING).shape().get(0);
    }

    private boolean hasTensor(String name) {
        return file.tensors().containsKey(name);
    }

    private ObjectNode gpt2() {
        ObjectNode json = JSON.objectNode().put("model_type", "gpt2").put("vocab_size", vocabSize()).put("n_layer", count("block_count"))
            .put("n_head", count("attention.head_count")).put("n_embd", count("embedding_length"))
            .put("n_positions", count("context_length")).put("n_inner", count("feed_forward_length"))
            .put("activation_function", "gelu_new").put("resid_pdrop", 0.0);
        real("attention.layer_norm_epsilon").ifPresent(eps -> json.put("layer_norm_epsilon", eps));
        return json;
    }

    /** Translates the keys of every family but GPT-2: first those that Llama and similar families share, then the family's own. */
    private ObjectNode llama() {
        GgufMetadata metadata = file.metadata();
        int heads = count("attention.head_count");
        int headSize = metadata.count(key("attention.key_length")).orElse(heads > 0 ? count("embedding_length") / heads : 0);
        if (metadata.count(key("attention.value_length")).orElse(headSize) != headSize) {
            throw metadata.fault(key("attention.value_length"), "is not supported: it must be the length of keys, %d.".formatted(headSize));
        }
        ObjectNode json = JSON.objectNode().put("model_type", familyType()).put("vocab_size", vocabSize())
            .put("num_hidden_layers", count("block_count")).put("hidden_size", count("embedding_length"))
            .put("intermediate_size", count("feed_forward_length")).put("max_position_embeddings", count("context_length"))
            .put("num_attention_heads", heads);
        metadata.count(key("attention.head_count_kv")).ifPresent(kv -> putUnlessNeox(json, "num_key_value_heads", kv));
        if (writesHeadSize()) {
            json.put("head_dim", headSize);
        }
        json.put(metadata.has(key("attention.layer_norm_epsilon")) ? "layer_norm_eps" : "rms_norm_eps",
            real("attention.layer_norm_epsilon").or(() -> real("attention.layer_norm_rms_epsilon")).orElse(1e-5));
        json.put("rope_theta", theta());
        scaling(json, metadata.count(key("rope.dimension_count")).orElse(headSize));
        biases(json);
        own(json, headSize, metadata.count(key("rope.dimension_count")).orElse(headSize));
        return json;
    }

    private double theta() {
        double theta = real("rope.freq_base").orElse(10_000.0);
        if (!Double.isFinite(theta) || theta <= 1) {
            throw file.metadata().fault(key("rope.freq_base"), "must be a number above 1.");
        }
        return theta;
    }

    private String familyType() {
        return switch (architecture) {
            case GEMMA3 -> "gemma3_text";
            case GPT_NEOX -> "gpt_neox";
            case GPT2, LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, GEMMA2, PHI3, GRANITE, OLMO2, STABLELM -> architecture.word();
        };
    }

    private void putUnlessNeox(ObjectNode json, String name, int value) {
        if (architecture != GgufArchitecture.GPT_NEOX) {
            json.put(name, value);
        }
    }

    /** Whether {@link #llama} writes {@code head_dim}: the other families do not know this key, and their heads are C / nh wide. */
    private boolean writesHeadSize() {
        return switch (architecture) {
            case LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, GEMMA2, GEMMA3, PHI3, GRANITE, OLMO2 -> true;
            case GPT2, GPT_NEOX, STABLELM -> false;
        };
    }

    private void biases(ObjectNode json) {
        boolean queries = hasTensor("blk.0.attn_q.bias") || hasTensor("blk.0.attn_qkv.bias");
        switch (architecture) {
            case LLAMA, GRANITE -> {
                json.put("attention_bias", queries || hasTensor("blk.0.attn_output.bias"));
                json.put("mlp_bias", hasTensor("blk.0.ffn_up.bias"));
            }
            case GPT_NEOX -> json.put("attention_bias", queries);
            case STABLELM -> json.put("use_qkv_bias", queries).put("qk_layernorm", hasTensor("blk.0.attn_q_norm.weight"));
            case GPT2, QWEN2, QWEN3, SMOLLM3, GEMMA, GEMMA2, GEMMA3, PHI3, OLMO2 -> { }
        }
    }

    private void scaling(ObjectNode json, int channels) {
        GgufMetadata metadata = file.metadata();
        String type = metadata.text(key("rope.scaling.type")).orElse("linear");     // llama.cpp's default
        Optional<Double> factor = real("rope.scaling.factor").or(() -> real("rope.scale_linear")).filter(f -> f != 0 && f != 1);
        if (hasTensor(GgufSettings.ROPE_FREQUENCIES)) {
            RopeConfig.Llama3Scaling llama3 = llama3(json.path("rope_theta").doubleValue(), channels);
            json.putObject("rope_scaling").put("rope_type", "llama3").put("factor", llama3.factor())
                .put("low_freq_factor", llama3.lowFreqFactor()).put("high_freq_factor", llama3.highFreqFactor())
                .put("original_max_position_embeddings", llama3.originalContextLength());
        } else if (hasTensor(GgufSettings.SHORT_FACTORS)) {
            ObjectNode scaling = json.putObject("rope_scaling").put("type", "longrope");
            real("rope.scaling.attn_factor").ifPresent(magnitude -> scaling.put("attention_factor", magnitude));
            for (String name : List.of("short_factor", "long_factor")) {
                ArrayNode factors = scaling.putArray(name);
                for (float each : floats(name.equals("short_factor") ? GgufSettings.SHORT_FACTORS : GgufSettings.LONG_FACTORS)) {
                    factors.add(Double.parseDouble(Float.toString(each)));
                }
            }
            json.put("original_max_position_embeddings",
                positive("rope.scaling.original_context_length").orElse(count("context_length")));
        } else if (!List.of("none", "linear", "longrope").contains(type)) {
            throw metadata.fault(key("rope.scaling.type"), "is not supported; none, linear and longrope are.");
        } else if (!type.equals("none") && factor.isPresent()) {
            json.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor.get());
        }
    }

    /**
     * The scaling that gives the file's factors. It is found by trying {@link #LLAMA3_CONTEXTS}, with the low and high factors that Llama 3
     * usually has, 1 and 4.
     */
    private RopeConfig.Llama3Scaling llama3(double theta, int channels) {
        float[] stored = floats(GgufSettings.ROPE_FREQUENCIES);
        float most = 1;
        for (float factor : stored) {
            most = Math.max(most, factor);
        }
        for (int context : Float.isFinite(most) ? LLAMA3_CONTEXTS : List.<Integer>of()) {
            RopeConfig.Llama3Scaling guess = new RopeConfig.Llama3Scaling(Double.parseDouble(Float.toString(most)), 1, 4, context);
            if (alike(stored, GgufSettings.factors(new RopeConfig(theta, Optional.of(guess)), channels))) {
                return guess;
            }
        }
        throw new ModelFormatException(("%s: %s are not the factors that Llama 3's scaling gives, and Inkling knows no other scaling"
            + " here. Take the model's safetensors files instead.").formatted(file.path(), GgufSettings.ROPE_FREQUENCIES));
    }

    private static boolean alike(float[] stored, float[] expected) {
        boolean alike = stored.length == expected.length;
        for (int i = 0; alike && i < stored.length; i++) {
            alike = Math.abs(stored[i] - expected[i]) <= 1e-4f * expected[i];
        }
        return alike;
    }

    private float[] floats(String name) {
        long elements = file.tensor(name).elements();
        if (elements > 1 << 16) {
            throw new ModelFormatException("%s: %s has %d numbers; at most %d are read.".formatted(file.path(), name, elements, 1 << 16));
        }
        float[] values = new float[(int) elements];
        file.readFloats(name, 0, FloatBuffer.wrap(values));
        return values;
    }

    /**
     * Adds the keys that only some families have.
     *
     * @param rotary how many channels of each head are rotated (RoPE)
     */
    private void own(ObjectNode json, int headSize, int rotary) {
        GgufMetadata metadata = file.metadata();
        double part = headSize > 0 ? (double) rotary / headSize : 1;
        double exact = (int) (headSize * part) == rotary ? part : Math.nextUp(part);    // the family's reader rounds headSize · part down
        switch (architecture) {
            case GEMMA2 -> {
                json.put("query_pre_attn_scalar", headSize).put("sliding_window", count("attention.sliding_window"));
                json.put("attn_logit_softcapping", real("attn_logit_softcapping").orElse(50.0));
                json.put("final_logit_softcapping", real("final_logit_softcapping").orElse(30.0));
            }
            case GEMMA3 -> json.put("query_pre_attn_scalar", headSize).put("sliding_window", count("attention.sliding_window"))
                .put("sliding_window_pattern", GgufSettings.GEMMA3_PATTERN).put("rope_local_base_freq", GgufSettings.GEMMA3_LOCAL_THETA);
            case PHI3 -> {
                json.put("partial_rotary_factor", exact);
                positive("attention.sliding_window").ifPresent(window -> json.put("sliding_window", window));
            }
            case STABLELM -> json.put("partial_rotary_factor", exact)
                .put("use_parallel_residual", !hasTensor("blk.0.ffn_norm.weight"));
            case GPT_NEOX -> json.put("rotary_pct", exact).put("hidden_act", "gelu")
                .put("use_parallel_residual", metadata.flag(key("use_parallel_residual")).orElse(true));
            case GRANITE -> json.put("attention_multiplier", scale("attention.scale", 1 / Math.sqrt(headSize)))
                .put("embedding_multiplier", scale("embedding_scale", 1)).put("residual_multiplier", scale("residual_scale", 1))
                .put("logits_scaling", scale("logit_scale", 1));
            case GPT2, LLAMA, QWEN2, QWEN3, SMOLLM3, GEMMA, OLMO2 -> {
                if (rotary != headSize && architecture != GgufArchitecture.GPT2) {
                    throw metadata.fault(key("rope.dimension_count"), "is not supported; it must be the head size %d.".formatted(headSize));
                }
            }
        }
    }
}
