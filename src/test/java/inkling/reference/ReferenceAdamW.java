package inkling.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * AdamW in double precision with the semantics of {@code torch.optim.AdamW} (Loshchilov and Hutter 2019, arXiv:1711.05101). p is multiplied
 * by 1 - lr·decay first. Both moments are corrected for their start at zero. eps is added to the corrected square root.
 */
public final class ReferenceAdamW {
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final double weightDecay;
    private final Map<String, double[]> first = new LinkedHashMap<>();
    private final Map<String, double[]> second = new LinkedHashMap<>();
    private long updates;

    public ReferenceAdamW(double beta1, double beta2, double eps, double weightDecay) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.weightDecay = weightDecay;
    }

    /** Changes {@code parameters} in place; only those named in {@code decayed} decay. */
    public void update(Map<String, double[]> parameters, Map<String, double[]> gradients, double learningRate, Set<String> decayed) {
        updates++;
        double correction1 = 1 - Math.pow(beta1, updates);
        double correction2 = 1 - Math.pow(beta2, updates);
        parameters.forEach((name, p) -> {
            double[] g = gradients.get(name);
            double[] m = first.computeIfAbsent(name, n -> new double[p.length]);
            double[] v = second.computeIfAbsent(name, n -> new double[p.length]);
            for (int i = 0; i < p.length; i++) {
                p[i] *= 1 - (decayed.contains(name) ? learningRate * weightDecay : 0);
                m[i] = beta1 * m[i] + (1 - beta1) * g[i];
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
                p[i] -= learningRate * (m[i] / correction1) / (Math.sqrt(v[i]) / Math.sqrt(correction2) + eps);
            }
        });
    }

    /** The running means of the gradients by name. */
    public Map<String, double[]> firstMoments() {
        return first;
    }

    /** The running means of the squared gradients by name. */
    public Map<String, double[]> secondMoments() {
        return second;
    }
}
