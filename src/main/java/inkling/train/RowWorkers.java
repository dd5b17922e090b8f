package inkling.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.config.GptConfig;
import inkling.model.grad.LossGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Loss and gradients of a micro-batch, its rows shared out among threads that compute side by side and add up at the end: data
 * parallelism in one process. Threads that share each operation meet dozens of times a layer, and a small model's step is mostly
 * waiting there; these meet once a step.
 *
 * <p>The sum is that of the whole batch but for rounding, and the same bits each time at the same number of workers. Dropout draws
 * from one generator for all threads, so a model with dropout has one worker, and so has one whose gradients would take too much
 * memory twice.
 */
public final class RowWorkers implements BatchGradients, AutoCloseable {
    /** The most that gradients may take beyond one worker's. */
    private static final long EXTRA_GRADIENT_BYTES = 256L << 20;

    private final List<Worker> workers = new ArrayList<>();
    private final ExecutorService pool;
    private final ComputeContext context;

    /** A model of its own, the weights being everyone's. */
    private record Worker(Gpt gpt, BatchGradients gradients) {
        static Worker of(Gpt gpt, List<String> trainable, boolean recompute) {
            return new Worker(gpt, BatchGradients.whole(new LossGradients(gpt, trainable, recompute)));
        }
    }

    /** What a worker does with its rows; results live in {@code scope} or below. */
    private interface Task<R> {
        R of(Worker worker, NDManager scope, Batch rows);
    }

    /**
     * @param trainable names of the parameters to differentiate by
     * @param rows of a micro-batch, at least
     * @param context whose threads the workers share
     */
    public RowWorkers(Gpt gpt, List<String> trainable, boolean recompute, int rows, ComputeContext context) {
        this.context = context;
        int count = count(gpt, trainable, rows, context);
        workers.add(Worker.of(gpt, trainable, recompute));
        while (workers.size() < count) {
            workers.add(Worker.of(gpt.view(), trainable, recompute));
        }
        ComputeContext share = context.withThreads(Math.max(1, context.threads() / count));
        pool = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(() -> {
                share.enter();
                work.run();
            }, "gradients");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static int count(Gpt gpt, List<String> trainable, int rows, ComputeContext context) {
        long bytes = trainable.stream().mapToLong(name -> gpt.parameters().shape(name).size()).sum() * Float.BYTES;
        return count(gpt.config(), gpt.lora().map(Lora::config), bytes, rows, context);
    }

    /**
     * One worker where there is dropout, whose random numbers come from one generator, and on a GPU; otherwise as {@link #count(long, int, int)}.
     *
     * @param gradientBytes of one worker
     */
    public static int count(GptConfig model, Optional<LoraConfig> lora, long gradientBytes, int rows, ComputeContext context) {
        boolean dropout = model.dropout() > 0 || lora.filter(adapters -> adapters.dropout() > 0).isPresent();
        return dropout || context.device().isGpu() ? 1 : count(gradientBytes, rows, context.threads());
    }

    /**
     * How many workers are soonest done where several are possible: each has {@code rows / workers} rows, and {@code threads / workers}
     * threads for each operation, of which every further one is taken to be worth half of the first.
     *
     * @param gradientBytes of one worker
     */
    public static int count(long gradientBytes, int rows, int threads) {
        long most = Math.min(Math.min(rows, threads), 1 + EXTRA_GRADIENT_BYTES / Math.max(1, gradientBytes));
        int best = 1;
        for (int workers = 2; workers <= most; workers++) {
            best = time(workers, rows, threads) <= time(best, rows, threads) ? workers : best;
        }
        return best;
    }

    private static double time(int workers, int rows, int threads) {
        return ((rows + workers - 1) / workers) / (1 + (threads / workers - 1) / 2.0);
    }

    /** Threads that compute side by side. */
    public int workers() {
        return workers.size();
    }

    @Override
    public LossGradients.Result of(NDManager scope, Batch batch, double weight, long seed) {
        List<LossGradients.Result> parts = shareOut(scope, batch, (worker, own, rows) -> worker.gradients().of(own, rows, weight, seed));
        LossGradients.Result sum = parts.get(0);
        for (LossGradients.Result part : parts.subList(1, parts.size())) {
            sum.loss().addi(part.loss());
            Kernels.addAll(sum.gradients(), part.gradients(), 1);
        }
        return sum;
    }

    /** The forward pass alone, its rows shared out alike: for measuring. */
    public void forward(NDManager scope, Batch batch) {
        shareOut(scope, batch, (worker, own, rows) -> {
            Shape shape = new Shape(rows.rows(), rows.columns());
            return worker.gpt().loss(own.create(rows.ids(), shape), own.create(rows.targets(), shape), Mode.TRAIN).getFloat();
        });
    }

    private <R> List<R> shareOut(NDManager scope, Batch batch, Task<R> task) {
        context.enter();
        int count = Math.min(workers.size(), batch.rows());
        if (count == 1) {
            return List.of(task.of(workers.get(0), scope, batch));
        }
        List<Future<R>> running = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Worker worker = workers.get(i);
                NDManager own = scope.newSubManager();
                Batch part = rows(batch, batch.rows() * i / count, batch.rows() * (i + 1) / count);
                running.add(pool.submit(() -> task.of(worker, own, part)));
            }
        } finally {
            running.forEach(RowWorkers::await);
        }
        return running.stream().map(RowWorkers::join).toList();
    }

    private static Batch rows(Batch batch, int from, int to) {
        int columns = batch.columns();
        return new Batch(Arrays.copyOfRange(batch.ids(), from * columns, to * columns),
            Arrays.copyOfRange(batch.targets(), from * columns, to * columns), to - from, columns);
    }

    /** Until it has ended, interrupted or not: what it computes with is closed after this. */
    private static void await(Future<?> running) {
        boolean interrupted = false;
        for (boolean ended = false; !ended; ) {
            try {
                running.get();
                ended = true;
            } catch (ExecutionException e) {
                ended = true; // join tells it
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The result of one that has ended. */
    private static <R> R join(Future<R> running) {
        try {
            return running.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while gradients were computed", e);
        }
    }

    @Override
    public void close() {
        pool.shutdown();
        workers.subList(1, workers.size()).forEach(worker -> worker.gpt().close());
    }
}
