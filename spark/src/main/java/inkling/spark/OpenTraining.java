package inkling.spark;

import inkling.run.WorkerTraining;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The one training that this process has open: model and text are read once, and serve every round and every worker, one task at a time.
 */
final class OpenTraining {
    private static final Semaphore FREE = new Semaphore(1);
    private static Optional<WorkerTraining> open = Optional.empty();

    private OpenTraining() {}

    /** A task, which may go on for a while after Spark has given up on it. */
    interface Task {
        /** Calls {@code action} when the task computes no more, whether it is done or has failed. */
        void whenEnded(Runnable action);
    }

    /** The one of {@code setting}, opened if it is not open. Until {@code task} ends, nobody else uses or closes it. */
    static WorkerTraining of(WorkerTraining.Setting setting, String checkpoint, Task task) {
        FREE.acquireUninterruptibly();
        task.whenEnded(FREE::release);
        if (open.filter(training -> training.setting().equals(setting)).isEmpty()) {
            free();
            open = Optional.of(WorkerTraining.open(setting, checkpoint));
        }
        return open.get();
    }

    /** Frees it, unless a task that Spark has given up on still computes with it; then its memory goes with the process. */
    static void close() {
        if (FREE.tryAcquire()) {
            try {
                free();
            } finally {
                FREE.release();
            }
        }
    }

    private static void free() {
        open.ifPresent(WorkerTraining::close);
        open = Optional.empty();
    }
}
