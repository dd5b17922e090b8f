package inkling.engine;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Functions of {@code optim.py}, such as fused AdamW and Muon. Each changes or reads many arrays at once, e.g. all parameters.
 * The lists of one call have the same length, and their i-th arrays have the same shape, except the steps of {@link #adamw}. Several
 * threads may call these functions at the same time.
 */
public final class UpdateKernels {
    private UpdateKernels() {}

    /** a += scale · b for each pair, in place. */
    public static void addAll(List<NDArray> a, List<NDArray> b, double scale) {
        Kernels.MODULE.run("add_all", a, b, scale);
    }

    /** a ← b for each pair, in place. Unlike the other functions, this one takes empty lists, too, and then does nothing. */
    public static void copyAll(List<NDArray> a, List<NDArray> b) {
        if (!a.isEmpty()) {
            Kernels.MODULE.run("copy_all", a, b);
        }
    }

    /** The square root of the sum of all squares, (), in the first array's manager. */
    public static NDArray globalNorm(List<NDArray> arrays) {
        return Kernels.MODULE.array("global_norm", arrays);
    }

    /**
     * One AdamW update in place, by PyTorch's fused function; see {@code inkling.optim.AdamW}. The fused function ignores strides and reads
     * memory in order. This method therefore lays out gradients in row-major order first.
     *
     * @param divisor of the gradients, ()
     * @param p the parameters
     * @param g the gradients, which may be overwritten
     * @param m the first moments
     * @param v the second moments
     * @param steps for each parameter an array () with the number of the update, from 1
     */
    public static void adamw(AdamWStep step, NDArray divisor, List<NDArray> p, List<NDArray> g, List<NDArray> m, List<NDArray> v,
                             List<NDArray> steps) {
        Kernels.MODULE.run("adamw", p, g, m, v, steps, divisor, step.learningRate(), step.beta1(), step.beta2(), step.weightDecay(),
            step.eps());
    }

    /** The numbers of one AdamW update. */
    public record AdamWStep(double learningRate, double beta1, double beta2, double weightDecay, double eps) {}

    /** One Muon update in place; all matrices have the same shape, and {@code g} is overwritten. See {@code inkling.optim.Muon}. */
    public static void muon(MuonStep step, List<NDArray> p, List<NDArray> g, List<NDArray> momentum) {
        Kernels.MODULE.run("muon", p, g, momentum, step.learningRate(), step.momentum(), step.weightDecay(), step.divisor(),
            step.scale());
    }

    /** The numbers of one Muon update. Gradients are divided by {@code divisor} first, the update is multiplied by {@code scale}. */
    public record MuonStep(double learningRate, double momentum, double weightDecay, double divisor, double scale) {}
}
