package inkling.serve.batch;

import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.generate.batch.BatchLimits;
import inkling.generate.batch.BatchPrompt;
import inkling.generate.batch.BatchPrompt.Reuse;
import inkling.generate.batch.BatchResult;
import inkling.generate.batch.BatchSession;
import inkling.model.Gpt;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * The thread that owns a model. It works in rounds. In each round it does three things, if there is something to do:
 *
 * <ul>
 *   <li>It makes one step of the {@link BatchSession}, which reads a part of one new prompt and draws the next token of each sample
 *       whose prompt has been read.
 *   <li>It makes one token of an {@link ExactText}.
 *   <li>It runs one task of {@link #call}.
 * </ul>
 *
 * <p>So texts grow side by side. A prompt waits until there are slots and cache memory for it. An exact text needs neither: it waits until
 * the exact texts before it have ended.
 *
 * <p>Other threads call {@link #submit} to hand over work, and {@link #call} to run tasks. Only a limited number of prompts, and of tasks,
 * may wait.
 */
public final class Batcher implements AutoCloseable {
    private static final int MOST_TASKS = 16;
    /** The most tokens that the session reads of a new prompt in one round. With more, running texts would wait longer for their tokens. */
    private static final int PROMPT_TOKENS = 128;

    private final Gpt gpt;
    private final ComputeContext context;
    private final Optional<Tokenizer> tokenizer;
    private final BatcherOptions options;
    private final BatchFigures figures = new BatchFigures();
    private final ExactTexts exact;
    private final Thread thread;
    private final Object lock = new Object();                            // guards the fields below
    private final Deque<FutureTask<?>> tasks = new ArrayDeque<>();
    private BatchSession session;                                        // replaced only by the thread, which reads it without the lock
    private boolean more;                                                // whether the session needs another step
    private boolean closed;
    private volatile RuntimeException ending = new ServerStoppingException(); // the reason that prompts get if the session is closed

    /**
     * Starts the thread. The caller keeps {@code gpt}, whose weights must not change until this object is closed.
     *
     * @param name the thread's name
     */
    public Batcher(String name, Gpt gpt, Optional<Tokenizer> tokenizer, ComputeContext context, BatcherOptions options) {
        this.gpt = gpt;
        this.tokenizer = tokenizer;
        this.context = context;
        this.options = options;
        this.exact = new ExactTexts(gpt, context);
        this.session = open();
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private BatchSession open() {
        return BatchSession.open(gpt, tokenizer, SpecialIds.NONE, context,
            new BatchLimits(options.slots(), options.cacheBytes(), PROMPT_TOKENS, GptLogits.MOST_COPIED_BYTES));
    }

    /**
     * Hands over a prompt to continue. Returns at once; the work's receiver gets the results.
     *
     * @return tells how many prompts wait before this one in its queue; empty once it no longer waits. Exact texts have their own queue
     * @throws QueueFullException if too many prompts wait already, those of exact texts included
     * @throws ServerStoppingException if this is closed
     * @throws inkling.errors.ConfigException for a prompt, other than an exact text, that can never fit into the slots or the cache
     */
    public Supplier<OptionalInt> submit(Work work) {
        synchronized (lock) {
            requireOpen();
            int free = Math.max(0, options.slots() - figures.running()); // a prompt for each may wait, too: most begin in the next step
            if (waiting() >= options.waiting() + free) {
                figures.wasRefused();
                throw new QueueFullException(waiting());
            }
            WorkListener listener = new WorkListener(work, figures);
            Supplier<OptionalInt> ahead;
            if (work.mode() == Work.Mode.EXACT) {
                ahead = exact.add(work, listener);
            } else {
                BatchSession current = session;
                CompletableFuture<BatchResult> future = current.submit(new BatchPrompt(work.prompt(), work.options(),
                    Optional.of(work.prompts().special()), listener, work.receiver()::isCancelled,
                    work.mode() == Work.Mode.SHARED ? Reuse.ALLOWED : Reuse.NONE));
                future.whenComplete((result, fault) -> listener.ended(Optional.ofNullable(result), Optional.ofNullable(fault), ending));
                ahead = () -> current.ahead(future);
                more = true;
            }
            lock.notifyAll();
            return ahead;
        }
    }

    /**
     * Runs {@code task} on the model's thread, at the end of a round, and waits for its result.
     *
     * @throws QueueFullException if {@value #MOST_TASKS} tasks wait
     * @throws ServerStoppingException if this is closed before the task has run, or the calling thread is interrupted
     */
    public <T> T call(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        synchronized (lock) {
            requireOpen();
            if (tasks.size() >= MOST_TASKS) {
                figures.wasRefused();
                throw new QueueFullException(MOST_TASKS);
            }
            tasks.add(future);
            lock.notifyAll();
        }
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(e.getCause());
        } catch (CancellationException e) {
            throw new ServerStoppingException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStoppingException();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ServerStoppingException();
        }
    }

    public BatchFigures figures() {
        return figures;
    }

    public BatcherOptions options() {
        return options;
    }

    /** How many prompts wait for slots and memory, or, as exact texts, for their turn. */
    public int waiting() {
        synchronized (lock) {
            return session.waiting() + exact.waiting();
        }
    }

    /** Whether this takes work; false as soon as {@link #close} begins. */
    public boolean isOpen() {
        synchronized (lock) {
            return !closed;
        }
    }

    private void run() {
        context.enter();
        try {
            while (awaitWork()) {
                long began = System.nanoTime();
                boolean together = stepTogether();
                boolean alone = exact.step();
                if (together || alone) { // a round that only runs a task is no step
                    figures.step(System.nanoTime() - began, session.cacheBytes());
                }
                runTask();
            }
        } finally {
            endAll();
        }
    }

    /** Waits until there is something to do. Returns false once this is closed. */
    private boolean awaitWork() {
        synchronized (lock) {
            try {
                while (!closed && !more && !exact.isBusy() && tasks.isEmpty()) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                closed = true;
            }
            return !closed;
        }
    }

    /**
     * Makes one step of the session, if it has texts. A fault of one text ends that text alone; a fault of the step ends all texts of the
     * session. Returns whether the session had texts.
     */
    private boolean stepTogether() {
        synchronized (lock) {
            if (!more) {
                return false;
            }
            more = false; // submit() sets it again for a prompt that comes during the step
        }
        boolean goesOn;
        try {
            goesOn = session.step();
        } catch (RuntimeException e) {
            beginAnew(e);
            return true;
        }
        synchronized (lock) {
            more |= goesOn;
        }
        return true;
    }

    private void beginAnew(RuntimeException why) {
        synchronized (lock) {
            ending = why;
            session.close();
            ending = new ServerStoppingException();
            session = open();
        }
    }

    private void runTask() {
        Optional<FutureTask<?>> task;
        synchronized (lock) {
            task = Optional.ofNullable(tasks.poll());
        }
        context.enter();
        task.ifPresent(FutureTask::run);
    }

    /** Ends all texts of the session, all exact texts, and the tasks that wait. */
    private void endAll() {
        synchronized (lock) {
            closed = true;
            session.close();
            exact.end(ending);
            tasks.forEach(task -> task.cancel(false));
            tasks.clear();
        }
    }

    /** Ends all work with an error, after the present round. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
