package inkling.perf;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.Tokens;
import inkling.engine.Allocations;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.grad.LossGradients;
import inkling.optim.GradientClip;
import inkling.optim.Optimizer;
import inkling.runfile.RunConfig;
import inkling.train.BatchGradients;
import inkling.train.RowWorkers;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Where the time of one training step goes, for the model of a run file on random tokens. Each part is the median over
 * the steps; the engine on a CPU works while it is called, so parts can be timed apart.
 */
public final class StepBench {
    private static final int VOCABULARY_TEXT = 1 << 16;

    private StepBench() {}

    /**
     * Median milliseconds of each part of a step. The forward pass is timed by one of its own, which does not count into the total;
     * the backward pass is what a step needs beyond that, recomputation included.
     */
    public record Parts(double data, double forward, double backward, double clip, double optimizer, double total, long tokens, double flops,
                        Space space) {
        /** Model FLOPs utilisation against {@code peak} FLOP/s. */
        public double mfu(double peak) {
            return flops / (total / 1e3) / peak;
        }
    }

    /**
     * What one step takes of memory; each number where it can be had.
     *
     * @param arrays that Java made and held to the step's end
     * @param engineBytes that libtorch allocated in a step whose rows are not shared out, freed ones too ({@link Allocations}); on a CPU
     * @param javaBytes of Java objects made in such a step
     * @param residentPeakBytes the most that the whole process held in main memory, until the last measured step
     * @param expectedBytes of weights, gradients, the optimizer's state, activations and logits, as {@link Estimate} counts them
     */
    public record Space(int arrays, OptionalLong engineBytes, OptionalLong javaBytes, OptionalLong residentPeakBytes, long expectedBytes) {}

    /** Runs {@code steps} steps after a fifth as many to warm up, and two more on one thread, whose memory is counted. */
    public static Parts measure(GptConfig model, RunConfig config, ComputeContext context, int steps) {
        context.enter();
        try (NDManager manager = context.manager(); Gpt gpt = Gpt.initialise(model, manager, config.seed());
             Optimizer optimizer = config.optimizer().create(gpt.parameters().asMap(), gpt.layout(), manager);
             RowWorkers gradients = new RowWorkers(gpt, gpt.parameters().names(), config.train().recompute(), config.train().batchSize(),
                 context)) {
            int columns = config.train().contextLength().orElse(model.contextLength());
            Batches batches = Batches.random(text(model.vocabSize(), columns), config.train().batchSize(), columns, config.seed());
            int warmUp = Math.max(2, steps / 5);
            double[][] times = new double[steps][];
            int[] arrays = new int[1];
            for (int step = 0; step < warmUp + steps; step++) {
                double forward = forwardMillis(manager, gradients, batches.at(step));
                double[] parts = update(manager, optimizer, gradients, batches, config, step, arrays);
                parts[1] = forward;
                parts[2] -= forward;
                if (step >= warmUp) {
                    times[step - warmUp] = parts;
                }
            }
            long expected = Estimate.of(config, model, context, 1).tensorBytes();
            BatchGradients alone = BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), config.train().recompute()));
            Space space = space(arrays[0], expected, context.device(), () -> update(manager, optimizer, alone, batches, config, warmUp + steps, arrays));
            long tokens = (long) config.train().batchSize() * columns;
            double flops = (double) tokens * ParameterTally.of(model).trainingFlops(columns);
            return new Parts(median(times, 0), median(times, 1), median(times, 2), median(times, 3), median(times, 4), median(times, 5),
                tokens, flops, space);
        }
    }

    /** Median milliseconds of the step's own matrix products run alone: no step can be faster by much. */
    public static double rooflineMillis(GptConfig model, RunConfig config, ComputeContext context) {
        return StepRoofline.millis(model, config.train().batchSize(), config.train().contextLength().orElse(model.contextLength()), context);
    }

    private static Tokens text(int vocabSize, int columns) {
        return Tokens.of(new Random(1).ints(Math.max(VOCABULARY_TEXT, columns + 1), 0, vocabSize).toArray());
    }

    /** Both counts are of one thread: {@code step} has all its work there. */
    private static Space space(int arrays, long expected, Device device, Runnable step) {
        OptionalLong peak = Memory.residentPeak(); // before the profile, which itself takes memory
        OptionalLong before = Memory.javaAllocated();
        step.run();
        OptionalLong after = Memory.javaAllocated();
        OptionalLong javaBytes = after.isPresent() ? OptionalLong.of(after.getAsLong() - before.orElse(0)) : after;
        OptionalLong engineBytes = device.isGpu() ? OptionalLong.empty() : OptionalLong.of(Allocations.bytes(step));
        return new Space(arrays, engineBytes, javaBytes, peak, expected);
    }

    /** Milliseconds of data, (forward), forward and backward, clip, optimizer, all. */
    private static double[] update(NDManager manager, Optimizer optimizer, BatchGradients batchGradients, Batches batches, RunConfig config,
                                   int step, int[] arrays) {
        long[] at = new long[5];
        at[0] = System.nanoTime();
        Batch batch = batches.at(step);
        try (NDManager scope = manager.newSubManager()) {
            at[1] = System.nanoTime();
            List<NDArray> gradients = batchGradients.of(scope, batch, 1.0 / batch.targetCount(), step).gradients();
            at[2] = System.nanoTime();
            float norm = Kernels.globalNorm(gradients).getFloat();
            at[3] = System.nanoTime();
            optimizer.update(gradients, 1e-4, GradientClip.divisor(norm, config.optimizer().maxGradNorm()));
            arrays[0] = scope.getManagedArrays().size();
        }
        at[4] = System.nanoTime();
        return new double[] {(at[1] - at[0]) / 1e6, 0, (at[2] - at[1]) / 1e6, (at[3] - at[2]) / 1e6, (at[4] - at[3]) / 1e6,
            (at[4] - at[0]) / 1e6};
    }

    private static double forwardMillis(NDManager manager, RowWorkers workers, Batch batch) {
        try (NDManager scope = manager.newSubManager()) {
            long started = System.nanoTime();
            workers.forward(scope, batch);
            return (System.nanoTime() - started) / 1e6;
        }
    }

    private static double median(double[][] times, int part) {
        double[] sorted = Arrays.stream(times).mapToDouble(t -> t[part]).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
