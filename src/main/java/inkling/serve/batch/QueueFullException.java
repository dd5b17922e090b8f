package inkling.serve.batch;

/** A request that cannot wait, because as many wait as may. */
public final class QueueFullException extends RuntimeException {
    QueueFullException(int waiting) {
        super("%d requests wait already.".formatted(waiting), null, false, false);
    }
}
