package inkling.inspect;

import inkling.errors.ModelFormatException;
import inkling.io.text.TextFiles;
import inkling.train.MetricsCsv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Every row of a run's {@code metrics.csv}, as numbers. Columns other than {@code step}, {@code tokens} and those of {@link Metric} are
 * ignored. A last line without a line end is a row that is still being written; it is left out.
 *
 * @param rows by rising step
 */
public record RunHistory(List<Row> rows) {
    /**
     * A number that a row may have. First come the columns of {@link MetricsCsv} from {@code train_loss} to {@code tokens_per_second}, in
     * their order; then the columns that only preference tuning has.
     */
    public enum Metric {
        TRAIN_LOSS, VAL_LOSS, LEARNING_RATE, GRAD_NORM, TOKENS_PER_SECOND,
        REWARD_ACCURACY, REWARD_MARGIN, VAL_REWARD_ACCURACY, VAL_REWARD_MARGIN, VAL_CHOSEN_GAIN;

        private static final int FIRST_COLUMN = 2;

        private boolean isOfPreferences() {
            return ordinal() >= REWARD_ACCURACY.ordinal();
        }

        /** The metric's name in the header of {@code metrics.csv}. */
        public String column() {
            return isOfPreferences() ? MetricsCsv.PREFERENCE_COLUMNS.get(ordinal() - REWARD_ACCURACY.ordinal())
                : MetricsCsv.COLUMNS.get(FIRST_COLUMN + ordinal());
        }
    }

    private static final List<String> COLUMNS = MetricsCsv.COLUMNS.subList(0, Metric.FIRST_COLUMN + Metric.REWARD_ACCURACY.ordinal());

    /**
     * One row.
     *
     * @param step how many updates were completed
     * @param tokens how many tokens were trained on so far
     * @param values in the order of {@link Metric}; metrics at the end may be absent. A value is NaN if it was not measured, and infinite
     *     if the file has {@code Infinity} or {@code NaN}
     */
    public record Row(long step, long tokens, double[] values) {
        /** The value of {@code metric}, if it was measured and is finite. */
        public OptionalDouble value(Metric metric) {
            double value = metric.ordinal() < values.length ? values[metric.ordinal()] : Double.NaN;
            return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        }
    }

    /** The measured finite values of a metric: {@code values[i]} at {@code steps[i]}. */
    public record Series(double[] steps, double[] values) {}

    /** A value and the step at which it was measured. */
    public record Point(long step, double value) {}

    public RunHistory {
        rows = List.copyOf(rows);
    }

    /** Whether the run learns from pairs of answers; its losses are then nats per pair. False before the first evaluation of pairs. */
    public boolean learnsPreferences() {
        return last(Metric.VAL_REWARD_ACCURACY).isPresent();
    }

    /** What the losses of a run are measured in. @param preferences whether the run learns from pairs of answers */
    public static String lossUnit(boolean preferences) {
        return preferences ? "nats per pair" : "nats per token";
    }

    /** What the losses of {@code runs} are measured in: {@code nats per token}, {@code nats per pair}, or both. */
    public static String lossUnits(List<RunHistory> runs) {
        return runs.stream().map(run -> lossUnit(run.learnsPreferences())).distinct()
            .sorted(Comparator.reverseOrder()).collect(Collectors.joining(", of preferences "));
    }

