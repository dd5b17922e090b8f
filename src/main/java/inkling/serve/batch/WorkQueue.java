package inkling.serve.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/** What other threads ask of a model's thread, until that takes it. Bounded: what may not wait is refused at once. */
final class WorkQueue {
    private static final int MOST_TASKS = 16;

    /** @param arrived {@link System#nanoTime} then */
    record Waiting(Work work, long arrived) {}

    /** Whether a newcomer is taken now, waits and lets others pass, or waits and lets none pass. */
    enum Turn { NOW, LATER, NOBODY }

    interface Door {
        Turn turnOf(Waiting newcomer);
    }

    private final int most;
    private final IntSupplier freeSlots;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Deque<FutureTask<?>> tasks = new ArrayDeque<>();
    private boolean closed;

    /**
     * @param most that may wait
     * @param freeSlots asked by any thread: so many more may wait, for no longer than a step
     */
    WorkQueue(int most, IntSupplier freeSlots) {
        this.most = most;
        this.freeSlots = freeSlots;
    }

    synchronized void add(Work work) {
        requireOpen();
        if (waiting.size() >= most + freeSlots.getAsInt()) {
            throw new QueueFullException(waiting.size());
        }
        waiting.add(new Waiting(work, System.nanoTime()));
        notifyAll();
    }

    synchronized void add(FutureTask<?> task) {
        requireOpen();
        if (tasks.size() >= MOST_TASKS) {
            throw new QueueFullException(tasks.size());
        }
        tasks.add(task);
        notifyAll();
    }

    private void requireOpen() {
        if (closed) {
            throw new ServerStoppingException();
        }
    }

    synchronized int size() {
        return waiting.size();
    }

    /** Waits until there is something to take. Returns false once it is closed. */
    synchronized boolean await() {
        while (!closed && waiting.isEmpty() && tasks.isEmpty()) {
            pause(0);
        }
        return !closed;
    }

    /** @param millis 0 for any time */
    synchronized void pause(long millis) {
        try {
            wait(millis);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    synchronized boolean isOpen() {
        return !closed;
    }

    synchronized void removeIf(Predicate<Work> unwanted) {
        waiting.removeIf(one -> unwanted.test(one.work()));
    }

    /** The first that the door lets in. */
    synchronized Optional<Waiting> take(Door door) {
        for (Waiting newcomer : waiting) {
            Turn turn = door.turnOf(newcomer);
            if (turn == Turn.NOW) {
                waiting.remove(newcomer);
                return Optional.of(newcomer);
            }
            if (turn == Turn.NOBODY) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    synchronized Optional<FutureTask<?>> takeTask() {
        return Optional.ofNullable(tasks.poll());
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Takes everything out of a closed queue; tasks are cancelled. */
    synchronized List<Work> clear() {
        tasks.forEach(task -> task.cancel(false));
        tasks.clear();
        List<Work> rest = new ArrayList<>(waiting.stream().map(Waiting::work).toList());
        waiting.clear();
        return rest;
    }
}
