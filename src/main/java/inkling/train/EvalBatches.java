package inkling.train;

import inkling.errors.Problems;

/** How many of the validation examples one evaluation reads. */
public sealed interface EvalBatches {
    /**
     * This many batches. If there are too few conversations or pairs for so many batches, all conversations or pairs. The seed decides
     * which batches, so every evaluation reads the same ones.
     */
    record Count(int batches) implements EvalBatches {
        public Count {
            new Problems().check(batches > 0, "eval_batches", "eval_batches = %d must be positive, or all.", batches).throwIfAny();
        }
    }

    /** All validation examples: of a text, window after window. */
    record All() implements EvalBatches {}
}
