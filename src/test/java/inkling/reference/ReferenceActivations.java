package inkling.reference;

import java.util.function.DoubleUnaryOperator;

/** The activation functions of the MLP in double precision, each with its derivative. */
final class ReferenceActivations {
    private ReferenceActivations() {}

    /** A function and its derivative. */
    record Pointwise(DoubleUnaryOperator function, DoubleUnaryOperator derivative) {}

    static final Pointwise RELU = new Pointwise(x -> Math.max(x, 0), x -> x > 0 ? 1 : 0);
    static final Pointwise RELU_SQUARED = new Pointwise(x -> x > 0 ? x * x : 0, x -> x > 0 ? 2 * x : 0);
    static final Pointwise SILU = new Pointwise(x -> x * sigmoid(x), x -> sigmoid(x) * (1 + x * (1 - sigmoid(x))));
    /** x Φ(x), with the derivative Φ(x) + x φ(x): Φ is the normal distribution's cumulative distribution function, φ its density. */
    static final Pointwise GELU = new Pointwise(x -> x * normal(x), x -> normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
    /** Hendrycks and Gimpel 2016, arXiv:1606.08415: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
    static final Pointwise GELU_TANH = new Pointwise(x -> 0.5 * x * (1 + Math.tanh(inner(x))), ReferenceActivations::geluTanhDerivative);

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double inner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    private static double geluTanhDerivative(double x) {
        double tanh = Math.tanh(inner(x));
        return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    }

    private static double normal(double x) {
        return 0.5 * (1 + erf(x / Math.sqrt(2)));
    }

    /** erf(x) = 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms have one sign, so nothing cancels (Abramowitz and Stegun 7.1.6). */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);   // 1 - erf(6) is 2e-17
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
