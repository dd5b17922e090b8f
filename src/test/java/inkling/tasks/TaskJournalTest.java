package inkling.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskJournalTest {
    @TempDir Path directory;

    private TaskJournal open() {
        return TaskJournal.open(directory.resolve("journals"), "model", line -> { });
    }

    /** If another file takes the place of a file whose items are being scored, the results do not count for the new file. */
    @Test
    void numbersAreKeptForTheFileThatWasRead() throws IOException {
        Path file = Files.writeString(directory.resolve("mine.jsonl"), "before");
        Task task = Task.parse("mine=" + file);
        try (TaskJournal journal = open()) {
            assertEquals(List.of(), journal.read(task));
            Files.writeString(file, "after");
            journal.write(task, List.of(new double[] {1.0, -2.5}));
        }
        try (TaskJournal journal = open()) {
            assertEquals(List.of(), journal.read(task), "the items of the new file are not scored yet");
        }
        Files.writeString(file, "before");
        try (TaskJournal journal = open()) {
            assertArrayEquals(new double[] {1.0, -2.5}, journal.read(task).get(0));
        }
    }
}
