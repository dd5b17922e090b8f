package inkling.train;

import inkling.errors.Problems;

/** How much of the validation text one evaluation reads. */
public sealed interface EvalBatches {
    /** This many batches. They are drawn once, from the seed, so that every evaluation reads the same batches. */
    record Count(int batches) implements EvalBatches {
        public Count {
            new Problems().check(batches > 0, "eval_batches", "eval_batches = %d must be positive, or all.", batches).throwIfAny();
        }
    }

    /** The whole validation text, window after window. */
    record All() implements EvalBatches {}
}
