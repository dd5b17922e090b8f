package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.formats.keys.RopeSettings;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Gemma 3 for text alone (270M, 1B): Gemma 2 with normalised queries and keys instead of caps. Usually, all layers but every sixth have a
 * window. Layers with a window have rotary positions of their own. Source: Transformers' {@code configuration_gemma3.py} and
 * {@code modeling_gemma3.py}.
 */
public final class Gemma3Format extends GemmaFormat {
    private static final String LOCAL_THETA = "rope_local_base_freq";
    private static final String PATTERN = "sliding_window_pattern";
    private static final String SAVED_PATTERN = "_sliding_window_pattern";
    private static final double USUAL_LOCAL_THETA = 10_000;

    public Gemma3Format() {
        super("gemma3_text", "Gemma3ForCausalLM", Set.of(Gemma2Format.SCALE, Gemma2Format.SCORE_CAP, Gemma2Format.LOGIT_CAP,
            "sliding_window", LOCAL_THETA, PATTERN, SAVED_PATTERN));
    }

    @Override
    double usualTheta() {
        return 1_000_000;
    }

    @Override
    RopeConfig rope(JsonFields fields) {
        return RopeSettings.ofLayers(LayerTypes.FULL, fields, THETA, usualTheta()).map(RopeSettings::rope)
            .orElseGet(() -> super.rope(fields));
    }

    /** The rotary positions of layers with a window. Only Transformers 5's {@code rope_parameters} can scale them. */
    private static RopeConfig localRope(JsonFields fields) {
        return RopeSettings.ofLayers(LayerTypes.SLIDING, fields, LOCAL_THETA, USUAL_LOCAL_THETA).map(RopeSettings::rope)
            .orElseGet(() -> new RopeConfig(fields.optionalDouble(LOCAL_THETA).orElse(USUAL_LOCAL_THETA), Optional.empty()));
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        int pattern = fields.optionalInt(PATTERN).orElse(fields.optionalInt(SAVED_PATTERN).orElse(6));
        if (fields.optionalInt(SAVED_PATTERN).orElse(pattern) != pattern) {
            throw fields.fault(SAVED_PATTERN, "is another name of %s, and must be the same.".formatted(fields.said(PATTERN)));
        }
        if (pattern < 1) {
            throw fields.fault(PATTERN, "must be positive.");
        }
        OptionalInt window = LayerTypes.windowOr(fields, 4096);
        List<LayerConfig> layers = LayerTypes.read(fields, window, block -> (block + 1) % pattern != 0, LayerRope.LOCAL);
        return Gemma2Format.sandwich(fields, gemma(llama), Optional.empty(), Optional.empty())
            .with(o -> o.qkNorm(QkNorm.HEAD).layers(layers).localRope(localRope(fields)));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        super.writeOwn(config, node);
        Gemma2Format.writeSandwich(config, node);
        node.put(LOCAL_THETA, config.localRope().theta());
        LayerTypes.writeWindow(node, config);
        LayerTypes.writeTypes(node, config);
        IntStream.range(0, config.nLayer()).filter(block -> !LayerTypes.slides(config, block)).findFirst()
            .ifPresent(full -> node.put(PATTERN, full + 1));
    }
}
