package inkling.formats.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.model.config.AttentionConfig;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rotary settings of a config.json: theta and {@code rope_scaling}, or both in one {@code rope_parameters}, as Transformers 5 writes,
 * or theta inside {@code rope_scaling}, where Transformers 5 finds it and 4 does not. What is said twice must be said alike.
 *
 * @param thetaKey what the family calls theta outside of the settings
 * @param usualTheta theta where none is said
 * @param settings {@code rope_scaling} or {@code rope_parameters}, where one is there
 */
public record RopeSettings(JsonFields config, String thetaKey, double usualTheta, Optional<JsonFields> settings) {
    private static final String THETA = "rope_theta";
    private static final String PART = "partial_rotary_factor";
    private static final String PARAMETERS = "rope_parameters";
    private static final String SCALING = "rope_scaling";
    private static final String ORIGINAL = "original_max_position_embeddings";
    /** What settings of every type may hold. */
    private static final Set<String> ALWAYS = Set.of("rope_type", "type", THETA, PART);

    /** Those of a model whose layers all turn alike. */
    public static RopeSettings of(JsonFields config, String thetaKey, double usualTheta) {
        Optional<JsonFields> scaling = config.optionalObject(SCALING).filter(s -> !s.names().isEmpty());
        Optional<JsonFields> parameters = config.optionalObject(PARAMETERS).filter(p -> !p.names().isEmpty());
        if (scaling.isPresent() && parameters.isPresent() && !scaling.get().node().equals(parameters.get().node())) {
            throw config.fault(SCALING, "and rope_parameters differ: leave out the one that the weights were not made with.");
        }
        return new RopeSettings(config, thetaKey, usualTheta, parameters.or(() -> scaling));
    }

    /** Those of the layers of one kind ({@code full_attention}); empty where {@code rope_parameters} does not tell kinds apart. */
    public static Optional<RopeSettings> ofLayers(String kind, JsonFields config, String thetaKey, double usualTheta) {
        Optional<JsonFields> nested = config.optionalObject(PARAMETERS).filter(p -> p.has(kind)).map(p -> p.requireObject(kind));
        nested.ifPresent(settings -> config.requireObject(PARAMETERS).rejectUnknown(LayerTypes.KINDS));
        return nested.map(settings -> new RopeSettings(config, thetaKey, usualTheta, nested));
    }

    /**
     * Of a family whose rope turns all channels of a head.
     *
     * @throws ModelFormatException naming what is not supported, or two that differ
     */
    public RopeConfig rope() {
        if (part(PART, 1) != 1) {
            throw places(PART).get(0).fault(PART, "is not supported; it must be 1.");
        }
        return partial();
    }

    /** As {@link #rope}, whatever part of a head is turned. */
    public RopeConfig partial() {
        return new RopeConfig(theta(), settings.flatMap(RopeSettings::scaling));
    }

    /** How much of a head is turned, wherever that is said; {@code key} is what the family calls it outside of the settings. */
    double part(String key, double usual) {
        Optional<Double> inside = settings.filter(s -> s.has(PART)).map(s -> s.requireDouble(PART));
        Optional<Double> outside = config.has(key) ? Optional.of(config.requireDouble(key)) : Optional.empty();
        if (inside.isPresent() && outside.isPresent() && !inside.equals(outside)) {
            throw config.fault(key, "is not what the rotary settings say: %s.".formatted(settings.get().said(PART)));
        }
        return inside.or(() -> outside).orElse(usual);
    }

    /** How many channels of a head of {@code headSize} that is: the factor's whole part of it, as in Transformers. */
    public int channels(String key, double usual, int headSize) {
        return (int) (headSize * part(key, usual));
    }

    private List<JsonFields> places(String key) {
        List<JsonFields> places = new ArrayList<>(List.of(config));
        settings.ifPresent(places::add);
        places.removeIf(place -> !place.has(key));
        return places;
    }

    double theta() {
        Optional<Double> inside = settings.filter(s -> s.has(THETA)).map(s -> s.requireDouble(THETA));
        Optional<Double> outside = config.has(thetaKey) ? Optional.of(config.requireDouble(thetaKey)) : Optional.empty();
        if (inside.isPresent() && outside.isPresent() && !inside.equals(outside)) {
            throw config.fault(thetaKey, "is not what the rotary settings say: %s. Leave out the one that the weights were not made with."
                .formatted(settings.get().said(THETA)));
        }
        return inside.or(() -> outside).orElse(usualTheta);
    }

