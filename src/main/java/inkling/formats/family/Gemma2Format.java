package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerRope;
import inkling.model.config.NormPlacement;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Gemma 2: Gemma with norms before and after attention and MLP, and caps on scores and logits. config.json gives the scale of the scores.
 * Every other layer, beginning with the first, has a window, unless {@code layer_types} names others.
 * Source: Transformers' {@code configuration_gemma2.py} and {@code modeling_gemma2.py}.
 */
public final class Gemma2Format extends GemmaFormat {
    static final String SCALE = "query_pre_attn_scalar";
    static final String SCORE_CAP = "attn_logit_softcapping";
    static final String LOGIT_CAP = "final_logit_softcapping";

    public Gemma2Format() {
        super("gemma2", "Gemma2ForCausalLM", Set.of(SCALE, SCORE_CAP, LOGIT_CAP, "sliding_window", "sliding_window_size"));
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        OptionalInt window = LayerTypes.windowOr(fields, 4096);
        if (fields.has("sliding_window_size") && !OptionalInt.of(fields.requireInt("sliding_window_size")).equals(window)) {
            throw fields.fault("sliding_window_size", "is another name of sliding_window, and must be the same.");
        }
        return sandwich(fields, gemma(llama), Optional.of(50.0), Optional.of(30.0))
            .with(o -> o.layers(LayerTypes.read(fields, window, block -> block % 2 == 0, LayerRope.MAIN)));
    }

    /** The options that Gemma 2 and 3 share. {@code scoreCap} and {@code logitCap} are the caps if config.json lacks their keys. */
    static GptOptions sandwich(JsonFields fields, GptOptions gemma, Optional<Double> scoreCap, Optional<Double> logitCap) {
        double scalar = fields.optionalDouble(SCALE).orElse(256);
        return gemma.with(o -> o.normPlacement(NormPlacement.SANDWICH).attentionScale(scale(scalar))
            .scoreCap(cap(fields, SCORE_CAP, scoreCap)).logitCap(cap(fields, LOGIT_CAP, logitCap)));
    }

    private static double scale(double scalar) {
        return 1 / Math.sqrt(scalar);
    }

    /** The cap that {@code key} gives. A null means no cap; if the key is missing, the cap is {@code usual}. */
    private static Optional<Double> cap(JsonFields fields, String key, Optional<Double> usual) {
        return fields.has(key) ? Optional.of(fields.requireDouble(key)) : fields.node().has(key) ? Optional.empty() : usual;
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        super.writeOwn(config, node);
        writeSandwich(config, node);
        LayerTypes.writeWindow(node, config);
        LayerTypes.writeTypes(node, config);
    }

    static void writeSandwich(GptConfig config, ObjectNode node) {
        double scale = config.attention().scale();
        node.put(SCALE, ShortestNumber.of(1 / (scale * scale), scale, Gemma2Format::scale));
        writeCap(node, SCORE_CAP, config.attention().scoreCap());
        writeCap(node, LOGIT_CAP, config.scales().logitCap());
    }

    private static void writeCap(ObjectNode node, String key, double cap) {
        if (Double.isInfinite(cap)) {
            node.putNull(key);
        } else {
            node.put(key, cap);
        }
    }
}
