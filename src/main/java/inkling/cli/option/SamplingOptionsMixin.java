package inkling.cli.option;

import inkling.generate.SamplingOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The command line's options of {@link SamplingOptions}, for {@code sample} and {@code chat}. */
public final class SamplingOptionsMixin {
    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "200", description = "new tokens at most; default ${DEFAULT-VALUE}")
    int maxTokens;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0.8",
        description = "0 always takes the likeliest token, 1 is the model's own distribution; default ${DEFAULT-VALUE}")
    double temperature;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0", description = "keep the K likeliest tokens; 0 keeps all")
    int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1",
        description = "keep the fewest tokens that together reach probability P; 1 keeps all")
    double topP;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0",
        description = "keep only tokens that have at least P times the probability of the likeliest token; 0 keeps all")
    double minP;

    @Option(names = "--repetition-penalty", paramLabel = "R", defaultValue = "1",
        description = "above 1 makes tokens seen before less likely")
    double repetitionPenalty;

    @Option(names = "--stop", paramLabel = "S", description = "end before this text; may be repeated")
    List<String> stop = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "seed of all random numbers; default: a new one, which is shown")
    Long seed;

    @Option(names = "--ignore-eos", description = "continue after a token that ends the text")
    boolean ignoreEos;

    /** The options as given, for one sample. Without {@code --seed} each call draws another seed, so call it once. */
    public SamplingOptions options() {
        return options(SamplingOptions.DEFAULT.samples(), SamplingOptions.DEFAULT.showDistribution());
    }

    /** As {@link #options()}, with the values of two options that only {@code sample} has. */
    public SamplingOptions options(int samples, int showDistribution) {
        return SamplingOptions.DEFAULT.with(o -> o.maxTokens(maxTokens).temperature(temperature).topK(topK).topP(topP).minP(minP)
            .repetitionPenalty(repetitionPenalty).stop(stop).seed(seed == null ? SamplingOptions.freshSeed() : seed).samples(samples)
            .ignoreEos(ignoreEos).showDistribution(showDistribution));
    }
}
