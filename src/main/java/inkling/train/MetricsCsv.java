package inkling.train;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import inkling.io.text.TextFiles;
import inkling.model.grad.Rewards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The file {@code metrics.csv} (RFC 4180). It has at most one row per step; a figure that was not measured is empty. If a row cannot be
 * written, e.g. because the disk is full, the training goes on. Only the first such failure gives a warning.
 */
public final class MetricsCsv {
    public static final String FILE_NAME = "metrics.csv";
    /** The last two columns depend on an update's time. Into all others, a resumed run writes the same bits as a run that never stopped. */
    public static final List<String> COLUMNS = List.of("step", "tokens", "train_loss", "val_loss", "learning_rate", "grad_norm",
        "tokens_per_second", "step_millis");

    /** Further columns of a run that learns preferences. The first two tell of the update's pairs, the others of the validation pairs. */
    public static final List<String> PREFERENCE_COLUMNS = List.of("reward_accuracy", "reward_margin", "val_reward_accuracy",
        "val_reward_margin", "val_chosen_gain");

    private static final CSVFormat FORMAT = CSVFormat.RFC4180.builder().setRecordSeparator("\r\n").get();

    private final Path file;
    private final List<String> columns;
    private final Consumer<String> warnings;
    private boolean warned;

    private MetricsCsv(Path file, List<String> columns, Consumer<String> warnings) {
        this.file = file;
        this.columns = columns;
        this.warnings = warnings;
    }

    /**
     * Opens the file of a run, and removes the rows after {@code step}, which an earlier process may have left. If there is no file,
     * creates one with only the header.
     */
    public static MetricsCsv open(Path run, long step, DurableFiles files, Consumer<String> warnings) {
        return open(run, COLUMNS, step, files, warnings);
    }

    /** As {@link #open(Path, long, DurableFiles, Consumer)}, for a run that learns preferences. */
    public static MetricsCsv ofPreferences(Path run, long step, DurableFiles files, Consumer<String> warnings) {
        return open(run, Stream.concat(COLUMNS.stream(), PREFERENCE_COLUMNS.stream()).toList(), step, files, warnings);
    }

    private static MetricsCsv open(Path run, List<String> columns, long step, DurableFiles files, Consumer<String> warnings) {
        Path file = run.resolve(FILE_NAME);
        StringBuilder kept = new StringBuilder(line(columns));
        if (Files.exists(file)) {
            rows(file).stream().filter(row -> stepOf(file, columns, row) <= step).forEach(row -> kept.append(line(row)));
        }
        files.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
        return new MetricsCsv(file, columns, warnings);
    }

    /** Reads the rows below the header, without a half-written last line that a dying process left. */
    private static List<List<String>> rows(Path file) {
        String text = TextFiles.readPart(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        try (CSVParser parser = CSVParser.parse(whole, FORMAT)) {
            return parser.stream().skip(1).map(CSVRecord::toList).toList();
        } catch (IOException | UncheckedIOException e) {
            throw new ModelFormatException("%s: is no CSV file: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static long stepOf(Path file, List<String> columns, List<String> row) {
        if (row.size() != columns.size() || !row.get(0).matches("[0-9]{1,18}")) {
            throw new ModelFormatException("%s: the row %s does not have a step and %d columns. Remove the row, or the file."
                .formatted(file, row, columns.size()));
        }
        return Long.parseLong(row.get(0));
    }

    private static String line(List<String> values) {
        return FORMAT.format(values.toArray()) + "\r\n";
    }

    /** Appends one row: what an update measured, what an evaluation at that step measured, or both. */
    public void append(long step, long tokens, Optional<StepMetrics> update, Optional<Evaluator.Result> evaluation) {
        String[] row = new String[columns.size()];
        Arrays.fill(row, "");
        row[0] = Long.toString(step);
        row[1] = Long.toString(tokens);
        update.ifPresent(m -> {
            row[2] = Double.toString(m.loss());
            row[4] = Double.toString(m.learningRate());
            row[5] = Double.toString(m.gradNorm());
            row[6] = Long.toString(Math.round(m.tokensPerSecond()));
            row[7] = Double.toString(Math.round(m.stepMillis() * 1000) / 1000.0);
        });
        evaluation.ifPresent(result -> row[3] = Double.toString(result.loss()));
        update.map(StepMetrics::rewards).ifPresent(rewards -> set(row, rewards, 0, rewards.accuracy(), rewards.meanMargin()));
        evaluation.map(Evaluator.Result::rewards).ifPresent(rewards -> set(row, rewards, 2, rewards.accuracy(), rewards.meanMargin(),
            rewards.chosenGainPerToken()));
        try {
            Files.writeString(file, line(List.of(row)), StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            warnOnce(new StorageException("%s: a row could not be written (%s); training goes on."
                .formatted(file, FileFaults.messageOf(e)), e));
        }
    }

    /** Sets the preference columns from index {@code first} on, if pairs were measured and the file has these columns. */
    private static void set(String[] row, Rewards rewards, int first, double... values) {
        for (int i = 0; i < values.length && rewards.pairs() > 0 && row.length > COLUMNS.size(); i++) {
            row[COLUMNS.size() + first + i] = Double.toString(values[i]);
        }
    }

    /**
     * Makes the rows so far survive a power loss. Called before each checkpoint, because a run that resumes from the checkpoint expects all
     * rows up to its step.
     */
    public void force() {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            warnOnce(new StorageException("%s: may not be whole on disk (%s); training goes on."
                .formatted(file, FileFaults.messageOf(e)), e));
        }
    }

    private void warnOnce(StorageException fault) {
        if (!warned) {
            warnings.accept(fault.getMessage());
        }
        warned = true;
    }
}
