package inkling.train;

import inkling.config.Key;
import inkling.errors.Problems;
import java.util.List;
import java.util.Optional;

/** The settings of the training loop: the section {@code train} of the run file. */
public record TrainConfig(
    @Key(doc = "updates in all", def = "2000", elsewhere = "max_iters") long maxSteps,
    @Key(doc = "after this many minutes, the run is saved and ends with exit code 0; limits the command that sets it, not a later --resume",
        def = "null") Optional<Double> maxMinutes,
    @Key(doc = "windows per micro-step; with preferences, pairs of windows", def = "16",
        elsewhere = "per_device_train_batch_size") int batchSize,
    @Key(doc = "tokens in a window, at most the model's context; null: the model's context", def = "null") Optional<Integer> contextLength,
    @Key(doc = "micro-steps whose gradients make one update", def = "1", elsewhere = "gradient_accumulation_steps") int gradAccumSteps,
    @Key(doc = "computes activations again in the backward pass: less memory, more time", def = "false") boolean recompute,
    @Key(doc = "updates between two printed lines, and between two rows of metrics.csv; an evaluation has a row, too", def = "10",
    elsewhere = "logging_steps")
    int logInterval,
    @Key(doc = "updates between two evaluations", def = "250", elsewhere = "eval_steps") int evalInterval,
    @Key(doc = "batches in an evaluation, drawn once from the seed, the same each time; or all: the whole validation text", def = "50",
    elsewhere = "eval_iters")
    EvalBatches evalBatches,
    @Key(doc = "updates between two checkpoints; a new lowest validation loss also makes a checkpoint", def = "250",
        elsewhere = "save_steps")
    int checkpointInterval,
    @Key(doc = "how many of the newest checkpoints are kept, besides the best; all keeps every one, for the views over a run's steps"
        + " (`estimate` tells the bytes)",
    def = "2")
    KeepCheckpoints keepCheckpoints,
    @Key(doc = "further steps at which the run is evaluated, writes a sample and is saved, e.g. [0, 10, 100]; their checkpoints are"
        + " kept", def = "[]")
    List<Long> milestones,
    @Key(doc = "text that the model writes during the training; null = none", def = "{}") Optional<SampleConfig> sample,
    @Key(doc = "the run ends after this many evaluations in a row without a new best", def = "null")
    Optional<Integer> earlyStoppingPatience) {

    public TrainConfig {
        milestones = milestones.stream().distinct().sorted().toList();
        Problems problems = new Problems()
            .check(maxSteps > 0, "max_steps", "max_steps = %d must be positive.", maxSteps);
        maxMinutes.ifPresent(m -> problems.check(Double.isFinite(m) && m > 0, "max_minutes",
            "max_minutes = %s must be positive, or null.", m));
        contextLength.ifPresent(t -> problems.check(t > 0, "context_length",
            "context_length = %d must be positive, or null for the model's.", t));
        earlyStoppingPatience.ifPresent(p -> problems.check(p > 0, "early_stopping_patience",
            "early_stopping_patience = %d must be positive, or null.", p));
        milestones.forEach(step -> problems.check(step >= 0, "milestones", "milestones = %d is no step: they count from 0.", step));
        problems
            .check(batchSize > 0, "batch_size", "batch_size = %d must be positive.", batchSize)
            .check(gradAccumSteps > 0, "grad_accum_steps", "grad_accum_steps = %d must be positive.", gradAccumSteps)
            .check(logInterval > 0, "log_interval", "log_interval = %d must be positive.", logInterval)
            .check(evalInterval > 0, "eval_interval", "eval_interval = %d must be positive.", evalInterval)
            .check(checkpointInterval > 0, "checkpoint_interval", "checkpoint_interval = %d must be positive.", checkpointInterval)
            .throwIfAny();
    }

    /**
     * The first step after 0 at which {@code checkpoint_interval}, a milestone or the end of the run asks for a checkpoint. A lowest loss,
     * a stop or another early end may save an earlier step. {@code cluster train} saves at the end of every round instead.
     */
    public long firstSavedUpdate() {
        long regular = Math.min(maxSteps, checkpointInterval);
        return milestones.stream().filter(step -> step > 0 && step < regular).findFirst().orElse(regular);
    }

    /** Whether a milestone lies after step {@code previous} and not after {@code step}. */
    boolean reachesMilestone(long previous, long step) {
        return milestones.stream().anyMatch(milestone -> previous < milestone && milestone <= step);
    }
}
