package inkling.cli.train;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.errors.ConfigException;
import inkling.perf.ClusterEstimate;
import inkling.perf.Estimate;
import inkling.perf.product.Bf16Speed;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code estimate CONFIG}. */
@Command(name = "estimate", description = "Parameters, FLOPs, memory and time of a run on this machine, before it begins.",
    footer = {"", "Examples:", "  inkling estimate configs/dickens.yaml --set model.n_layer=8",
        "  inkling estimate configs/gpt2-124m.yaml --cluster --machines 4 --network-gbit 25"})
public final class EstimateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CONFIG.yaml", description = "the run file")
    Path config;

    @Option(names = "--set", paramLabel = "a.b=v", description = "override a key of the run file; may be repeated")
    List<String> overrides = new ArrayList<>();

    @Option(names = "--vocab-size", paramLabel = "N",
        description = "vocabulary size, for run files whose tokenizer is not fitted to a text yet")
    Integer vocabSize;

    @Option(names = "--cluster", description = "also estimate how much `cluster train` sends, and how long its machines wait")
    boolean cluster;

    @Option(names = "--machines", paramLabel = "N",
        description = "with --cluster: how many machines like this one; default: cluster.workers")
    Integer machines;

    @Option(names = "--network-gbit", paramLabel = "G", defaultValue = "10",
        description = "with --cluster: Gbit/s of the network between the machines; default ${DEFAULT-VALUE}")
    double gigabits;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
        IgnoredOptions.refuse(spec, !cluster, "Without --cluster, estimate is about this machine alone: add --cluster",
            "--machines", "--network-gbit");
        RunConfig run = ConfigFile.read(config, overrides);
        CommandEnvironment.tellMissingSettings();
        Bf16Speed.require(run.precision(), run.context());
        OptionalInt size = vocabSize == null ? OptionalInt.empty() : OptionalInt.of(vocabSize);
        Estimate estimate = Estimate.of(run, RunArchitecture.of(run, CommandEnvironment.RUNS, size), run.context());
        Optional<ClusterEstimate> rounds = cluster ? Optional.of(rounds(run, estimate)) : Optional.empty();
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>(estimate.json());
            rounds.ifPresent(several -> document.put("cluster", several.json()));
            Json.print(document);
        } else {
            EstimateText.lines(estimate).forEach(Console.out()::println);
            rounds.ifPresent(several -> EstimateText.lines(several).forEach(Console.out()::println));
        }
        return 0;
    }

    private ClusterEstimate rounds(RunConfig run, Estimate estimate) {
        int count = machines == null ? run.cluster().workers() : machines;
        if (count < 1 || count > run.cluster().workers() || !(gigabits > 0)) {
            throw new ConfigException(("--machines %d, --network-gbit %s: --machines must be from 1 to cluster.workers = %d, and"
                + " --network-gbit above 0.")
                .formatted(count, gigabits, run.cluster().workers()));
        }
        return estimate.cluster(count, gigabits);
    }
}
