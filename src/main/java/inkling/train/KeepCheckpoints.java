package inkling.train;

import inkling.errors.Problems;

/** Which checkpoints of a run stay on disk, besides the best and those of milestones. */
public sealed interface KeepCheckpoints {
    /** Only the newest checkpoints, {@code newest} of them. */
    record Count(int newest) implements KeepCheckpoints {
        public Count {
            new Problems().check(newest > 0, "keep_checkpoints",
                "keep_checkpoints = %d must be positive, or all: resuming needs a checkpoint.",
                newest).throwIfAny();
        }
    }

    /** Every checkpoint, so that views can show how the model learned what it knows. */
    record All() implements KeepCheckpoints {}
}
