package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gemma 1, and what Gemma 2 and 3 keep of it. Norms multiply by 1 + w, and token vectors are multiplied by √C. The MLP's gate is a tanh
 * GELU, and the unembedding is usually tied to the embedding.
 * Source: Transformers' {@code configuration_gemma.py} and {@code modeling_gemma.py}.
 */
public sealed class GemmaFormat extends LlamaKin permits Gemma2Format, Gemma3Format {
    private static final String ACTIVATION = "hidden_activation";
    private static final String TANH = "gelu_pytorch_tanh";

    public GemmaFormat() {
        this("gemma", "GemmaForCausalLM", Set.of());
    }

    GemmaFormat(String modelType, String architecture, Set<String> more) {
        super(modelType, architecture, with(more), Set.of("cache_implementation"));
    }

    private static Set<String> with(Set<String> more) {
        Set<String> keys = new HashSet<>(Set.of("num_key_value_heads", "head_dim", "attention_bias", "rms_norm_eps", ACTIVATION));
        keys.addAll(more);
        return keys;
    }

    @Override
    boolean usuallyTied() {
        return true;
    }

    @Override
    Optional<Integer> usualHeadSize() {
        return Optional.of(256);
    }

    /** Gemma 1's files say {@code hidden_act: gelu}, which Transformers reads as the tanh form. */
    @Override
    final Activation activation(JsonFields fields) {
        if (!fields.optionalString(ACTIVATION).orElse(TANH).equals(TANH)) {
            throw fields.fault(ACTIVATION, "is not supported; %s is.".formatted(TANH));
        }
        if (!List.of("gelu", TANH).contains(fields.optionalString("hidden_act").orElse(TANH))) {
            throw fields.fault("hidden_act", "is not supported; %s is.".formatted(TANH));
        }
        return Activation.GEGLU_TANH;
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        return gemma(llama);
    }

    /** The options that all Gemmas share. */
    static GptOptions gemma(GptOptions llama) {
        return llama.with(o -> o.onePlusGain(true).embeddingScale(Math.sqrt(llama.nEmbd())));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        node.put("hidden_act", TANH).put(ACTIVATION, TANH);
    }
}
