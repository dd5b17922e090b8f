package inkling.serve.batch;

import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.serve.batch.Running.Lane;
import inkling.serve.batch.Sequences.Sequence;
import inkling.serve.batch.WorkQueue.Turn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The thread that owns a model. In each round it takes newcomers in, reads a part of one newcomer's prompt, gives each running sample one
 * token, all in one step, and does one other task. So nobody waits for the end of anybody's text, and a long prompt stops the others' texts
 * for no longer than one part takes.
 *
 * <p>Other threads {@link #submit} work and {@link #call} tasks; both queues are bounded.
 */
public final class Batcher implements AutoCloseable {
    /** Tokens of a prompt that are read at once. */
    private static final int PART = 128;

    /** How long a round waits where every sample's reader is slow. */
    private static final long SLOW_READERS_MILLIS = 2;

    private final Gpt gpt;
    private final ComputeContext context;
    private final BatcherOptions options;
    private final BatchFigures figures = new BatchFigures();
    private final Thread thread;
    private final WorkQueue queue;
    private final List<Running> running = new ArrayList<>();             // used by the thread alone, as is what follows
    private final Prefixes prefixes = new Prefixes();
    private Sequences sequences;

    /**
     * Borrows {@code gpt}, whose weights must not change until this is closed.
     *
     * @param name of the thread
     */
    public Batcher(String name, Gpt gpt, ComputeContext context, BatcherOptions options) {
        this.gpt = gpt;
        this.context = context;
        this.options = options;
        this.queue = new WorkQueue(options.waiting(), () -> Math.max(0, options.slots() - figures.running()));
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Asks for a prompt to be continued. Returns at once; the receiver is told of all that follows.
     *
     * @throws QueueFullException if as many wait as may
     * @throws ServerStoppingException after {@link #close}
     */
    public void submit(Work work) {
        try {
            queue.add(work);
        } catch (QueueFullException e) {
            figures.wasRefused();
            throw e;
        }
    }

    /**
     * Does something else with the model, between two steps, and waits for its result.
     *
     * @throws QueueFullException if as many tasks wait as may
     * @throws ServerStoppingException after {@link #close}
     */
    public <T> T call(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        queue.add(future);
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            throw new IllegalStateException(e.getCause());
        } catch (CancellationException e) {
            throw new ServerStoppingException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStoppingException();
        }
    }

    public BatchFigures figures() {
        return figures;
    }

    public BatcherOptions options() {
        return options;
    }

    /** Requests that wait for a slot. */
    public int waiting() {
        return queue.size();
    }

    /** Whether it takes requests; false once it is being closed. */
    public boolean isOpen() {
        return queue.isOpen();
    }

    private void run() {
        context.enter();
        try (Sequences all = new CachedSequences(gpt, context)) {
            sequences = all;
            while (running.isEmpty() ? queue.await() : queue.isOpen()) {
                round();
            }
        } finally {
            end();
        }
    }

    private void round() {
        dropCancelled();
        takeIn();
        boolean worked = readPrompts();
        worked |= step();
        worked |= runTask();
        running.removeIf(Running::isComplete);
        note();
        if (!worked) {
            queue.pause(SLOW_READERS_MILLIS);
        }
    }

    private void note() {
        figures.now(running.stream().mapToInt(Running::slots).sum(), reserved() + prefixes.bytes());
    }

    private void dropCancelled() {
        for (Running one : List.copyOf(running)) {
            if (one.work().receiver().isCancelled()) {
                figures.ended(true);
                drop(one);
            }
        }
        queue.removeIf(work -> work.receiver().isCancelled());
    }

    private void drop(Running one) {
        one.sequences().forEach(Sequence::close);
        running.remove(one);
    }

    private void fail(Running one, RuntimeException why) {
        drop(one);
        one.work().receiver().failed(why);
    }

    /** First come, first served; only exact work, of which there is one at a time, lets others pass. */
    private void takeIn() {
        Optional<WorkQueue.Waiting> newcomer = queue.take(this::turnOf);
        while (newcomer.isPresent()) {
            running.add(begun(newcomer.get()));
            note();
            newcomer = queue.take(this::turnOf);
        }
    }

    private Turn turnOf(WorkQueue.Waiting newcomer) {
        Work work = newcomer.work();
        if (work.mode() == Work.Mode.EXACT && running.stream().anyMatch(Running::isExact)) {
            return Turn.LATER;
        }
        return fits(work) ? Turn.NOW : Turn.NOBODY;
    }

    /** Whether there are slots, and memory for the longest that its samples may become; drops what was kept for later if need be. */
    private boolean fits(Work work) {
        int slots = work.options().samples();
        long bytes = slots * sequences.bytes(work.room());
        if (running.stream().mapToInt(Running::slots).sum() + slots > options.slots() || reserved() + bytes > options.cacheBytes()) {
            return false;
        }
        while (reserved() + bytes + prefixes.bytes() > options.cacheBytes()) {
            prefixes.dropOldest().ifPresent(kept -> kept.sequence().close());
        }
        return true;
    }

    /** Bytes that all running work may come to need. */
    private long reserved() {
        return running.stream().mapToLong(one -> one.slots() * sequences.bytes(one.work().room())).sum();
    }

    private Running begun(WorkQueue.Waiting newcomer) {
        Work work = newcomer.work();
        Sequence sequence = switch (work.mode()) {
            case EXACT -> new ExactSequence(gpt, context, work.room());
            case APART -> sequences.open(work.room());
            case SHARED -> withBeginning(work);
        };
        return new Running(work, newcomer.arrived(), sequence, figures);
    }

    /** A sequence that has read as much of the prompt as any other has. */
    private Sequence withBeginning(Work work) {
        Optional<Lane> longest = running.stream().filter(one -> !one.isExact()).flatMap(one -> one.lanes().stream())
            .max(Comparator.comparingInt(lane -> Prefixes.common(lane.tokens(), work.prompt())));
        int shared = longest.map(lane -> Prefixes.common(lane.tokens(), work.prompt())).orElse(0);
        Optional<Prefixes.Kept> kept = prefixes.take(work.prompt());
        int own = kept.map(k -> Prefixes.common(k.tokens(), work.prompt())).orElse(0);
        if (kept.isPresent() && own >= shared) {
            sequences.cut(kept.get().sequence(), own, work.room());
            return kept.get().sequence();
        }
        kept.ifPresent(prefixes::add);
        return Prefixes.isWorth(shared, work.prompt()) ? sequences.copy(longest.get().sequence(), shared, work.room())
            : sequences.open(work.room());
    }

    /** Reads a part of the first prompt that is not read yet. */
    private boolean readPrompts() {
        Optional<Running> first = running.stream().filter(one -> !one.grows()).findFirst();
        first.ifPresent(one -> attempt(one, () -> {
            float[] logits = read(one.reading(), one.unread(PART));
            if (one.reading().length() == one.work().prompt().length) {
                one.begin(logits, sequences);
                if (one.isComplete()) {
                    release(one.work(), one.reading(), one.work().prompt());
                }
            }
        }));
        return first.isPresent();
    }

    private float[] read(Sequence sequence, int... ids) {
        return sequence instanceof ExactSequence exact ? exact.read(ids) : sequences.read(sequence, ids);
    }

    private void attempt(Running one, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            fail(one, e);
        }
    }

    /** One more token for each sample whose receiver can take it. */
    private boolean step() {
        List<Lane> ready = running.stream().filter(one -> one.work().receiver().hasRoom()).flatMap(one -> one.lanes().stream()).toList();
        List<Lane> together = ready.stream().filter(lane -> !lane.of().isExact()).toList();
        long began = System.nanoTime();
        for (Lane lane : ready) {
            if (lane.of().isExact()) {
                attempt(lane.of(), () -> advance(lane, read(lane.sequence(), lane.sample().lastId())));
            }
        }
        if (!together.isEmpty()) {
            stepTogether(together);
        }
        if (!ready.isEmpty()) {
            figures.step(System.nanoTime() - began);
        }
        return !ready.isEmpty();
    }

    private void stepTogether(List<Lane> lanes) {
        float[][] logits;
        try {
            logits = sequences.step(lanes.stream().map(Lane::sequence).toList(),
                lanes.stream().mapToInt(lane -> lane.sample().lastId()).toArray());
        } catch (RuntimeException e) {
            lanes.stream().map(Lane::of).distinct().forEach(one -> fail(one, e));
            return;
        }
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            float[] own = logits[i];
            if (running.contains(lane.of())) { // another sample of the same work may just have failed
                attempt(lane.of(), () -> advance(lane, own));
            }
        }
    }

    private void advance(Lane lane, float[] logits) {
        lane.sample().advance(logits);
        if (lane.sample().isComplete()) {
            lane.of().lanes().remove(lane);
            release(lane.of().work(), lane.sequence(), lane.tokens());
        }
    }

    /** A sequence that nobody continues: kept for later requests that begin alike, if its work allows that. */
    private void release(Work work, Sequence sequence, int[] tokens) {
        if (work.mode() == Work.Mode.SHARED) {
            prefixes.add(new Prefixes.Kept(sequence, tokens, sequences.bytes(work.room())));
        } else {
            sequence.close();
        }
    }

    private boolean runTask() {
        Optional<FutureTask<?>> task = queue.takeTask();
        context.enter();
        task.ifPresent(FutureTask::run);
        return task.isPresent();
    }

    /** Tells everybody who still waits for something. */
    private void end() {
        queue.close();
        ServerStoppingException why = new ServerStoppingException();
        running.forEach(one -> one.work().receiver().failed(why));
        running.clear();
        queue.clear().forEach(work -> work.receiver().failed(why));
        figures.now(0, 0);
    }

    /** Ends all work with an error, after the step that is going on. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
