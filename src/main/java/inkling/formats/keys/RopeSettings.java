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
 * The rotary settings of a config.json: theta (the base of the wavelengths) and a scaling. They have one of three forms:
 * <ul>
 * <li>theta beside {@code rope_scaling}</li>
 * <li>{@code rope_parameters} with theta and scaling inside, which Transformers 5 writes</li>
 * <li>{@code rope_scaling} with theta inside, which Transformers 5 reads and Transformers 4 does not</li>
 * </ul>
 * If a value is in two places, both must be equal.
 *
 * @param thetaKey the family's key for theta outside of {@code settings}
 * @param usualTheta theta if config.json names none
 * @param settings {@code rope_parameters} or its part for one kind of layers, else {@code rope_scaling}; empty if both are missing or empty
 */
public record RopeSettings(JsonFields config, String thetaKey, double usualTheta, Optional<JsonFields> settings) {
    private static final String THETA = "rope_theta";
    private static final String PART = "partial_rotary_factor";
    private static final String PARAMETERS = "rope_parameters";
    private static final String SCALING = "rope_scaling";
    private static final String ORIGINAL = "original_max_position_embeddings";
    /** The keys that settings of every type may have. */
    private static final Set<String> ALWAYS = Set.of("rope_type", "type", THETA, PART);

    /** The settings if config.json does not tell kinds of layers apart. */
    public static RopeSettings of(JsonFields config, String thetaKey, double usualTheta) {
        return new RopeSettings(config, thetaKey, usualTheta, settings(config));
    }

    private static Optional<JsonFields> settings(JsonFields config) {
        Optional<JsonFields> scaling = config.optionalObject(SCALING).filter(s -> !s.names().isEmpty());
        Optional<JsonFields> parameters = config.optionalObject(PARAMETERS).filter(p -> !p.names().isEmpty());
        if (scaling.isPresent() && parameters.isPresent() && !scaling.get().node().equals(parameters.get().node())) {
            throw config.fault(SCALING, "and rope_parameters differ: leave out the one that the weights were not made with.");
        }
        return parameters.or(() -> scaling);
    }

    /** The settings of the layers of one kind, e.g. {@code full_attention}; empty if {@code rope_parameters} has none for that kind. */
    public static Optional<RopeSettings> ofLayers(String kind, JsonFields config, String thetaKey, double usualTheta) {
        Optional<JsonFields> all = settings(config).filter(s -> config.has(PARAMETERS) && s.has(kind));
        all.ifPresent(kinds -> kinds.rejectUnknown(LayerTypes.KINDS));
        Optional<JsonFields> nested = all.map(kinds -> kinds.requireObject(kind));
        return nested.map(settings -> new RopeSettings(config, thetaKey, usualTheta, nested));
    }

    /**
     * Theta and scaling, for a family whose rope turns all channels of a head.
     *
     * @throws ModelFormatException if a setting is not supported, or two places differ
     */
    public RopeConfig rope() {
        if (part(PART, 1) != 1) {
            throw places(PART).get(0).fault(PART, "is not supported; it must be 1.");
        }
        return partial();
    }

    /** Theta and scaling, for a family whose rope may turn a part of a head ({@link #channels}). */
    public RopeConfig partial() {
        return new RopeConfig(theta(), settings.flatMap(RopeSettings::scaling));
    }

    /**
     * The fraction of a head's channels that rope turns. Outside of {@link #settings}, the family calls this fraction {@code key}. Beside
     * that, a file may also have the fraction under its usual name, as Transformers 4 writes it for GPT-NeoX.
     */
    double part(String key, double usual) {
        Optional<Double> inside = settings.filter(s -> s.has(PART)).map(s -> s.requireDouble(PART));
        Optional<Double> outside = config.has(key) ? Optional.of(config.requireDouble(key)) : Optional.empty();
        if (inside.isPresent() && outside.isPresent() && !inside.equals(outside)) {
            throw config.fault(key, "is not what the rotary settings say: %s.".formatted(settings.get().said(PART)));
        }
        double part = inside.or(() -> outside).orElse(usual);
        if (config.has(PART) && config.requireDouble(PART) != part) {
            throw config.fault(PART, "is another name of %s, which is %s here. Both must be the same.".formatted(key, part));
        }
        return part;
    }

    /** How many channels of a head are turned: {@code headSize} times {@link #part}, rounded down as in Transformers. */
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
                requireKnown(fields, Set.of());
                yield Optional.empty();
            }
            case "linear" -> {
                requireKnown(fields, Set.of("factor"));
                yield Optional.of(new RopeConfig.LinearScaling(fields.requireDouble("factor")));
            }
            case "llama3" -> {
                requireKnown(fields, Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL));
                yield Optional.of(new RopeConfig.Llama3Scaling(fields.requireDouble("factor"), fields.requireDouble("low_freq_factor"),
                    fields.requireDouble("high_freq_factor"), fields.requireInt(ORIGINAL)));
            }
            default -> throw fields.fault(typeKey(fields), "is not supported; default, linear and llama3 are.");
        };
    }

    private static void requireKnown(JsonFields fields, Set<String> more) {
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

    /** Whether each wavelength has a factor of its own, as in Phi-3; {@code su} is the older name of this scaling. */
    public boolean isLongRope() {
        return settings.map(RopeSettings::type).filter(type -> type.equals("longrope") || type.equals("su")).isPresent();
    }

    /**
     * The context, in tokens, that a model with LongRoPE ({@link #isLongRope}) was first trained with; {@code usual} if no key names it.
     * The short factors hold within this context.
     */
    public int originalContext(int usual) {
        List<JsonFields> places = places(ORIGINAL);
        if (places.size() > 1 && places.get(0).requireInt(ORIGINAL) != places.get(1).requireInt(ORIGINAL)) {
            throw config.fault(ORIGINAL, "is not what the rotary settings say: %s.".formatted(places.get(1).said(ORIGINAL)));
        }
        return places.isEmpty() ? usual : places.get(0).requireInt(ORIGINAL);
    }

    /**
     * The rope of a model with LongRoPE, for texts within the original context: {@code short_factor} stretches the wavelengths.
     * {@code long_factor}, for longer texts, is not read.
     *
     * @param context the longest context of the model, in tokens
     * @param original the context that the model was first trained with, in tokens
     */
    public RopeConfig longRope(int context, int original) {
        JsonFields fields = settings.orElseThrow();
        requireKnown(fields, Set.of("short_factor", "long_factor", "factor", "attention_factor", ORIGINAL));
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

    /** The fraction of a head that rope turns, such that {@link #channels} gives the same number of channels again. */
    public static double part(AttentionConfig attention) {
        double part = (double) attention.rotaryChannels() / attention.headSize();
        return (int) (attention.headSize() * part) == attention.rotaryChannels() ? part : Math.nextUp(part);
    }

    /**
     * Writes {@code rope_theta} and {@code rope_scaling}, which Transformers 4 and 5 read. Phi-3's format writes LongRoPE.
     */
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
