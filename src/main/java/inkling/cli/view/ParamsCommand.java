package inkling.cli.view;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.formats.ModelDirectory;
import inkling.inspect.GptPresets;
import inkling.model.config.GptConfig;
import inkling.perf.ParameterTally;
import inkling.run.ModelLocation;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code params MODEL | CONFIG | PRESET}. */
@Command(name = "params", description = "How many parameters a model has, by their role.",
    footer = {"", "Examples:", "  inkling params gpt3", "  inkling params configs/dickens.yaml",
        "  inkling params checkpoints/dickens --json"})
public final class ParamsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL|CONFIG|PRESET",
        description = "a model, a run file, or one of gpt2, gpt2-medium, gpt2-large, gpt2-xl, gpt3")
    String subject;

    @Option(names = "--checkpoint", paramLabel = "last|best|STEP",
        description = "which checkpoint of a run; default: its best (unless that is step 0), else its last")
    String checkpoint;

    @Option(names = "--vocab-size", paramLabel = "N",
        description = "vocabulary size, for run files whose tokenizer is not fitted to a text yet")
    Integer vocabSize;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
        ParameterTally tally = ParameterTally.of(architecture());
        if (json) {
            Json.print(tally.toJson());
        } else {
            Console.out().print(tally.toText());
        }
        return 0;
    }

    private GptConfig architecture() {
        Optional<GptConfig> preset = GptPresets.find(subject);
        boolean runFile = subject.endsWith(".yaml") || subject.endsWith(".yml");
        IgnoredOptions.refuse(spec, preset.isPresent() || runFile, subject + " has no checkpoints: name a run", "--checkpoint");
        IgnoredOptions.refuse(spec, !runFile, subject + " has a vocabulary of its own: name a run file", "--vocab-size");
        if (preset.isPresent()) {
            return preset.get();
        }
        if (runFile) {
            return RunArchitecture.of(ConfigFile.read(Path.of(subject), List.of()), CommandEnvironment.RUNS,
                vocabSize == null ? OptionalInt.empty() : OptionalInt.of(vocabSize));
        }
        ModelLocation location = ModelLocation.find(subject, Optional.ofNullable(checkpoint), CommandEnvironment.RUNS);
        location.remark().ifPresent(Console.err()::println);
        return ModelDirectory.config(location.directory());
    }
}
