package inkling.reference;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Muon in double precision (Keller Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks", and its published
 * code): Nesterov momentum, the update made nearly orthogonal by five Newton-Schulz steps, then scaled by √max(1, out/in).
 *
 * <p>The published code keeps linear weights as (out, in) and writes max(1, rows/columns). Adapters lie the same way here, but linears are
 * (in, out). Orthogonalising commutes with transposing, so nothing but that ratio differs for linears: it is columns/rows.
 */
public final class ReferenceMuon {
    private static final int NEWTON_SCHULZ_STEPS = 5;
    private final double momentum;
    private final double weightDecay;
    private final Map<String, double[]> buffers = new LinkedHashMap<>();

    /** {@code momentum} is 0.95 in the publication; {@code weightDecay} is decoupled, as in AdamW. */
    public ReferenceMuon(double momentum, double weightDecay) {
        this.momentum = momentum;
        this.weightDecay = weightDecay;
    }

    /** Which way a matrix (rows, columns) lies: as a linear's weight here, or as an adapter and as in the published code. */
    public enum Lies { IN_OUT, OUT_IN }

    /** Changes one weight (rows, columns) in place. */
    public void update(String name, double[] weight, double[] gradient, int rows, int columns, Lies lies, double learningRate) {
        double[] buffer = buffers.computeIfAbsent(name, n -> new double[weight.length]);
        double[] ahead = new double[weight.length];
        for (int i = 0; i < weight.length; i++) {
            buffer[i] = momentum * buffer[i] + (1 - momentum) * gradient[i];
            ahead[i] = momentum * buffer[i] + (1 - momentum) * gradient[i];
        }
        double[] direction = orthogonalized(ahead, rows, columns);
        double scale = Math.sqrt(Math.max(1, lies == Lies.OUT_IN ? (double) rows / columns : (double) columns / rows));
        for (int i = 0; i < weight.length; i++) {
            weight[i] = weight[i] * (1 - learningRate * weightDecay) - learningRate * scale * direction[i];
        }
    }

    /**
     * Moves the singular values near 1 (0.7 to 1.2, except very small ones) and keeps the singular vectors. Each of the five steps is
     * X <- aX + (bA + cA²)X with A = XXᵀ. A matrix with more rows than columns is transposed before the steps and after them.
     */
    public static double[] orthogonalized(double[] matrix, int rows, int columns) {
        Tape algebra = new Tape();
        boolean tall = rows > columns;
        Matrix x = new Matrix(rows, columns, matrix);
        x = tall ? algebra.transpose(x) : x;
        double squares = 0;
        for (double v : matrix) {
            squares += v * v;
        }
        x = algebra.scale(x, 1 / (Math.sqrt(squares) + 1e-7));
        for (int step = 0; step < NEWTON_SCHULZ_STEPS; step++) {
            Matrix a = algebra.multiply(x, algebra.transpose(x));
            Matrix b = algebra.add(algebra.scale(a, -4.7750), algebra.scale(algebra.multiply(a, a), 2.0315));
            x = algebra.add(algebra.scale(x, 3.4445), algebra.multiply(b, x));
        }
        return (tall ? algebra.transpose(x) : x).value;
    }
}
