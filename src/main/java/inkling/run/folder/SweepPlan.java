package inkling.run.folder;

import inkling.checkpoint.CheckpointStore;
import inkling.errors.ConfigException;
import inkling.io.DurableFiles;
import inkling.run.RunState;
import inkling.run.TrainRun;
import inkling.runfile.ConfigDifference;
import inkling.runfile.ResumeChanges;
import inkling.runfile.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sweep does with one of its runs. This depends on what the run's directory holds already.
 *
 * @param changes {@code --set} options for the resume
 */
public record SweepPlan(RunConfig config, Todo todo, List<String> changes) {
    /** What to do. */
    public enum Todo {
        /** The directory holds no checkpoint yet. */
        BEGIN,
        /**
         * The run was stopped, or now has other values of keys that a resume may change, e.g. more updates. Also if another process is
         * training it: the resume then fails, because that process holds the run's lock.
         */
        RESUME,
        /** The run is done. */
        SKIP,
        /** The run diverged, and would diverge again. */
        GIVE_UP;

        @Override
        public String toString() {
            return switch (this) {
                case BEGIN -> "begun";
                case RESUME -> "resumed";
                case SKIP -> "done already";
                case GIVE_UP -> "not tried again: it diverged";
            };
        }
    }

    /** Plans one run. @throws ConfigException if the directory holds a run with other values of keys that a resume must not change */
    public static SweepPlan of(RunConfig config, RunFolder folder) {
        Path directory = folder.path().resolve(config.name().text());
        if (!Files.isRegularFile(directory.resolve(TrainRun.CONFIG_FILE))
            || new CheckpointStore(directory, DurableFiles.SYSTEM).steps().isEmpty()) {
            return new SweepPlan(config, Todo.BEGIN, List.of());
        }
        RunSummary there = RunSummary.of(directory);
        List<ConfigDifference> differences = ConfigDifference.among(List.of(there.config(), config));
        for (ConfigDifference difference : differences) {
            if (!ResumeChanges.mayChange(difference.key())) {
                throw new ConfigException(("%s is another run: its %s is %s, here it is %s. Give the sweep another --run NAME, "
                    + "or remove that"
                    + " run: `inkling runs remove %s`.").formatted(directory, difference.key(), difference.values().get(0),
                    difference.values().get(1), config.name()));
            }
        }
        List<String> changes = new ArrayList<>(differences.stream().filter(d -> !d.values().get(1).equals(ConfigDifference.ABSENT))
            .map(d -> d.key() + "=" + d.values().get(1)).toList());
        boolean goesOn = !changes.isEmpty() || there.state() == RunState.STOPPED || there.state() == RunState.RUNNING;
        // a resume has no time limit unless its command gives one
        config.train().maxMinutes().ifPresent(minutes -> changes.add(ResumeChanges.MINUTES + "=" + minutes));
        return new SweepPlan(config, goesOn ? Todo.RESUME : there.state() == RunState.DIVERGED ? Todo.GIVE_UP : Todo.SKIP, changes);
    }
}
