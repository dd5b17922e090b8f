package inkling.serve.batch;

/** {@link Batcher} refuses a prompt or a task because the queue for it is full. */
public final class QueueFullException extends RuntimeException {
    QueueFullException(int waiting) {
        super("%d prompts or tasks wait already.".formatted(waiting), null, false, false);
    }
}
