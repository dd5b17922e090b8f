package inkling.spark;

import inkling.errors.FileFaults;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code workers.csv}, beside metrics.csv: a row for each worker and round. The columns after {@code tokens} are about times, attempts and
 * machines; {@code receive_seconds} includes the time to open the model and the text. The other columns do not depend on which machines the
 * workers ran on, if all machines have the same kind of processor.
 */
final class WorkersCsv {
    static final String FILE_NAME = "workers.csv";
    private static final String HEADER =
        "step,worker,train_loss,mean_train_loss,grad_norm,tokens,receive_seconds,train_seconds,attempt,process,processor";
    private static final int COLUMNS = HEADER.split(",").length;
    private static final String LINE_END = "\r\n";

    private final Path file;
    private final Consumer<String> warnings;
    private final Set<String> processors;

    private WorkersCsv(Path file, Consumer<String> warnings, Set<String> processors) {
        this.file = file;
        this.warnings = warnings;
        this.processors = processors;
    }

    /** Opens the file of a run at {@code step}, and removes the rows of later steps: the run makes those rounds anew. */
    static WorkersCsv open(Path run, long step, Consumer<String> warnings) {
        Path file = run.resolve(FILE_NAME);
        List<String> kept = new ArrayList<>();
        try {
            List<String> rows = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
            rows.stream().filter(row -> row.matches("[0-9]{1,18},.*") && Long.parseLong(row.substring(0, row.indexOf(','))) <= step)
                .forEach(kept::add);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        Set<String> processors = kept.stream().map(row -> row.split(",")).filter(columns -> columns.length == COLUMNS)
            .map(columns -> columns[COLUMNS - 1]).collect(Collectors.toSet());
        kept.add(0, HEADER);
        DurableFiles.SYSTEM.write(file, (String.join(LINE_END, kept) + LINE_END).getBytes(StandardCharsets.UTF_8));
        return new WorkersCsv(file, warnings, processors);
    }

    /** The processors on which the run was trained before. */
    Set<String> processors() {
        return processors;
    }

    /** Adds the rows of a round. If they cannot be written, a warning says so, and training goes on. */
    void append(long step, List<WorkerReport.Trained> reports) {
        StringBuilder rows = new StringBuilder();
        for (WorkerReport.Trained report : reports) {
            rows.append(String.format(Locale.ROOT, "%d,%d,%s,%s,%s,%d,%.3f,%.3f,%d,%s,%s", step, report.worker(), report.lastLoss(),
                report.meanLoss(), report.lastGradNorm(), report.tokens(), report.seconds().open() + report.seconds().receive(),
                report.seconds().train(), report.attempt(), report.process(), report.cpu())).append(LINE_END);
        }
        try {
            Files.writeString(file, rows, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            warnings.accept("%s: rows could not be written (%s); training goes on.".formatted(file, FileFaults.messageOf(e)));
        }
    }
}
