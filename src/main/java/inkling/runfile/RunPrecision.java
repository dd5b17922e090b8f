package inkling.runfile;

import inkling.engine.Precision;

/**
 * The key {@code precision} of a run file: the number format of the factors in products with weights; in bfloat16 each product's result is
 * rounded, too. All else, the stored weights and the optimizer included, is float32. There are two exceptions on CUDA. A model with
 * products in bfloat16 computes attention in bfloat16, too. And TF32 is a setting of libtorch for all matrix products in float32, so
 * products without weights may use it, too.
 */
public enum RunPrecision {
    FLOAT32,
    /** bfloat16; a new run is refused if a measurement finds it too slow here. */
    BF16,
    /** bfloat16 without that measurement: to try it, or to begin here a run that another machine continues. */
    BF16_EVEN_IF_SLOW,
    /** TensorFloat-32, on CUDA devices only. */
    TF32;

    /** The engine's setting for this format. */
    public Precision precision() {
        return Precision.computing(switch (this) {
            case FLOAT32 -> Precision.Compute.FLOAT32;
            case BF16, BF16_EVEN_IF_SLOW -> Precision.Compute.BF16;
            case TF32 -> Precision.Compute.TF32;
        });
    }
}
