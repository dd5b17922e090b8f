package inkling.tasks;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A task with its name and file. Only the two together identify the task: one name may be used with several files. */
public sealed interface TaskFile permits Task, TaskResult {
    /** The name of a published task, or the name that users give to a task of their own. */
    String name();

    /** The file with the items. {@code a.jsonl} and {@code ./a.jsonl} count as one file, but a symbolic link and its target as two. */
    Path file();

    /** Whether this is the same task with the same file. */
    default boolean isSameTaskAs(TaskFile other) {
        return name().equals(other.name()) && place(this).equals(place(other));
    }

    /**
     * The name of this task in a list of the tasks {@code all}, e.g. {@code arc}. If the list has several files for the name {@code arc},
     * it is {@code arc (easy.jsonl)}. If another of these files is also called {@code easy.jsonl}, the whole path is in parentheses.
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
