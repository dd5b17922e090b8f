package inkling.runfile;

import inkling.engine.Precision;

/** The key {@code precision} of a run file: the numbers that products multiply. All else, weights and optimizer too, is float32. */
public enum RunPrecision {
    FLOAT32,
    /** Products in bfloat16, where that is faster. */
    BF16,
    /** The same without a look at the speed: to continue elsewhere what is begun here, or to try it out. */
    BF16_EVEN_IF_SLOW,
    /** Of CUDA devices. */
    TF32;

    /** What it means for whatever computes. */
    public Precision precision() {
        return Precision.computing(switch (this) {
            case FLOAT32 -> Precision.Compute.FLOAT32;
            case BF16, BF16_EVEN_IF_SLOW -> Precision.Compute.BF16;
            case TF32 -> Precision.Compute.TF32;
        });
    }
}
