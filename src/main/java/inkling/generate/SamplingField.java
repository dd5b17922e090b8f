package inkling.generate;

import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/**
 * The components of {@link SamplingOptions} that are single numbers and shape the distribution a token is drawn from. The server reads them
 * from its requests by this list, and the command {@code chat} uses it for {@code /set}. The command line's options are in
 * {@code SamplingOptionsMixin}, the playground's in {@code serve/page/sampling.js}; tests compare both with this list.
 */
public enum SamplingField {
    TEMPERATURE("temperature", Numbers.ANY, 0, 100, 1, "from 0 (always the likeliest token) to 100",
        SamplingOptions::temperature, SamplingOptions::withTemperature),
    TOP_K("top_k", Numbers.WHOLE, 0, 10_000_000, 0, "from 1 to 10,000,000, or 0 to keep all tokens",
        SamplingOptions::topK, (options, k) -> options.withTopK(k.intValue())),
    TOP_P("top_p", Numbers.ANY, 0, 1, 1, "above 0 and at most 1 (1 keeps all tokens)", SamplingOptions::topP, SamplingOptions::withTopP) {
        @Override
        public boolean allows(double value) {
            return value > 0 && super.allows(value);
        }
    },
    MIN_P("min_p", Numbers.ANY, 0, 1, 0, "from 0 (keeps all tokens) to 1",
        SamplingOptions::minP, SamplingOptions::withMinP),
    REPETITION_PENALTY("repetition_penalty", Numbers.ANY, 0.01, 100, 1, "from 0.01 to 100 (1 is none)",
        SamplingOptions::repetitionPenalty, SamplingOptions::withRepetitionPenalty);

    private enum Numbers { WHOLE, ANY }

    private final String key;
    private final Numbers numbers;
    private final double least;
    private final double most;
    private final double neutral;
    private final String rule;
    private final ToDoubleFunction<SamplingOptions> of;
    private final BiFunction<SamplingOptions, Double, SamplingOptions> with;

    SamplingField(String key, Numbers numbers, double least, double most, double neutral, String rule,
                  ToDoubleFunction<SamplingOptions> of, BiFunction<SamplingOptions, Double, SamplingOptions> with) {
        this.key = key;
        this.numbers = numbers;
        this.least = least;
        this.most = most;
        this.neutral = neutral;
        this.rule = rule;
        this.of = of;
        this.with = with;
    }

    /** The field's name in requests, in {@code /set} and in messages, e.g. {@code top_k}. */
    public String key() {
        return key;
    }

    /** Whether only whole numbers are possible. */
    public boolean isWhole() {
        return numbers == Numbers.WHOLE;
    }

    /** The lower bound, a possible value of every field but {@link #TOP_P}. */
    public double least() {
        return least;
    }

    /** The upper bound, a possible value. */
    public double most() {
        return most;
    }

    /** The value that leaves the model's own distribution as it is. */
    public double neutral() {
        return neutral;
    }

    /** The possible values in words that follow "must be", e.g. {@code from 0.01 to 100 (1 is none)}. */
    public String rule() {
        return rule;
    }

    /** Whether a value is within the bounds; false for NaN. */
    public boolean allows(double value) {
        return value >= least && value <= most;
    }

    public double of(SamplingOptions options) {
        return of.applyAsDouble(options);
    }

    /** @throws inkling.errors.ConfigException if the value is out of bounds. Where {@link #isWhole}, a fraction is cut off first */
    public SamplingOptions with(SamplingOptions options, double value) {
        return with.apply(options, value);
    }

    /** Reads a value as it is typed. @throws NumberFormatException if {@code text} is no number, or, where {@link #isWhole}, no int */
    public double parse(String text) {
        return isWhole() ? Integer.parseInt(text) : Double.parseDouble(text);
    }

    /** Writes a value as it is typed: {@code 40}, {@code 0.8}. */
    public String text(double value) {
        return isWhole() ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
