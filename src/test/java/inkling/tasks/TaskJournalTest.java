package inkling.tasks;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.errors.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    @Test
    void aSecondEvaluationIsToldWhichProcessMakesTheFirst() {
        try (TaskJournal journal = open()) {
            StorageException e = assertThrows(StorageException.class, this::open);
            assertEquals(3, e.exitCode().code());
            says(e.getMessage(), "in use", "process " + ProcessHandle.current().pid());
        }
        open().close();
    }

    @Test
    void whereNothingCanBeWrittenItSaysSoAndNothingIsKept() throws IOException {
        Task task = Task.parse("mine=" + Files.writeString(directory.resolve("mine.jsonl"), "items"));
        Files.writeString(directory.resolve("journals"), "a file is in the folder's place");
        List<String> told = new ArrayList<>();
        try (TaskJournal journal = TaskJournal.open(directory.resolve("journals"), "model", told::add)) {
            assertEquals(1, told.size(), told.toString());
            says(told.get(0), "cannot be kept", "begins anew", directory.resolve("journals"));
            journal.write(task, List.of(new double[] {1.0, -2.5}));
            assertEquals(List.of(), journal.read(task));
        }
    }
}
