package inkling.optim;

/**
 * Clipping by the global norm with PyTorch's semantics: gradients × min(1, max / (norm + 1e-6)) (Pascanu et al. 2013, arXiv:1211.5063).
 * This class only computes the divisor; {@link Optimizer#update} divides by it.
 */
public final class GradientClip {
    private GradientClip() {}

    /**
     * The number by which every gradient must be divided, ≥ 1. Example: {@code divisor(3.0, 1.0)} is 3.000001, and
     * {@code divisor(0.5, 1.0)} is 1.
     *
     * @param norm root of the sum of all squared gradients, before clipping
     * @param maxGradNorm 0 turns clipping off
     */
    public static double divisor(double norm, double maxGradNorm) {
        return maxGradNorm == 0 ? 1 : Math.max(1, (norm + 1e-6) / maxGradNorm);
    }
}
