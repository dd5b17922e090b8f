package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.perf.Estimate;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code estimate CONFIG}. */
@Command(name = "estimate", description = "Parameters, FLOPs, memory and time of a run on this machine, before it begins.",
    footer = {"", "Example:", "  inkling estimate configs/dickens.yaml --set model.n_layer=8"})
public final class EstimateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CONFIG.yaml", description = "the run file")
    Path config;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key of the run file; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--vocab-size", paramLabel = "N",
        description = "vocabulary size, for run files whose tokenizer is not fitted to a text yet")
    Integer vocabSize;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        RunConfig run = ConfigFile.read(config, overrides);
        CommandEnvironment.tellMissingSettings();
        OptionalInt size = vocabSize == null ? OptionalInt.empty() : OptionalInt.of(vocabSize);
        Estimate estimate = Estimate.of(run, RunArchitecture.of(run, CommandEnvironment.RUNS, size), run.context());
        if (json) {
            Json.print(estimate.json());
        } else {
            print(estimate);
        }
        return 0;
    }

    private static void print(Estimate estimate) {
        line("%,d parameters, of which %,d are trained", estimate.parameters(), estimate.trainedParameters());
        line("%,d tokens × %.1f MFLOP = %.3g FLOP with the evaluations", estimate.tokens(), estimate.flopsPerToken() / 1e6, estimate.flops());
        long total = estimate.memory().values().stream().mapToLong(bytes -> bytes).sum();
        line("%,d MB of memory at most:", total / 1_000_000);
        estimate.memory().forEach((what, bytes) -> line("%,10.1f MB  %s", bytes / 1e6, what));
        double[] seconds = estimate.seconds();
        line("about %s: between %s and %s at %.0f to %.0f %% of the %.0f GFLOP/s that matrix products reach here now",
            time(seconds[0]), time(seconds[1]), time(seconds[2]), 100 * Estimate.BEST_SHARE, 100 * Estimate.LEAST_SHARE, estimate.peak() / 1e9);
        line("These are estimates; `bench CONFIG` measures a few steps.");
    }

    private static String time(double seconds) {
        return seconds < 120 ? String.format(Locale.ROOT, "%.0f s", seconds)
            : seconds < 7200 ? String.format(Locale.ROOT, "%.0f min", seconds / 60) : String.format(Locale.ROOT, "%,.1f h", seconds / 3600);
    }

    private static void line(String format, Object... values) {
        Console.out().println(String.format(Locale.ROOT, format, values));
    }
}
