package inkling.run.folder;

import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.run.ModelLocation;
import inkling.run.TrainRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder of runs, {@code checkpoints} as a rule.
 *
 * @param path need not exist: then there are no runs
 */
public record RunFolder(Path path) {
    /**
     * What the folder holds.
     *
     * @param runs by name
     * @param unreadable what is wrong with the others, a message each
     */
    public record Listing(List<RunSummary> runs, List<String> unreadable) {}

    /** Every directory with a config.yaml; one that is damaged hides no other. */
    public Listing list() {
        List<RunSummary> runs = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (String name : ModelLocation.names(path)) {
            try {
                runs.add(RunSummary.of(path.resolve(name)));
            } catch (InklingException e) {
                unreadable.add(name + ": " + e.getMessage());
            }
        }
        return new Listing(runs, unreadable);
    }

    /** @param name a run directory, or a run's name in this folder
     *  @throws ConfigException where that is no run directory */
    public RunSummary run(String name) {
        return RunSummary.of(directory(name));
    }

    private Path directory(String name) {
        Path run = ModelLocation.existing(name, path);
        if (!Files.isRegularFile(run.resolve(TrainRun.CONFIG_FILE))) {
            throw new ConfigException("%s is no run directory: there is no %s.".formatted(run, TrainRun.CONFIG_FILE));
        }
        return run;
    }
}
