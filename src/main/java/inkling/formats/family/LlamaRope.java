package inkling.formats.family;

import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rotary settings of a Llama config.json: {@code rope_theta} and {@code rope_scaling}, or both in one {@code rope_parameters}, as
 * Transformers 5 writes, or the theta inside {@code rope_scaling}, where Transformers 5 finds it and 4 does not. What is said twice must be
 * said alike.
 */
final class LlamaRope {
    static final String LLAMA3 = "llama3";
    private static final String THETA = "rope_theta";
    private static final String PART = "partial_rotary_factor";

    private LlamaRope() {}

    /** @throws ModelFormatException naming a setting that is not supported, or two that differ */
    static RopeConfig read(JsonFields config) {
        requireAllChannels(config);
        Optional<JsonFields> scaling = config.optionalObject("rope_scaling").filter(s -> !s.names().isEmpty());
        Optional<JsonFields> parameters = config.optionalObject("rope_parameters").filter(p -> !p.names().isEmpty());
        if (scaling.isPresent() && parameters.isPresent() && !scaling.get().node().equals(parameters.get().node())) {
            throw config.fault("rope_scaling", "and rope_parameters differ: leave out the one that the weights were not made with.");
        }
        Optional<JsonFields> settings = parameters.or(() -> scaling);
        return new RopeConfig(theta(config, settings), settings.flatMap(LlamaRope::scaling));
    }

    private static double theta(JsonFields config, Optional<JsonFields> settings) {
        List<JsonFields> places = new ArrayList<>(List.of(config));
        settings.ifPresent(places::add);
        places.removeIf(place -> !place.has(THETA));
        if (places.size() > 1 && places.get(0).requireDouble(THETA) != places.get(1).requireDouble(THETA)) {
            throw config.fault(THETA, "is not what the rotary settings say: %s. Leave out the one that the weights were not made with."
                .formatted(places.get(1).said(THETA)));
        }
        return places.isEmpty() ? 10_000 : places.get(0).requireDouble(THETA);
    }

    private static void requireAllChannels(JsonFields fields) {
        if (fields.optionalDouble(PART).orElse(1) != 1) {
            throw fields.fault(PART, "is not supported; it must be 1.");
        }
    }

    private static Optional<RopeConfig.Scaling> scaling(JsonFields fields) {
        requireAllChannels(fields);
        String key = fields.has("rope_type") ? "rope_type" : "type";
        String type = fields.optionalString(key).orElse("default");
        if (!fields.optionalString("type").orElse(type).equals(type)) {
            throw fields.fault("type", "is not what %s says.".formatted(fields.said(key)));
        }
        return switch (type) {
            case "default" -> {
                new KnownKeys(Set.of("rope_type", "type", THETA, PART), Set.of()).check(fields);
                yield Optional.empty();
            }
            case LLAMA3 -> {
                new KnownKeys(Set.of("rope_type", "type", THETA, PART, "factor", "low_freq_factor", "high_freq_factor",
                    "original_max_position_embeddings"), Set.of()).check(fields);
                yield Optional.of(new RopeConfig.Llama3Scaling(fields.requireDouble("factor"), fields.requireDouble("low_freq_factor"),
                    fields.requireDouble("high_freq_factor"), fields.requireInt("original_max_position_embeddings")));
            }
            default -> throw fields.fault(key, "is not supported; default and llama3 are.");
        };
    }
}
