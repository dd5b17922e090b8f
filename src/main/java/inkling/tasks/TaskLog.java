package inkling.tasks;

import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.text.TextFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The results of a run's checkpoints at tasks: {@code tasks.csv} (RFC 4180) in the run directory, with one row for each figure. If a figure
 * is measured again, the new row replaces the old one.
 */
public final class TaskLog {
    public static final String FILE_NAME = "tasks.csv";
    private static final List<String> COLUMNS = List.of("step", "task", "metric", "value", "stderr", "items", "chance", "file");
    private static final CSVFormat FORMAT = CSVFormat.RFC4180.builder().setRecordSeparator("\r\n").get();

    /** A figure of the checkpoint after {@code step} updates. */
    public record Row(long step, TaskResult result) {
        private boolean isSameFigureAs(Row other) {
            return step == other.step && result.isSameTaskAs(other.result) && result.metric().equals(other.result.metric());
        }
    }

    private TaskLog() {}

    /** Adds figures. They replace earlier figures of the same step, task, file and metric. */
    public static void add(Path run, long step, List<TaskResult> results) {
        List<Row> added = results.stream().map(result -> new Row(step, result)).toList();
        List<Row> all = new ArrayList<>(read(run));
        all.removeIf(row -> added.stream().anyMatch(row::isSameFigureAs));
        all.addAll(added);
        all.sort(Comparator.comparingLong(Row::step));
        StringBuilder text = new StringBuilder(FORMAT.format(COLUMNS.toArray()) + "\r\n");
        for (Row row : all) {
            TaskResult of = row.result;
            text.append(FORMAT.format(row.step, of.name(), of.metric(), of.value(), text(of.stderr()), of.items(),
                text(of.chance()), of.file()))
                .append("\r\n");
        }
        DurableFiles.SYSTEM.write(run.resolve(FILE_NAME), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String text(OptionalDouble value) {
        return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
    }

    /**
     * The figures of a run, in the order of {@code tasks.csv}; none if the run has no such file.
     *
     * @throws ModelFormatException if the file is not such a table
     */
    public static List<Row> read(Path run) {
        Path file = run.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return List.of();
        }
        try (CSVParser parser = CSVParser.parse(TextFiles.readPart(file), FORMAT)) {
            List<CSVRecord> records = parser.getRecords();
            if (records.isEmpty() || !records.get(0).toList().equals(COLUMNS)) {
                throw new ModelFormatException("%s: line 1 must be %s.".formatted(file, String.join(",", COLUMNS)));
            }
            return records.stream().skip(1).map(record -> row(file, record)).toList();
        } catch (IOException | UncheckedIOException e) {
            throw new ModelFormatException("%s: is no CSV file: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Row row(Path file, CSVRecord record) {
        try {
            return new Row(Long.parseLong(record.get(0)), new TaskResult(record.get(1), Path.of(record.get(7)), record.get(2),
                Double.parseDouble(record.get(3)), number(record.get(4)), Long.parseLong(record.get(5)), number(record.get(6))));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new ModelFormatException("%s: row %d is not %s. Remove the row, or the file.".formatted(file, record.getRecordNumber(),
                String.join(",", COLUMNS)), e);
        }
    }

    private static OptionalDouble number(String text) {
        return text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    }
}