    private static Optional<RopeConfig.Scaling> scaling(JsonFields fields) {
        return switch (type(fields)) {
            case "default" -> {
                known(fields, Set.of());
                yield Optional.empty();
            }
            case "linear" -> {
                known(fields, Set.of("factor"));
                yield Optional.of(new RopeConfig.LinearScaling(fields.requireDouble("factor")));
            }
            case "llama3" -> {
                known(fields, Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL));
                yield Optional.of(new RopeConfig.Llama3Scaling(fields.requireDouble("factor"), fields.requireDouble("low_freq_factor"),
                    fields.requireDouble("high_freq_factor"), fields.requireInt(ORIGINAL)));
            }
            default -> throw fields.fault(typeKey(fields), "is not supported; default, linear and llama3 are.");
        };
    }

    private static void known(JsonFields fields, Set<String> more) {
        Set<String> all = new HashSet<>(ALWAYS);
        all.addAll(more);
        new KnownKeys(all, Set.of()).check(fields);
    }

    private static String typeKey(JsonFields fields) {
        return fields.has("rope_type") ? "rope_type" : "type";
    }

    private static String type(JsonFields fields) {
        String type = fields.optionalString(typeKey(fields)).orElse("default");
        if (!fields.optionalString("type").orElse(type).equals(type)) {
            throw fields.fault("type", "is not what %s says.".formatted(fields.said(typeKey(fields))));
        }
        return type;
    }

    /** Whether wavelengths are stretched one by one, as Phi-3's; {@code su} is the older name. */
    public boolean isLongRope() {
        return settings.map(RopeSettings::type).filter(type -> type.equals("longrope") || type.equals("su")).isPresent();
    }

    /** The context that a model with {@link #isLongRope} was first trained with: within it the short factors hold. */
    public int originalContext(int usual) {
        List<JsonFields> places = places(ORIGINAL);
        if (places.size() > 1 && places.get(0).requireInt(ORIGINAL) != places.get(1).requireInt(ORIGINAL)) {
            throw config.fault(ORIGINAL, "is not what the rotary settings say: %s.".formatted(places.get(1).said(ORIGINAL)));
        }
        return places.isEmpty() ? usual : places.get(0).requireInt(ORIGINAL);
    }

    /**
     * The wavelengths of {@link #isLongRope} within the first context, by {@code short_factor}; {@code long_factor} holds beyond it.
     *
     * @param context as far as the model was stretched
     * @param original as far as it was first trained
     */
    public RopeConfig longRope(int context, int original) {
        JsonFields fields = settings.orElseThrow();
        known(fields, Set.of("short_factor", "long_factor", "factor", "attention_factor", ORIGINAL));
        List<Double> factors = new ArrayList<>();
        fields.requireArray("short_factor").forEach(factor -> {
            if (!factor.isNumber()) {
                throw fields.fault("short_factor", "must be numbers.");
            }
            factors.add(factor.doubleValue());
        });
        double magnitude = fields.has("attention_factor") ? fields.requireDouble("attention_factor")
            : RopeConfig.LongRopeScaling.magnitude(context, original);
        return new RopeConfig(theta(), Optional.of(new RopeConfig.LongRopeScaling(factors, magnitude)));
    }

    /** The factor from which the channels that rope turns follow again. */
    public static double part(AttentionConfig attention) {
        double part = (double) attention.rotaryChannels() / attention.headSize();
        return (int) (attention.headSize() * part) == attention.rotaryChannels() ? part : Math.nextUp(part);
    }

    /** The nearest to {@code rope} that can be expressed by {@code rope_theta} and {@code rope_scaling}, which every version reads. */
    public static void write(ObjectNode node, RopeConfig rope) {
        node.put(THETA, rope.theta());
        Optional<RopeConfig.Scaling> scaling = rope.scaling();
        if (scaling.isEmpty()) {
            node.putNull(SCALING);
        } else if (scaling.get() instanceof RopeConfig.LinearScaling linear) {
            node.putObject(SCALING).put("rope_type", "linear").put("factor", linear.factor());
        } else if (scaling.get() instanceof RopeConfig.Llama3Scaling s) {
            node.putObject(SCALING).put("rope_type", "llama3").put("factor", s.factor()).put("low_freq_factor", s.lowFreqFactor())
                .put("high_freq_factor", s.highFreqFactor()).put(ORIGINAL, s.originalContextLength());
        }
    }
}