    /**
     * Reads {@code metrics.csv}.
     *
     * @throws ModelFormatException if the file is missing, is no CSV file, lacks a needed column or names a column twice; if a row does not
     *     fit the header or has something else than a number in a column that is read (the field of a metric may be empty); or if the steps
     *     do not rise
     */
    public static RunHistory read(Path file) {
        if (!Files.exists(file)) {
            throw new ModelFormatException(file + " does not exist: a run directory has this file. Was the directory copied without it?");
        }
        String text = TextFiles.readPart(file);
        CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
        try (CSVParser parser = CSVParser.parse(text.substring(0, text.lastIndexOf('\n') + 1), format)) {
            List<String> header = parser.getHeaderNames();
            List<String> missing = COLUMNS.stream().filter(column -> !header.contains(column)).toList();
            if (!missing.isEmpty() || new HashSet<>(header).size() != header.size()) {
                throw new ModelFormatException("%s: line 1 must name each of these columns once: %s; it is %s."
                    .formatted(file, String.join(",", COLUMNS), String.join(",", header)));
            }
            RunHistory history = new RunHistory(parser.stream().map(line -> row(file, line, header.size())).toList());
            history.requireRisingSteps(file);
            return history;
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new ModelFormatException("%s is no CSV file: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Row row(Path file, CSVRecord line, int columns) {
        if (line.size() != columns) {
            throw new ModelFormatException("%s: row %d has %d fields, expected %d as the header has."
                .formatted(file, line.getRecordNumber(), line.size(), columns));
        }
        double[] values = new double[Metric.values().length];
        for (Metric metric : Metric.values()) {
            values[metric.ordinal()] = metric.isOfPreferences() && !line.isMapped(metric.column()) ? Double.NaN
                : number(file, line, metric.column());
        }
        return new Row(count(file, line, "step"), count(file, line, "tokens"), values);
    }

    private static long count(Path file, CSVRecord line, String column) {
        if (!line.get(column).matches("[0-9]{1,18}")) {
            throw notANumber(file, line, column, "a whole number");
        }
        return Long.parseLong(line.get(column));
    }

    /**
     * The number in a field; NaN, which means "not measured", for an empty field. A diverging run may leave {@code NaN} and
     * {@code Infinity}; both become infinite here.
     */
    private static double number(Path file, CSVRecord line, String column) {
        String value = line.get(column);
        if (!value.isEmpty() && !value.matches("-?([0-9]+(\\.[0-9]*)?([eE][-+]?[0-9]+)?|NaN|Infinity)")) {
            throw notANumber(file, line, column, "a number");
        }
        return value.isEmpty() ? Double.NaN : value.endsWith("NaN") ? Double.POSITIVE_INFINITY : Double.parseDouble(value);
    }

    private static ModelFormatException notANumber(Path file, CSVRecord line, String column, String expected) {
        return new ModelFormatException("%s: row %d, column %s: \"%s\" is not %s.".formatted(file, line.getRecordNumber(), column,
            line.get(column), expected));
    }

    private void requireRisingSteps(Path file) {
        for (int i = 1; i < rows.size(); i++) {
            if (rows.get(i).step() <= rows.get(i - 1).step()) {
                throw new ModelFormatException("%s: row %d is of step %d, after step %d: steps must rise.".formatted(file, i + 1,
                    rows.get(i).step(), rows.get(i - 1).step()));
            }
        }
    }

    /** The finite values of {@code metric} and their steps. */
    public Series series(Metric metric) {
        List<Row> measured = rows.stream().filter(row -> row.value(metric).isPresent()).toList();
        return new Series(measured.stream().mapToDouble(Row::step).toArray(),
            measured.stream().mapToDouble(row -> row.value(metric).getAsDouble()).toArray());
    }

    /** The last finite value of {@code metric}. */
    public Optional<Point> last(Metric metric) {
        return points(metric).reduce((before, after) -> after);
    }

    /** The lowest validation loss, the first of equal ones. The loss at step 0 does not count: nothing was trained yet. */
    public Optional<Point> bestValidation() {
        return points(Metric.VAL_LOSS).filter(point -> point.step() > 0).min(Comparator.comparingDouble(Point::value));
    }

    private Stream<Point> points(Metric metric) {
        return rows.stream().filter(row -> row.value(metric).isPresent())
            .map(row -> new Point(row.step(), row.value(metric).getAsDouble()));
    }

    /**
     * Seconds that the updates took, without evaluations and samples. This is an estimate: each row with a speed adds the tokens since the
     * last such row, divided by the speed.
     */
    public double seconds() {
        double seconds = 0;
        long counted = 0;
        for (Row row : rows) {
            double speed = row.value(Metric.TOKENS_PER_SECOND).orElse(0);
            if (speed > 0) {
                seconds += (row.tokens() - counted) / speed;
                counted = row.tokens();
            }
        }
        return seconds;
    }

    /** Whether any measured value is not finite. No series contains such a value. */
    public boolean hasInfinite() {
        return rows.stream().flatMapToDouble(row -> Arrays.stream(row.values())).anyMatch(Double::isInfinite);
    }
}
