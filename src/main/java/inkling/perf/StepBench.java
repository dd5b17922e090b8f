package inkling.perf;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.Tokens;
import inkling.engine.Allocations;
import inkling.engine.ComputeContext;
import inkling.engine.UpdateKernels;
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
 * Measures where the time of a training step goes, for the model of a run file on random tokens. Each part is the median over the steps.
 * The parts can be timed separately on a CPU, because the engine computes synchronously there.
 */
public final class StepBench {
    private static final int TEXT_TOKENS = 1 << 16; // random tokens from which the windows are taken

    private StepBench() {}

    /**
     * Median milliseconds of each part of a step. An extra forward pass, which is not part of the total, gives the time of the forward
     * pass. The time of the backward pass is that of forward and backward together, recomputation included, minus the time of the forward
     * pass.
     *
     * @param data time of making the batch
     * @param tokens of a step
     * @param flops of a step, forward and backward
     */
    public record Parts(double data, double forward, double backward, double clip, double optimizer, double total, long tokens,
                        double flops, MemoryUse space) {
        /** Model FLOPs utilisation against {@code peak} FLOP/s. */
        public double mfu(double peak) {
            return flops / (total / 1e3) / peak;
        }
    }

    /**
     * The memory that one step uses; an optional number is empty if it cannot be measured.
     *
     * @param arrays how many arrays Java made and held to the end of the step
     * @param engineBytes bytes that libtorch allocated in a step on one worker, including bytes that it freed again ({@link Allocations});
     *     only on a CPU
     * @param javaBytes bytes of the Java objects that a step on one worker made
     * @param residentPeakBytes the most that the whole process held in main memory up to the last timed step
     * @param expectedBytes bytes of weights, gradients, the optimizer's state, activations and logits, as {@link Estimate} computes them
     */
    public record MemoryUse(int arrays, OptionalLong engineBytes, OptionalLong javaBytes, OptionalLong residentPeakBytes,
        long expectedBytes) {}

    /**
     * Runs a fifth of {@code steps} (at least 2) to warm up, then {@code steps} steps that are timed. Then it measures memory in steps on
     * one worker: Java's in one step, and on a CPU libtorch's in another.
     */
    public static Parts measure(GptConfig model, RunConfig config, ComputeContext context, int steps) {
        context.enter();
        try (NDManager manager = context.manager(); Gpt gpt = Gpt.initialise(model, manager, config.seed()).in(context.precision());
             Optimizer optimizer = config.optimizer().create(gpt, gpt.parameters().names(), manager);
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
            MemoryUse space = space(arrays[0], expected, context.device(),
                () -> update(manager, optimizer, alone, batches, config, warmUp + steps, arrays));
            long tokens = (long) config.train().batchSize() * columns;
            double flops = (double) tokens * ParameterTally.of(model).trainingFlops(columns);
            return new Parts(median(times, 0), median(times, 1), median(times, 2), median(times, 3), median(times, 4), median(times, 5),
                tokens, flops, space);
        }
    }

    /** Median milliseconds of the step's matrix products alone, in float32: a step in float32 cannot be much faster. */
    public static double rooflineMillis(GptConfig model, RunConfig config, ComputeContext context) {
        return StepRoofline.millis(model, config.train().batchSize(),
            config.train().contextLength().orElse(model.contextLength()), context);
    }

    private static Tokens text(int vocabSize, int columns) {
        return Tokens.of(new Random(1).ints(Math.max(TEXT_TOKENS, columns + 1), 0, vocabSize).toArray());
    }

    /** Java's and libtorch's bytes are counted on the calling thread alone, so {@code step} must do all its work there. */
    private static MemoryUse space(int arrays, long expected, Device device, Runnable step) {
        OptionalLong peak = ProcessMemory.residentPeak(); // before profiling, which needs memory itself
        OptionalLong before = ProcessMemory.javaAllocated();
        step.run();
        OptionalLong after = ProcessMemory.javaAllocated();
        OptionalLong javaBytes = after.isPresent() ? OptionalLong.of(after.getAsLong() - before.orElse(0)) : after;
        OptionalLong engineBytes = device.isGpu() ? OptionalLong.empty() : OptionalLong.of(Allocations.bytes(step));
        return new MemoryUse(arrays, engineBytes, javaBytes, peak, expected);
    }

    /** Makes one step; returns milliseconds of: data, 0 (the place of forward), forward and backward, clip, optimizer, all. */
    private static double[] update(NDManager manager, Optimizer optimizer, BatchGradients batchGradients, Batches batches, RunConfig config,
                                   int step, int[] arrays) {
        long[] at = new long[5];
        at[0] = System.nanoTime();
        Batch batch = batches.at(step);
        try (NDManager scope = manager.newSubManager()) {
            at[1] = System.nanoTime();
            List<NDArray> gradients = batchGradients.of(scope, batch, 1.0 / batch.targetCount(), step).gradients();
            at[2] = System.nanoTime();
            float norm = UpdateKernels.globalNorm(gradients).getFloat();
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
