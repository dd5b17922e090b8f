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
 * Checks tensors that other programs store beside the weights although the configuration determines them: rotary frequencies and tables,
 * causal masks and masked scores, position numbers. Inkling computes these itself. A stored constant must agree with the configuration: if
 * it does not, the weights were made with another configuration.
 */
public record StoredConstants(GptConfig config) {
    private static final String NOT_PART = "%s %s is not part of this architecture";
    private static final long MOST_ELEMENTS = 1 << 28;     // a mask of 16,384 positions; indices must fit into an int
    private static final double ROUNDED = 0x1p-8;          // relative error of a number that was once BF16
    private static final double SUBNORMAL = 0x1p-24;       // absolute error of a small number that was once F16
    private static final double MASKED = -9_900;           // -10,000 in BF16 is -9,984; other programs use lower values, or -infinity

    /** What is wrong with a tensor that is not one of the weights; empty if it is such a constant and agrees. */
    public Optional<String> fault(String name, SafetensorsFile file) {
        TensorInfo tensor = file.tensor(name);
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (tensor.elements() == 0 || tensor.elements() > MOST_ELEMENTS) {
            return notPart(tensor);
        }
        return switch (last) {
            case "inv_freq", "original_inv_freq" -> frequencies(tensor, file.numbers(name));
            case "cos_cached" -> table(tensor, file.numbers(name), Math::cos);
            case "sin_cached" -> table(tensor, file.numbers(name), Math::sin);
            case "position_ids" -> positions(tensor, file.numbers(name));
            case "masked_bias" -> tensor.elements() == 1 ? maskedScore(tensor, file.numbers(name).applyAsDouble(0)) : notPart(tensor);
            case "bias", "tril", "mask", "causal_mask" -> isSquare(tensor.shape())
                ? mask(tensor, file.numbers(name), last) : notPart(tensor);
            default -> notPart(tensor);
        };
    }

    private static Optional<String> notPart(TensorInfo tensor) {
        return Optional.of(NOT_PART.formatted(tensor.name(), tensor.shapeText()));
    }

    /**
     * How fast pairs of channels turn, with the scaling of {@code rope} or without: some programs scale positions instead of frequencies.
     */
    private record Rotation(RopeConfig rope, int channels, boolean scaled) {
        double frequency(int pair) {
            double base = Math.pow(rope.theta(), -2.0 * pair / channels);
            return scaled ? rope.scaling().map(scaling -> scaling.frequency(base, pair)).orElse(base) : base;
        }

        double magnitude() {
            return scaled ? rope.scaling().map(RopeConfig.Scaling::magnitude).orElse(1.0) : 1;
        }
    }

    /** All rotations that stored numbers may come from. Error messages compare with the first. Empty for a model without rope. */
    private List<Rotation> rotations() {
        List<RopeConfig> ropes = IntStream.range(0, config.nLayer()).mapToObj(config::rope).flatMap(Optional::stream).distinct().toList();
        return ropes.stream().flatMap(rope -> Stream.of(true, false)
            .map(scaled -> new Rotation(rope, config.attention().rotaryChannels(), scaled))).toList();
    }

    private Optional<String> frequencies(TensorInfo tensor, IntToDoubleFunction stored) {
        if (rotations().isEmpty() || tensor.elements() != config.attention().rotaryChannels() / 2) {
            return notPart(tensor);
        }
        return firstDifference(tensor, rotation -> pair -> {
            double right = rotation.frequency(pair);
            return Math.abs(stored.applyAsDouble(pair) - right) <= ROUNDED * right + SUBNORMAL;
        }).map(pair -> otherSetting(tensor.name() + "[" + pair + "]", stored.applyAsDouble(pair), rotations().get(0).frequency(pair),
            tensor));
    }

