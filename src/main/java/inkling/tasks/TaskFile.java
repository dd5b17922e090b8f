package inkling.tasks;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A task by its name and file, which tell it apart: a task of one name may be measured with several files. */
public sealed interface TaskFile permits Task, TaskResult {
    /** The name of a published task, or the name that users give to a task of their own. */
    String name();

    /** The file with the items. Two paths that lead to one place, such as {@code a.jsonl} and {@code ./a.jsonl}, are one file. */
    Path file();

    /** Whether this is the same task with the same file. */
    default boolean isSameTaskAs(TaskFile other) {
        return name().equals(other.name()) && place(this).equals(place(other));
    }

    /**
     * What a list of {@code all} calls this task: {@code arc}; or {@code arc (easy.jsonl)} if the list has several files of this task; or
     * with the whole path if several of these files have this name.
     */
    default String nameAmong(List<? extends TaskFile> all) {
        Path place = place(this);
        List<Path> others = all.stream().filter(other -> other.name().equals(name())).map(TaskFile::place)
            .filter(other -> !other.equals(place)).toList();
        if (others.isEmpty()) {
            return name();
        }
        Path fileName = Objects.requireNonNullElse(place.getFileName(), place);   // a root has none
        return "%s (%s)".formatted(name(), others.stream().noneMatch(other -> other.endsWith(fileName)) ? fileName : place);
    }

    private static Path place(TaskFile task) {
        return task.file().toAbsolutePath().normalize();
    }
}
