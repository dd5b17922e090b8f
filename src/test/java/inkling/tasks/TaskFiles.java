package inkling.tasks;

import java.nio.file.Path;

/** Reads files of tasks for tests of other packages. */
public final class TaskFiles {
    private TaskFiles() {}

    public static void items(String name, Path file) {
        TaskRecords.read(Task.parse(name + "=" + file), (item, number) -> { });
    }
}