    /**
     * Checks a table (1, …, positions, channels) of cosines or sines; the second half of its channels repeats the first. The tolerance
     * grows with the angle, which may have been computed from a rounded frequency.
     */
    private Optional<String> table(TensorInfo tensor, IntToDoubleFunction stored, DoubleUnaryOperator function) {
        List<Long> shape = tensor.shape();
        int channels = config.attention().rotaryChannels();
        if (rotations().isEmpty() || shape.size() < 2 || shape.get(shape.size() - 1) != channels
            || tensor.elements() != shape.get(shape.size() - 2) * channels) {
            return notPart(tensor);
        }
        return firstDifference(tensor, rotation -> i -> {
            double angle = i / channels * rotation.frequency(i % channels % (channels / 2));
            double right = rotation.magnitude() * function.applyAsDouble(angle);
            return Math.abs(stored.applyAsDouble(i) - right) <= ROUNDED * (1 + angle) * rotation.magnitude();
        }).map(i -> {
            Rotation rotation = rotations().get(0);
            double right = rotation.magnitude() * function.applyAsDouble(i / channels * rotation.frequency(i % channels % (channels / 2)));
            String place = "%s at position %d, channel %d".formatted(tensor.name(), i / channels, i % channels);
            return otherSetting(place, stored.applyAsDouble(i), right, tensor);
        });
    }

    /** The first element that differs from the first rotation; empty if all elements are as one of the rotations gives them. */
    private Optional<Integer> firstDifference(TensorInfo tensor, Function<Rotation, IntPredicate> alike) {
        IntStream.Builder first = IntStream.builder();
        for (Rotation rotation : rotations()) {
            OptionalInt other = IntStream.range(0, (int) tensor.elements()).filter(alike.apply(rotation).negate()).findFirst();
            if (other.isEmpty()) {
                return Optional.empty();
            }
            first.add(other.getAsInt());
        }
        return first.build().boxed().findFirst();
    }

    private static String otherSetting(String place, double stored, double right, TensorInfo tensor) {
        return ("%s is %s, but rope_theta and the scaling of config.json give %s: the weights were made with another setting. Write"
            + " that setting in config.json, or save the model again without %s.")
            .formatted(place, (float) stored, (float) right, tensor.name());
    }

    private static Optional<String> positions(TensorInfo tensor, IntToDoubleFunction stored) {
        List<Long> shape = tensor.shape();
        if (!shape.isEmpty() && tensor.elements() != shape.get(shape.size() - 1)) {
            return notPart(tensor);
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
        return score <= MASKED ? Optional.empty() : Optional.of(("%s is %s: a masked score must be -10000 or below, so that its attention"
            + " weight becomes 0").formatted(tensor.name(), score));
    }

    /** Whether a shape is (n, n), perhaps after ones: (1, 1, n, n). */
    private static boolean isSquare(List<Long> shape) {
        int n = shape.size();
        return n >= 2 && shape.get(n - 1).equals(shape.get(n - 2)) && shape.subList(0, n - 2).stream().allMatch(size -> size == 1);
    }

    /**
     * Checks that each position (row) sees itself and all positions before it (columns), and no other.
     * <ul>
     * <li>{@code bias} and {@code tril} have 1 where the row sees the column, and 0 elsewhere.</li>
     * <li>{@code mask} and {@code causal_mask} have the same, or the opposite: 0 where the row sees the column, and elsewhere 1 or a very
     * low number, which is added to the score.</li>
     * </ul>
     */
    private static Optional<String> mask(TensorInfo tensor, IntToDoubleFunction stored, String last) {
        int n = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 1));
        boolean onesAreSeen = last.equals("bias") || last.equals("tril") || stored.applyAsDouble(0) == 1;
        for (int at = 0; at < n * n; at++) {
            double value = stored.applyAsDouble(at);
            boolean seen = at % n <= at / n;
            boolean right = onesAreSeen ? value == (seen ? 1 : 0) : seen ? value == 0 : value == 1 || value <= MASKED;
            if (!right) {
                return Optional.of(("%s is no causal mask: %s at row %d, column %d. In Inkling, each position attends to itself and"
                    + " to all positions before it, and to no other.").formatted(tensor.name(), value, at / n, at % n));
            }
        }
        return Optional.empty();
    }
}
