package inkling.generate;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.security.SecureRandom;
import java.util.List;

/**
 * How to generate, e.g. {@code SamplingOptions.DEFAULT.withTemperature(0).withMaxTokens(50)}. Every number but the seed has bounds. One
 * {@link inkling.errors.ConfigException} reports all values that are out of bounds, except those of {@link LogitBias} and
 * {@link OutputPenalty}, which check their own.
 *
 * @param maxTokens the most new tokens of each sample, 1 to 1,000,000
 * @param temperature T in [0, 100]; 0 always takes the likeliest token
 * @param topK only the k likeliest, and those as probable as the k-th, 1 to 10,000,000; 0 keeps all
 * @param topP only the shortest run of likeliest tokens that reaches this probability, in (0, 1]; 1 keeps all
 * @param minP only tokens at least this many times as probable as the likeliest, in [0, 1]; 0 keeps all
 * @param repetitionPenalty in [0.01, 100]; 1 is none, above 1 makes repetition less likely
 * @param stop at most 64 strings of 1 to 1,000 characters; the text ends before the first one that appears
 * @param seed of all random numbers; those of sample i depend on (seed, i) alone
 * @param samples continuations of the prompt, 1 to 10,000
 * @param ignoreEos whether to continue after a token that ends a text
 * @param showDistribution how many of the likeliest tokens to record for each drawn token, 0 to 10,000,000; more than V record all V
 * @param logitBias added to the logits of chosen tokens
 * @param outputPenalty on tokens that the output already has
 */
@RecordBuilder
public record SamplingOptions(int maxTokens, double temperature, int topK, double topP, double minP, double repetitionPenalty,
                              List<String> stop, long seed, int samples, boolean ignoreEos, int showDistribution, LogitBias logitBias,
                              OutputPenalty outputPenalty)
    implements SamplingOptionsBuilder.With {
    /** 200 tokens at temperature 0.8, nothing truncated, seed 0. */
    public static final SamplingOptions DEFAULT = new SamplingOptions(200, 0.8, 0, 1, 0, 1, List.of(), 0, 1, false, 0,
        LogitBias.NONE, OutputPenalty.NONE);

    /** The largest possible {@code maxTokens}. */
    public static final int MOST_TOKENS = 1_000_000;

    private static final int LARGEST_COUNT = 10_000_000;
    private static final int MOST_STOPS = 64;
    private static final int LONGEST_STOP = 1_000;

    public SamplingOptions {
        Problems problems = new Problems()
            .check(within(maxTokens, 1, MOST_TOKENS), "max_tokens", "max_tokens = %d must be from 1 to 1,000,000.", maxTokens);
        check(problems, SamplingField.TEMPERATURE, temperature);
        check(problems, SamplingField.TOP_K, topK);
        check(problems, SamplingField.TOP_P, topP);
        check(problems, SamplingField.MIN_P, minP);
        check(problems, SamplingField.REPETITION_PENALTY, repetitionPenalty);
        problems
            .check(stop.size() <= MOST_STOPS, "stop", "%d stop strings: at most 64 are possible.", stop.size())
            .check(stop.stream().allMatch(s -> within(s.length(), 1, LONGEST_STOP)), "stop",
                "a stop string of %d characters: each needs 1 to 1,000.",
                stop.stream().mapToInt(String::length).filter(n -> !within(n, 1, LONGEST_STOP)).findFirst().orElse(0))
            .check(within(samples, 1, 10_000), "samples", "samples = %d must be from 1 to 10,000.", samples)
            .check(within(showDistribution, 0, LARGEST_COUNT), "show_distribution",
                "show_distribution = %d must be from 0 to 10,000,000.", showDistribution)
            .throwIfAny();
        stop = List.copyOf(stop);
    }

    private static void check(Problems problems, SamplingField field, double value) {
        problems.check(field.allows(value), field.key(), "%s = %s must be %s.", field.key(), field.text(value), field.rule());
    }

    private static boolean within(double value, double least, double most) {
        return value >= least && value <= most; // false for NaN
    }

    /**
     * A random seed, for a user who gave none. Report it to the user, so that the text can be repeated. It is below 2³², so that any JSON
     * reader keeps it exactly.
     */
    public static long freshSeed() {
        return Integer.toUnsignedLong(new SecureRandom().nextInt());
    }

    /** These options with other stop strings. */
    public SamplingOptions withStop(String... strings) {
        return withStop(List.of(strings));
    }
}
