package inkling.serve.batch;

/** A request is refused because the queue is full. */
public final class QueueFullException extends RuntimeException {
    QueueFullException(int waiting) {
        super("%d requests wait already.".formatted(waiting), null, false, false);
    }
}
