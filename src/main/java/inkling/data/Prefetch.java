package inkling.data;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Prepares batches ahead of time on a thread of its own, so that a training step does not wait for the disk.
 *
 * <p>At most {@code ahead} finished batches wait in a queue, while the thread prepares one more. If preparing a batch fails, {@link #next}
 * throws the fault at that batch's micro-step. Only one thread may call {@link #next}. {@link #close} ends the thread that prepares.
 */
public final class Prefetch implements AutoCloseable {
    private sealed interface Item {
        record Ready(Batch batch) implements Item {}

        record Failed(Throwable cause) implements Item {}
    }

    private final Batches source;
    private final BlockingQueue<Item> queue;
    private final Thread thread;
    private long position;
    private volatile boolean closed;

    /** Starts at micro-step {@code first}. */
    public Prefetch(Batches source, long first, int ahead) {
        this.source = source;
        this.queue = new ArrayBlockingQueue<>(ahead);
        this.position = first;
        this.thread = new Thread(() -> produce(first), "batches");
        thread.setDaemon(true);
        thread.start();
    }

    /** The micro-step whose batch the coming call of {@link #next} returns. */
    public long position() {
        return position;
    }

    /**
     * Returns the batch of micro-step {@link #position}, and adds one to the position. After a failure, each call until {@link #close}
     * throws the same failure.
     */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("closed before micro-step " + position);
        }
        Item item = take();
        if (item instanceof Item.Ready ready) {
            position++;
            return ready.batch();
        }
        Throwable cause = ((Item.Failed) item).cause();
        queue.add(item);   // the producer has ended, so there is room
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        throw (Error) cause;
    }

    private Item take() {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for micro-step " + position, e);
        }
    }

    private void produce(long first) {
        try {
            for (long k = first; !closed; k++) {
                Item item = prepare(k);
                queue.put(item);
                if (item instanceof Item.Failed) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // close() ends this thread by interrupting it
        }
    }

    private Item prepare(long k) {
        try {
            return new Item.Ready(source.at(k));
        } catch (RuntimeException | Error e) {
            return new Item.Failed(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        queue.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
