package inkling.spark;

import inkling.run.WorkerTraining;
import java.util.Optional;

/** The one training that this process has open: model and text are read once, and serve every round and every worker. */
final class OpenTraining {
    private static Optional<WorkerTraining> open = Optional.empty();

    private OpenTraining() {}

    /** The one of {@code setting}, opened if it is not open. */
    static synchronized WorkerTraining of(WorkerTraining.Setting setting, String checkpoint) {
        if (open.filter(training -> training.setting().equals(setting)).isEmpty()) {
            close();
            open = Optional.of(WorkerTraining.open(setting, checkpoint));
        }
        return open.get();
    }

    static synchronized void close() {
        open.ifPresent(WorkerTraining::close);
        open = Optional.empty();
    }
}
