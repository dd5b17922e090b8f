package inkling.tasks;

import java.nio.file.Path;

/** Reads files of tasks for tests of other packages. */
public final class TaskFiles {
    private TaskFiles() {}

    /**
     * Reads every item of a file, and keeps none.
     *
     * @param task arc, lambada …; any other name means our own form
     */
    public static void readAll(String task, Path file) {
        TaskRecords.read(Task.parse(task + "=" + file), (item, number) -> { });
    }
}
