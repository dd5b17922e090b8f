package inkling.engine;

/**
 * In which numbers a model is kept, multiplied and updated.
 *
 * @param storage of the weights that are read to compute with
 * @param compute of matrix products
 * @param master of the weights that an update changes, of its moments, and of sums
 */
public record Precision(Storage storage, Compute compute, Storage master) {
    /** Everything in 32 bits. */
    public static final Precision FLOAT32 = computing(Compute.FLOAT32);

    /** A form of numbers in memory. */
    public enum Storage { FLOAT32 }

    /** {@link #TF32} rounds the factors of a product to 10 bits after the point; CUDA devices alone have it. */
    public enum Compute { FLOAT32, TF32 }

    /** Products computed so, on weights that are kept and updated in 32 bits. */
    public static Precision computing(Compute compute) {
        return new Precision(Storage.FLOAT32, compute, Storage.FLOAT32);
    }
}
