package inkling.spark;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.WorkerStates;
import inkling.data.source.DataConfig;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.run.TrainingMethod;
import inkling.runfile.ClusterConfig;
import inkling.runfile.RunConfig;
import inkling.spark.settings.ClusterSettings;
import java.nio.file.Path;

/**
 * Training in rounds (DiLoCo, Douillard et al. 2023, arXiv:2311.08105). Each round is one plain shuffle of Spark:
 * <pre>
 * driver       broadcasts the weights
 * each worker  reads its optimizer's file, if there is one yet; makes inner_steps updates (fewer in a shorter last round) over its
 *              shard, as {@code train} does; writes another such file; sends its weights, or their changes
 * reducers     add up what the workers sent, in the workers' order
 * driver       makes the outer step; saves a checkpoint; when the checkpoint has its final name, the round is done
 * </pre>
 * A worker is a number, not a process. This number determines its shard of the data and its random numbers. So, with processors of one
 * kind, the result is the same for any number of machines, whichever machine trains a worker, and however often a worker is begun anew.
 */
record Rounds(ClusterSettings settings) implements TrainingMethod {
    @Override
    public String command() {
        return WorkerStates.COMMAND;
    }

    @Override
    public void requireKnown(RunConfig config) {
        if (config.data().format() == DataConfig.Format.PREFERENCES) {
            throw new ConfigException("data.format = preferences: `cluster train` learns from text and conversations; pairs of answers are"
                + " learned on one machine, by `train`.");
        }
    }

    @Override
    public void requireOwn(Path checkpoint, RunConfig config) {
        Path run = checkpoint.toAbsolutePath().getParent();
        if (!WorkerStates.isIn(checkpoint)) {
            throw new ConfigException(("%s was trained on one machine, with one optimizer: `train --resume %s` goes on with it. A run of"
                + " several workers may begin from its weights: model: {init_from: %s}.").formatted(checkpoint, run, run));
        }
        ClusterConfig cluster = config.cluster();
        WorkerStates states = WorkerStates.read(checkpoint);
        if (states.workers() != cluster.workers() || states.innerSteps() != cluster.innerSteps()) {
            throw new ConfigException(("%s was trained by %d workers in rounds of %d updates, config.yaml now says %d and %d."
                + " Change config.yaml back, or begin another run from these weights, with model: {init_from: %s}.")
                .formatted(checkpoint, states.workers(), states.innerSteps(), cluster.workers(), cluster.innerSteps(), run));
        }
        requireFiles(run, CheckpointStore.stepOf(checkpoint), states);
    }

    /** Checks that all state files exist. The workers check the files' hashes when they read the files. */
    private static void requireFiles(Path run, long step, WorkerStates states) {
        for (int worker = 0; worker < states.files().size(); worker++) {
            Path file = WorkerStates.file(run, step, worker);
            if (!file.toFile().isFile()) {
                throw new ModelFormatException(("%s is missing, and its checkpoint lists it. A worker's optimizer cannot go on without its"
                    + " state: bring the file back, or resume another checkpoint of %s.").formatted(file, run));
            }
        }
    }

    @Override
    public Session open(Parts parts) {
        return new RoundSession(settings, parts);
    }
}
