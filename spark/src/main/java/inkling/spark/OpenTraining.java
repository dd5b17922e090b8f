package inkling.spark;

import inkling.run.WorkerTraining;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The one training that this process has open. Its model and text are read once and serve all rounds and workers for which Spark chooses
 * this process. One task at a time uses them.
 */
final class OpenTraining {
    private static final Semaphore FREE = new Semaphore(1);
    private static Optional<WorkerTraining> open = Optional.empty();

    private OpenTraining() {}

    /** A Spark task that uses the training. The task may still compute for a while after Spark has given up on it. */
    interface Task {
        /** Calls {@code action} when the task no longer computes, because it is done or has failed. */
        void whenEnded(Runnable action);
    }

    /** The training of {@code setting}, opened first if needed. Until {@code task} ends, no other task uses or closes the training. */
    static WorkerTraining of(WorkerTraining.Setting setting, String checkpoint, Task task) {
        FREE.acquireUninterruptibly();
        task.whenEnded(FREE::release);
        if (open.filter(training -> training.setting().equals(setting)).isEmpty()) {
            free();
            open = Optional.of(WorkerTraining.open(setting, checkpoint));
        }
        return open.get();
    }

    /** Frees the training, unless a task that Spark has given up on still uses it. In that case the end of the process frees it. */
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
