package inkling.train;

import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.engine.Devices;
import inkling.engine.Kernels;
import inkling.model.Gpt;
import inkling.model.LossGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    private final List<BatchGradients> models = new ArrayList<>();
    private final List<Gpt> views = new ArrayList<>();
    private final ExecutorService pool;
    private final int threads;

    /**
     * @param trainable names of the parameters to differentiate by
     * @param rows of a micro-batch, at least
     * @param threads of the machine to use
     */
    public RowWorkers(Gpt gpt, List<String> trainable, boolean recompute, int rows, int threads) {
        this.threads = threads;
        int workers = count(gpt, trainable, rows, threads);
        models.add(BatchGradients.whole(new LossGradients(gpt, trainable, recompute)));
        while (models.size() < workers) {
            Gpt view = gpt.view();
            views.add(view);
            models.add(BatchGradients.whole(new LossGradients(view, trainable, recompute)));
        }
        pool = Executors.newFixedThreadPool(workers, work -> {
            Thread thread = new Thread(() -> {
                Devices.setThreads(Math.max(1, threads / workers));
                work.run();
            }, "gradients");
            thread.setDaemon(true);
            return thread;
        });
    }

    static int count(Gpt gpt, List<String> trainable, int rows, int threads) {
        boolean dropout = gpt.config().dropout() > 0 || gpt.lora().filter(lora -> lora.config().dropout() > 0).isPresent();
        if (dropout || gpt.parameters().manager().getDevice().isGpu()) {
            return 1;
        }
        long bytes = trainable.stream().mapToLong(name -> gpt.parameters().shape(name).size()).sum() * Float.BYTES;
        return (int) Math.min(Math.min(rows, threads), 1 + EXTRA_GRADIENT_BYTES / Math.max(1, bytes));
    }

    /** Threads that compute side by side. */
    public int workers() {
        return models.size();
    }

    @Override
    public LossGradients.Result of(NDManager scope, Batch batch, double weight, long seed) {
        int workers = Math.min(models.size(), batch.rows());
        if (workers == 1) {
            return models.get(0).of(scope, batch, weight, seed);
        }
        List<Future<LossGradients.Result>> running = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            BatchGradients model = models.get(i);
            NDManager own = scope.newSubManager();
            Batch part = rows(batch, batch.rows() * i / workers, batch.rows() * (i + 1) / workers);
            running.add(pool.submit(() -> model.of(own, part, weight, seed)));
        }
        running.forEach(RowWorkers::await);
        Devices.setThreads(threads); // what the workers said for themselves holds for threads that are yet to begin, too
        List<LossGradients.Result> parts = running.stream().map(RowWorkers::join).toList();
        LossGradients.Result sum = parts.get(0);
        for (LossGradients.Result part : parts.subList(1, workers)) {
            sum.loss().addi(part.loss());
            Kernels.addAll(sum.gradients(), part.gradients(), 1);
        }
        return sum;
    }

    private static Batch rows(Batch batch, int from, int to) {
        int columns = batch.columns();
        return new Batch(Arrays.copyOfRange(batch.ids(), from * columns, to * columns),
            Arrays.copyOfRange(batch.targets(), from * columns, to * columns), to - from, columns);
    }

    /** All end before the first fault is told: what they compute with is closed then. */
    private static void await(Future<LossGradients.Result> running) {
        try {
            running.get();
        } catch (ExecutionException e) {
            // join tells it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static LossGradients.Result join(Future<LossGradients.Result> running) {
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
        views.forEach(Gpt::close);
    }
}
