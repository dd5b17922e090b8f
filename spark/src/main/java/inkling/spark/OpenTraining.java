package inkling.spark;

import inkling.run.WorkerTraining;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The only training that this process has open. Model and text are read once, and used for every round and every worker, by one task at a
 * time.
 */
final class OpenTraining {
    private static final Semaphore FREE = new Semaphore(1);
    private static Optional<WorkerTraining> open = Optional.empty();

    private OpenTraining() {}

    /** A task. It may still compute for a while after Spark has given up on it. */
    interface Task {
        /** Calls {@code action} when the task no longer computes, because it is done or has failed. */
        void whenEnded(Runnable action);
    }

    /** Returns the training of {@code setting}, and opens it first if needed. Until {@code task} ends, no other task uses or closes it. */
    static WorkerTraining of(WorkerTraining.Setting setting, String checkpoint, Task task) {
        FREE.acquireUninterruptibly();
        task.whenEnded(FREE::release);
        if (open.filter(training -> training.setting().equals(setting)).isEmpty()) {
            free();
            open = Optional.of(WorkerTraining.open(setting, checkpoint));
        }
        return open.get();
    }

    /** Frees the training, unless a task that Spark has given up on still uses it; then its memory is freed when the process ends. */
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
