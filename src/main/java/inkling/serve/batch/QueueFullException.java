package inkling.serve.batch;

/** {@link Batcher} refuses a prompt because too many prompts wait already, or a task because too many tasks do. */
public final class QueueFullException extends RuntimeException {
    QueueFullException(int waiting) {
        super("%d prompts or tasks wait already.".formatted(waiting), null, false, false);
    }
}
