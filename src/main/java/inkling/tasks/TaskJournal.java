package inkling.tasks;

import inkling.errors.StorageException;
import inkling.io.DirectoryLock;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.io.text.TextFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Keeps the results of an unfinished evaluation in a folder, with a file for each task. The file has the number of items and two numbers
 * for each item ({@link Tally}).
 *
 * <p>The folder's name is a hash of model, tokenizer and settings. A file's name is a hash of the task's form and files. So an evaluation
 * does not continue from the numbers of another one. Items are scored in groups ({@link TaskEvaluation#ITEMS_TOGETHER}), and only whole
 * groups are kept. {@link #done} deletes the folder.
 */
public final class TaskJournal implements AutoCloseable {
    private static final long BETWEEN_WRITES_NANOS = 2_000_000_000L;
    private static final Pattern NUMBERS =
        Pattern.compile("(-?(\\d+\\.\\d+(E-?\\d+)?|Infinity)|NaN) (-?(\\d+\\.\\d+(E-?\\d+)?|Infinity)|NaN)");
    private static final DurableFiles FILES = DurableFiles.SYSTEM;

    private final Optional<Path> folder;
    private final Optional<DirectoryLock> lock;
    private final Consumer<String> remarks;
    private final Map<Task, String> names = new HashMap<>();
    private long written = System.nanoTime();   // the time of the last write; at first, of opening
    private boolean remarked;

    private TaskJournal(Optional<Path> folder, Optional<DirectoryLock> lock, Consumer<String> remarks) {
        this.folder = folder;
        this.lock = lock;
        this.remarks = remarks;
    }

    /**
     * Opens the journal of an evaluation, or begins one. If the journal cannot be written, a remark says so, and nothing is kept.
     *
     * @param parent the folder of journals
     * @param evaluation a text that differs between evaluations: it says which model and which settings
     * @throws StorageException if another process is making the same evaluation
     */
    public static TaskJournal open(Path parent, String evaluation, Consumer<String> remarks) {
        Path folder = parent.resolve(Sha256.of(evaluation).substring(0, 16));
        if (DirectoryLock.isHeld(folder)) {
            DirectoryLock.acquire(folder).close();   // throws, naming the process
        }
        try {
            FILES.createDirectories(folder);
            return new TaskJournal(Optional.of(folder), Optional.of(DirectoryLock.acquire(folder)), remarks);
        } catch (StorageException e) {
            remarks.accept("Results cannot be kept, so an interrupted evaluation begins anew: " + e.getMessage());
            return new TaskJournal(Optional.empty(), Optional.empty(), remarks);
        }
    }

    /** The hash is made once for each task: hashing takes long for a large file, and the file may change while its items are scored. */
    private String fileName(Task task) {
        return names.computeIfAbsent(task, t -> {
            String labels = t.labels().map(Sha256::of).orElse("");
            return Sha256.of(t.form() + " " + Sha256.of(t.file()) + " " + labels).substring(0, 16);
        });
    }

    /** The numbers that were kept for a task, in the order of its items; none if its file is missing or damaged. */
    List<double[]> read(Task task) {
        Optional<Path> file = folder.map(f -> f.resolve(fileName(task))).filter(Files::exists);
        if (file.isEmpty()) {
            return List.of();
        }
        List<String> lines = TextFiles.readPart(file.get()).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(Integer.toString(lines.size() - 1))
            || !lines.stream().skip(1).allMatch(line -> NUMBERS.matcher(line).matches())) {
            return List.of();
        }
        return lines.stream().skip(1).map(line -> Stream.of(line.split(" ")).mapToDouble(Double::parseDouble).toArray()).toList();
    }

    /** Writes the numbers of the items so far, unless the last write, or opening the journal, was less than two seconds ago. */
    void keep(Task task, List<double[]> items) {
        if (System.nanoTime() - written > BETWEEN_WRITES_NANOS) {
            write(task, items);
        }
    }

    /** Writes the numbers of the items so far. If writing fails, a remark says so, once. */
    void write(Task task, List<double[]> items) {
        StringBuilder text = new StringBuilder(items.size() + "\n");
        items.forEach(item -> text.append(item[0]).append(' ').append(item[1]).append('\n'));
        try {
            folder.ifPresent(f -> FILES.write(f.resolve(fileName(task)), text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (StorageException e) {
            if (!remarked) {
                remarks.accept("Results cannot be kept, so an interrupted evaluation begins anew: " + e.getMessage());
            }
            remarked = true;
        }
        written = System.nanoTime();
    }

    /** Closes and deletes the journal, and the two folders above it if they are then empty; called when all tasks are done. */
    public void done() {
        close();
        folder.ifPresent(f -> {
            FILES.deleteDirectory(f);
            FILES.deleteIfEmpty(f.toAbsolutePath().getParent());
            FILES.deleteIfEmpty(f.toAbsolutePath().getParent().getParent());   // the folder of runs, if it has no runs
        });
    }

    @Override
    public void close() {
        lock.ifPresent(DirectoryLock::close);
    }
}
