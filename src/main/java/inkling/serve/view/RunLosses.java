package inkling.serve.view;

import inkling.errors.FileFaults;
import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Row;
import inkling.train.MetricsCsv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The losses of a run, as pages ask for them every few seconds: metrics.csv is read again only when it has changed. For any thread. */
final class RunLosses {
    private static final int MOST_POINTS = 400;

    /**
     * @param curve of {@code {step, train_loss, val_loss}}, the whole run at {@value RunLosses#MOST_POINTS} steps at most
     * @param at the rows of the steps that were asked for, where there is one
     */
    record Read(Optional<FileTime> changed, long bytes, List<Long> steps, List<Map<String, Object>> curve, Map<Long, Row> at) {}

    private Read last = new Read(Optional.empty(), 0, List.of(), List.of(), Map.of());

    /** One reading at a time: a long file takes memory while it is read. */
    synchronized Read of(Path run, List<Long> steps) {
        Path metrics = run.resolve(MetricsCsv.FILE_NAME);
        if (!Files.exists(metrics)) {
            return new Read(Optional.empty(), 0, steps, List.of(), Map.of());
        }
        try {
            Optional<FileTime> changed = Optional.of(Files.getLastModifiedTime(metrics));
            long bytes = Files.size(metrics);
            Read known = last;
            if (known.changed().equals(changed) && known.bytes() == bytes && known.steps().equals(steps)) {
                return known;
            }
            RunHistory history = RunHistory.read(metrics);
            Set<Long> wanted = Set.copyOf(steps);
            Map<Long, Row> at = history.rows().stream().filter(row -> wanted.contains(row.step()))
                .collect(Collectors.toMap(Row::step, Function.identity()));
            last = new Read(changed, bytes, steps, curve(history.rows()), at);
            return last;
        } catch (IOException e) {
            throw FileFaults.cannot("read", metrics, e);
        }
    }

    /** Of each part of the run its last row, and its last that has a validation loss. */
    private static List<Map<String, Object>> curve(List<Row> rows) {
        int parts = MOST_POINTS / 2;
        SortedMap<Long, Row> kept = new TreeMap<>();
        for (int part = 0; part < parts; part++) {
            List<Row> some = rows.subList((int) ((long) part * rows.size() / parts), (int) ((part + 1L) * rows.size() / parts));
            some.stream().reduce((a, b) -> b).ifPresent(row -> kept.put(row.step(), row));
            some.stream().filter(row -> row.value(Metric.VAL_LOSS).isPresent()).reduce((a, b) -> b)
                .ifPresent(row -> kept.put(row.step(), row));
        }
        return kept.values().stream().map(row -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("step", row.step());
            put(one, Optional.of(row));
            return one;
        }).toList();
    }

    /** Adds {@code train_loss} and {@code val_loss}, null where they were not measured. */
    static void put(Map<String, Object> json, Optional<Row> row) {
        json.put("train_loss", number(row, Metric.TRAIN_LOSS));
        json.put("val_loss", number(row, Metric.VAL_LOSS));
    }

    private static Double number(Optional<Row> row, Metric metric) {
        OptionalDouble value = row.map(found -> found.value(metric)).orElse(OptionalDouble.empty());
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
