package inkling.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.engine.ComputeContext;
import inkling.engine.UpdateKernels;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.config.GptConfig;
import inkling.model.grad.CrossEntropy;
import inkling.model.grad.Loss;
import inkling.model.grad.LossGradients;
import inkling.model.grad.Rewards;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Computes the loss and gradients of a micro-batch by data parallelism in one process. Each thread computes a part of the rows; the
 * gradients of all parts are added at the end. The threads of this class wait for each other once per micro-batch. Threads that split each
 * operation would wait dozens of times per layer.
 *
 * <p>The sum equals that of the whole batch except for rounding, and has the same bits for the same number of threads. A model with dropout
 * has one worker, because dropout draws from one generator for all threads. So has a model on a GPU, and a model whose gradients take too
 * much memory to be held twice.
 */
public final class RowWorkers implements BatchGradients, AutoCloseable {
    /** The most bytes that the gradients of all workers but the first may take. */
    private static final long EXTRA_GRADIENT_BYTES = 256L << 20;

    private final List<Worker> workers = new ArrayList<>();
    private final ExecutorService pool;
    private final ComputeContext context;

    /**
     * Computes one part of the rows. The first worker has the caller's model; every other worker has a model object of its own, with the
     * same weights. One thread at a time uses a worker, not always the same thread.
     */
    private record Worker(Gpt gpt, BatchGradients gradients) {
        static Worker of(Gpt gpt, List<String> trainable, boolean recompute, Loss loss) {
            return new Worker(gpt, BatchGradients.whole(new LossGradients(gpt, trainable, recompute, loss)));
        }
    }

    /** A computation on a worker's rows. The arrays of its result belong to {@code scope} or to a manager below it. */
    private interface Task<R> {
        R of(Worker worker, NDManager scope, Batch rows);
    }

    /** Workers that compute the cross-entropy of the next tokens. */
    public RowWorkers(Gpt gpt, List<String> trainable, boolean recompute, int rows, ComputeContext context) {
        this(gpt, trainable, recompute, CrossEntropy.ofVocabulary(gpt.config().vocabSize()), rows, context);
    }

    /**
     * @param trainable names of the parameters to differentiate by
     * @param rows the fewest rows, or pairs of rows, that a micro-batch will have
     * @param context its threads are divided among the workers
     */
    public RowWorkers(Gpt gpt, List<String> trainable, boolean recompute, Loss loss, int rows, ComputeContext context) {
        this.context = context;
        int count = count(gpt, trainable, rows, context);
        workers.add(Worker.of(gpt, trainable, recompute, loss));
        while (workers.size() < count) {
            workers.add(Worker.of(gpt.view(gpt.parameters().manager().getParentManager()), trainable, recompute, loss));
        }
        ComputeContext share = context.withThreads(Math.max(1, context.threads() / count));
        AtomicInteger number = new AtomicInteger();
        pool = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(() -> {
                share.enter();
                work.run();
            }, "gradients-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    private static int count(Gpt gpt, List<String> trainable, int rows, ComputeContext context) {
        long bytes = trainable.stream().mapToLong(name -> gpt.parameters().shape(name).size()).sum() * Float.BYTES;
        return count(gpt.config(), gpt.lora().map(Lora::config), bytes, rows, context);
    }

    /**
     * How many workers to use. With dropout the number is 1, because its random numbers come from one generator; on a GPU it is 1, too.
     * Otherwise {@link #count(long, int, int)} gives the number.
     *
     * @param gradientBytes of one worker
     */
    public static int count(GptConfig model, Optional<LoraConfig> lora, long gradientBytes, int rows, ComputeContext context) {
        boolean dropout = model.dropout() > 0 || lora.filter(adapters -> adapters.dropout() > 0).isPresent();
        return dropout || context.device().isGpu() ? 1 : count(gradientBytes, rows, context.threads());
    }

    /**
     * The number of workers that is estimated to be fastest, if their gradients do not take too much memory. Each worker has
     * {@code rows / workers} rows and {@code threads / workers} threads for an operation. The estimate counts each further thread of a
     * worker as half a thread.
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

    /** The most parts into which the rows of a micro-batch are divided. All parts are computed at the same time. */
    public int workers() {
        return workers.size();
    }

    @Override
    public LossGradients.Result of(NDManager scope, Batch batch, double weight, long seed) {
        List<LossGradients.Result> parts = shareOut(scope, batch, (worker, own, rows) -> worker.gradients().of(own, rows, weight, seed));
        LossGradients.Result sum = parts.get(0);
        Rewards rewards = sum.rewards();
        for (LossGradients.Result part : parts.subList(1, parts.size())) {
            sum.loss().addi(part.loss());
            UpdateKernels.addAll(sum.gradients(), part.gradients(), 1);
            rewards = rewards.plus(part.rewards());
        }
        return new LossGradients.Result(sum.loss(), sum.gradients(), rewards);
    }

    /** Computes the forward pass alone, divided among the workers as in {@link #of}. It is for measuring. */
    public void forward(NDManager scope, Batch batch) {
        shareOut(scope, batch, (worker, own, rows) -> {
            Shape shape = new Shape(rows.rows(), rows.columns());
            return worker.gpt().loss(own.create(rows.ids(), shape), own.create(rows.targets(), shape), Mode.TRAIN).getFloat();
        });
    }

    private <R> List<R> shareOut(NDManager scope, Batch batch, Task<R> task) {
        context.enter();
        int together = batch.isPaired() ? 2 : 1;
        int groups = batch.rows() / together;
        int count = Math.min(workers.size(), groups);
        if (count == 1) {
            return List.of(task.of(workers.get(0), scope, batch));
        }
        List<Future<R>> running = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Worker worker = workers.get(i);
                NDManager own = scope.newSubManager();
                Batch part = batch.part(groups * i / count * together, groups * (i + 1) / count * together);
                running.add(pool.submit(() -> task.of(worker, own, part)));
            }
        } finally {
            running.forEach(RowWorkers::await);
        }
        return running.stream().map(RowWorkers::join).toList();
    }

    /** Waits until a worker has ended, even if this thread is interrupted: only after that may the caller close the worker's arrays. */
    private static void await(Future<?> running) {
        boolean interrupted = false;
        for (boolean ended = false; !ended; ) {
            try {
                running.get();
                ended = true;
            } catch (ExecutionException e) {
                ended = true; // join reports it
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the result of a worker that has ended. */
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
