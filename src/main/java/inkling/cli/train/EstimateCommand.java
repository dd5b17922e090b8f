package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.perf.Bf16Speed;
import inkling.perf.Estimate;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        Bf16Speed.require(run.precision(), run.context());
        OptionalInt size = vocabSize == null ? OptionalInt.empty() : OptionalInt.of(vocabSize);
        Estimate estimate = Estimate.of(run, RunArchitecture.of(run, CommandEnvironment.RUNS, size), run.context());
        if (json) {
            Json.print(estimate.json());
        } else {
            EstimateText.lines(estimate).forEach(Console.out()::println);
        }
        return 0;
    }
}
