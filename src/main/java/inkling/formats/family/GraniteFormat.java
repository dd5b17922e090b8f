package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.Set;

/**
 * Granite 3: Llama with factors on token vectors, scores, residual branches and logits. Source: Transformers'
 * {@code configuration_granite.py} and {@code modeling_granite.py}.
 */
public final class GraniteFormat extends LlamaKin {
    private static final String EMBEDDING = "embedding_multiplier";
    private static final String SCORES = "attention_multiplier";
    private static final String RESIDUAL = "residual_multiplier";
    private static final String LOGITS = "logits_scaling";

    public GraniteFormat() {
        super("granite", "GraniteForCausalLM", Set.of("num_key_value_heads", "head_dim", "attention_bias", "mlp_bias", "rms_norm_eps",
            EMBEDDING, SCORES, RESIDUAL, LOGITS), Set.of());
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        return llama.with(o -> o.embeddingScale(fields.optionalDouble(EMBEDDING).orElse(1))
            .attentionScale(fields.optionalDouble(SCORES).orElse(1)).residualScale(fields.optionalDouble(RESIDUAL).orElse(1))
            .logitScale(inverse(fields.optionalDouble(LOGITS).orElse(1))));
    }

    /** Logits are divided by {@code logits_scaling}. */
    private static double inverse(double number) {
        return 1 / number;
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        double logit = config.scales().logit();
        node.put(EMBEDDING, config.scales().embedding()).put(SCORES, config.attention().scale()).put(RESIDUAL, config.scales().residual())
            .put(LOGITS, ShortestNumber.of(inverse(logit), logit, GraniteFormat::inverse));
    }
}
