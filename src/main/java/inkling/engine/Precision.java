package inkling.engine;

import java.util.Locale;

/**
 * The number formats in which a model's weights are stored, multiplied and updated.
 *
 * @param storage the format of the weights in memory
 * @param compute the format of the factors of matrix products, for weights that are stored in float32
 * @param master the format of the weights while the optimizer updates them, of the optimizer's moments, and of sums
 */
public record Precision(Storage storage, Compute compute, Storage master) {
    /** Everything in 32 bits. */
    public static final Precision FLOAT32 = computing(Compute.FLOAT32);

    /**
     * The form of a model's matrices in memory. Vectors (norms, biases) and the table of positions are always in 32 bits.
     * {@link #BF16} and {@link #INT8} are for models that are not trained any more ({@link Matrix}).
     */
    public enum Storage { FLOAT32, BF16, INT8 }

    /**
     * The format to which the factors of a matrix product are rounded; the product's sums are in 32 bits. With {@link #BF16}, in a product
     * with weights, both factors and the result keep 8 significant bits; such products are faster on some processors. With {@link #TF32},
     * each factor keeps 11 bits; only CUDA devices have TF32. Weights in another {@link Storage} than float32 are multiplied in their own
     * way, whatever this says ({@link Matrix}).
     */
    public enum Compute { FLOAT32, BF16, TF32 }

    /** The name of {@link #compute} in files and messages, e.g. {@code bf16}. */
    public String word() {
        return compute.name().toLowerCase(Locale.ROOT);
    }

    /** Stores matrices in {@code storage}, for generating; sums are in 32 bits. */
    public static Precision storing(Storage storage) {
        return new Precision(storage, Compute.FLOAT32, Storage.FLOAT32);
    }

    /** Computes matrix products in {@code compute}; weights are stored and updated in 32 bits. */
    public static Precision computing(Compute compute) {
        return new Precision(Storage.FLOAT32, compute, Storage.FLOAT32);
    }
}
