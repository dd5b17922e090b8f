package inkling.formats.family;

import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.TensorInfo;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tensors that other programs store beside the weights although the configuration determines them: rotary frequencies and tables, causal
 * masks, position numbers. They change nothing here, so they must be what the configuration gives: where they are not, the weights
 * were made with another one.
 */
public record StoredConstants(GptConfig config) {
    private static final String STRANGER = "%s %s is not part of this architecture";
    private static final long MOST_ELEMENTS = 1 << 28;
    private static final double ROUNDED = 0x1p-8;          // relative, of a number that was once BF16
    private static final double SUBNORMAL = 0x1p-24;       // absolute, of a small one that was once F16
    private static final double MASKED = -9_900;           // -10,000 in BF16 is -9,984; other programs take larger ones, or infinity

    /** What is wrong with a tensor that is none of the weights; empty where it is such a constant, and right. */
    public Optional<String> fault(String name, SafetensorsFile file) {
        TensorInfo tensor = file.tensor(name);
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (tensor.elements() == 0 || tensor.elements() > MOST_ELEMENTS) {
            return stranger(tensor);
        }
        return switch (last) {
            case "inv_freq", "original_inv_freq" -> frequencies(tensor, file.numbers(name));
            case "cos_cached" -> table(tensor, file.numbers(name), Math::cos);
            case "sin_cached" -> table(tensor, file.numbers(name), Math::sin);
            case "position_ids" -> positions(tensor, file.numbers(name));
            case "masked_bias" -> tensor.elements() == 1 ? maskedScore(tensor, file.numbers(name).applyAsDouble(0)) : stranger(tensor);
            case "bias", "tril", "mask", "causal_mask" -> isSquare(tensor.shape())
                ? mask(tensor, file.numbers(name), last) : stranger(tensor);
            default -> stranger(tensor);
        };
    }

    private static Optional<String> stranger(TensorInfo tensor) {
        return Optional.of(STRANGER.formatted(tensor.name(), tensor.shapeText()));
    }

    /** How fast pairs turn: as a rope of the configuration says, or before its scaling, since some programs scale positions instead. */
    private record Turn(RopeConfig rope, int channels, boolean scaled) {
        double frequency(int pair) {
            double base = Math.pow(rope.theta(), -2.0 * pair / channels);
            return scaled ? rope.scaling().map(scaling -> scaling.frequency(base, pair)).orElse(base) : base;
        }

        double magnitude() {
            return scaled ? rope.scaling().map(RopeConfig.Scaling::magnitude).orElse(1.0) : 1;
        }
    }

    /** The first is the one to be named; empty where nothing is turned. */
    private List<Turn> turns() {
        List<RopeConfig> ropes = IntStream.range(0, config.nLayer()).mapToObj(config::rope).flatMap(Optional::stream).distinct().toList();
        return ropes.stream().flatMap(rope -> Stream.of(true, false)
            .map(scaled -> new Turn(rope, config.attention().rotaryChannels(), scaled))).toList();
    }

    private Optional<String> frequencies(TensorInfo tensor, IntToDoubleFunction stored) {
        if (turns().isEmpty() || tensor.elements() != config.attention().rotaryChannels() / 2) {
            return stranger(tensor);
        }
        return unlike(tensor, turn -> pair -> {
            double right = turn.frequency(pair);
            return Math.abs(stored.applyAsDouble(pair) - right) <= ROUNDED * right + SUBNORMAL;
        }).map(pair -> otherSetting(tensor.name() + "[" + pair + "]", stored.applyAsDouble(pair), turns().get(0).frequency(pair), tensor));
    }

    /** (…, positions, channels), both halves alike; an angle may have been made from a rounded frequency. */
    private Optional<String> table(TensorInfo tensor, IntToDoubleFunction stored, DoubleUnaryOperator function) {
        List<Long> shape = tensor.shape();
        int channels = config.attention().rotaryChannels();
        if (turns().isEmpty() || shape.size() < 2 || shape.get(shape.size() - 1) != channels
            || tensor.elements() != shape.get(shape.size() - 2) * channels) {
            return stranger(tensor);
        }
        return unlike(tensor, turn -> i -> {
            double angle = i / channels * turn.frequency(i % channels % (channels / 2));
            double right = turn.magnitude() * function.applyAsDouble(angle);
            return Math.abs(stored.applyAsDouble(i) - right) <= ROUNDED * (1 + angle) * turn.magnitude();
        }).map(i -> {
            Turn turn = turns().get(0);
            double right = turn.magnitude() * function.applyAsDouble(i / channels * turn.frequency(i % channels % (channels / 2)));
            String place = "%s at position %d, channel %d".formatted(tensor.name(), i / channels, i % channels);
            return otherSetting(place, stored.applyAsDouble(i), right, tensor);
        });
    }

    /** The first element that is not as the first turn has it; empty where all are as one of the turns has them. */
    private Optional<Integer> unlike(TensorInfo tensor, Function<Turn, IntPredicate> alike) {
        IntStream.Builder first = IntStream.builder();
        for (Turn turn : turns()) {
            OptionalInt other = IntStream.range(0, (int) tensor.elements()).filter(alike.apply(turn).negate()).findFirst();
            if (other.isEmpty()) {
                return Optional.empty();
            }
            first.add(other.getAsInt());
        }
        return first.build().boxed().findFirst();
    }

    private static String otherSetting(String place, double stored, double right, TensorInfo tensor) {
        return ("%s is %s, but rope_theta and the scaling of config.json give %s: the weights were made with another setting. Set that one,"
            + " or save the model again without %s.").formatted(place, (float) stored, (float) right, tensor.name());
    }

    private static Optional<String> positions(TensorInfo tensor, IntToDoubleFunction stored) {
        List<Long> shape = tensor.shape();
        if (!shape.isEmpty() && tensor.elements() != shape.get(shape.size() - 1)) {
            return stranger(tensor);
        }
        for (int i = 0; i < tensor.elements(); i++) {
            if (stored.applyAsDouble(i) != i) {
                return Optional.of("%s[%d] is %s, expected %d: positions are counted from 0 here"
                    .formatted(tensor.name(), i, stored.applyAsDouble(i), i));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> maskedScore(TensorInfo tensor, double score) {
        return score <= MASKED ? Optional.empty() : Optional.of(("%s is %s: a masked score must be so low that nothing of it is left,"
            + " -10000 or below").formatted(tensor.name(), score));
    }

    /** (n, n), or that behind ones. */
    private static boolean isSquare(List<Long> shape) {
        int n = shape.size();
        return n >= 2 && shape.get(n - 1).equals(shape.get(n - 2)) && shape.subList(0, n - 2).stream().allMatch(size -> size == 1);
    }

    /**
     * Each position sees itself and all before it: 1 there and 0 elsewhere, as {@code bias} and {@code tril} say it; the other two may also
     * say what is hidden, or what is added to a score.
     */
    private static Optional<String> mask(TensorInfo tensor, IntToDoubleFunction stored, String last) {
        int n = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 1));
        boolean shown = last.equals("bias") || last.equals("tril") || stored.applyAsDouble(0) == 1;
        for (int at = 0; at < n * n; at++) {
            double value = stored.applyAsDouble(at);
            boolean seen = at % n <= at / n;
            boolean right = shown ? value == (seen ? 1 : 0) : seen ? value == 0 : value == 1 || value <= MASKED;
            if (!right) {
                return Optional.of(("%s is no causal mask: %s at row %d, column %d. Attention here reaches from every position to all"
                    + " before it, and to no other.").formatted(tensor.name(), value, at / n, at % n));
            }
        }
        return Optional.empty();
    }
}
