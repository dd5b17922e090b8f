package inkling.spark;

import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * {@code workers.csv}, beside metrics.csv: a row for each worker and round. The columns after {@code grad_norm} tell of times and machines; the
 * others are the same bits wherever the workers ran.
 */
final class WorkersCsv {
    static final String FILE_NAME = "workers.csv";
    private static final String HEADER = "step,worker,train_loss,mean_train_loss,grad_norm,tokens,receive_seconds,train_seconds,attempt,process";
    private static final String LINE_END = "\r\n";

    private final Path file;
    private final Consumer<String> warnings;

    private WorkersCsv(Path file, Consumer<String> warnings) {
        this.file = file;
        this.warnings = warnings;
    }

    /** Opens the file of a run that stands at {@code step}: rows of later steps, of a round that was not saved, are removed. */
    static WorkersCsv open(Path run, long step, Consumer<String> warnings) {
        Path file = run.resolve(FILE_NAME);
        StringBuilder kept = new StringBuilder(HEADER + LINE_END);
        try {
            List<String> rows = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
            rows.stream().filter(row -> row.matches("[0-9]{1,18},.*") && Long.parseLong(row.substring(0, row.indexOf(','))) <= step)
                .forEach(row -> kept.append(row).append(LINE_END));
        } catch (IOException e) {
            throw new StorageException("%s cannot be read: %s.".formatted(file, e.getMessage()), e);
        }
        DurableFiles.SYSTEM.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
        return new WorkersCsv(file, warnings);
    }

    /** Rows that cannot be written do not stop the training. */
    void append(long step, List<WorkerReport.Trained> reports) {
        StringBuilder rows = new StringBuilder();
        for (WorkerReport.Trained report : reports) {
            rows.append(String.format(Locale.ROOT, "%d,%d,%s,%s,%s,%d,%.3f,%.3f,%d,%s", step, report.worker(), report.lastLoss(), report.meanLoss(),
                report.lastGradNorm(), report.tokens(), report.receiveSeconds(), report.trainSeconds(), report.attempt(), report.process()))
                .append(LINE_END);
        }
        try {
            Files.writeString(file, rows, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            warnings.accept("%s: rows could not be written (%s); training goes on.".formatted(file, e.getMessage()));
        }
    }
}
