package inkling.serve.batch;

/** The model's thread refuses a request or task because its queue is full. */
public final class QueueFullException extends RuntimeException {
    QueueFullException(int waiting) {
        super("%d requests wait already.".formatted(waiting), null, false, false);
    }
}
