package inkling.cli.option;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.engine.Precision;
import inkling.engine.Precision.Storage;
import inkling.errors.ModelFormatException;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** MODEL and the options about it, for most commands that open a model. */
public final class ModelOptions {
    @Parameters(index = "0", paramLabel = "MODEL",
        description = "a run directory, a run's name under checkpoints/, a checkpoint in a run, a Hugging Face model directory, or a"
            + " GGUF file")
    String model;

    @Option(names = "--checkpoint", paramLabel = "last|best|STEP",
        description = "which checkpoint of a run; default: its best, else its last, never step 0")
    String checkpoint;

    @Option(names = "--tokenizer", paramLabel = "PATH", description = "tokenizer files to use instead of the model's own")
    Path tokenizer;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "auto",
        description = DeviceName.FORMS + "; default ${DEFAULT-VALUE}")
    String device;

    @Option(names = "--check-finite", description = "refuse weights that are NaN or infinite instead of only warning")
    boolean checkFinite;

    ModelLocation location() {
        ModelLocation location = ModelLocation.findTrained(model, Optional.ofNullable(checkpoint), CommandEnvironment.RUNS);
        location.remark().ifPresent(Console.err()::println);
        return location;
    }

    /** The last part of MODEL's path, for headings. */
    public String name() {
        Path path = Path.of(model).toAbsolutePath().normalize();
        return path.getFileName() == null ? model : path.getFileName().toString();
    }

    /** MODEL as it was typed. */
    public String given() {
        return model;
    }

    /** Opens MODEL with its weights in float32. */
    public LoadedModel open() {
        return open(Storage.FLOAT32);
    }

    /**
     * Opens MODEL with its matrices stored as {@code storage}. Prints a warning if a weight is NaN or infinite.
     *
     * @throws ModelFormatException instead of the warning, with {@code --check-finite}
     */
    public LoadedModel open(Storage storage) {
        CommandEnvironment.tellMissingSettings();
        ComputeContext context = ComputeContext.of(new DeviceName(device), OptionalInt.empty(), Precision.storing(storage));
        LoadedModel loaded = LoadedModel.open(location(), Optional.ofNullable(tokenizer), context);
        Optional<String> notFinite = loaded.notFinite();
        if (checkFinite && notFinite.isPresent()) {
            loaded.close();
            throw new ModelFormatException(notFinite.get() + " Take another checkpoint; without --check-finite this is only a warning.");
        }
        notFinite.ifPresent(what -> Console.err().println("warning: " + what + " What this model says is worth nothing."));
        return loaded;
    }

    /** Opens another model, to which {@code --tokenizer}, {@code --checkpoint} and {@code --check-finite} do not apply. */
    public LoadedModel open(String other, ComputeContext context) {
        ModelLocation location = ModelLocation.findTrained(other, Optional.empty(), CommandEnvironment.RUNS);
        location.remark().ifPresent(Console.err()::println);
        return LoadedModel.open(location, Optional.empty(), context);
    }
}
