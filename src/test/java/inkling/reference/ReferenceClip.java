package inkling.reference;

import java.util.Map;

/** Clipping as {@code torch.nn.utils.clip_grad_norm_}: one L2 norm over all gradients together. */
public final class ReferenceClip {
    private ReferenceClip() {}

    public static double globalNorm(Map<String, double[]> gradients) {
        double sum = 0;
        for (double[] gradient : gradients.values()) {
            for (double g : gradient) {
                sum += g * g;
            }
        }
        return Math.sqrt(sum);
    }

    /** Scales every gradient in place by min(1, max / (norm + 1e-6)) and returns the norm before. */
    public static double toGlobalNorm(Map<String, double[]> gradients, double max) {
        double norm = globalNorm(gradients);
        double factor = Math.min(1, max / (norm + 1e-6));
        for (double[] gradient : gradients.values()) {
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= factor;
            }
        }
        return norm;
    }
}
