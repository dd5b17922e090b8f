package inkling.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.errors.StorageException;
import inkling.inspect.page.ReportPage;
import inkling.io.DurableFiles;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.io.text.TextFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The samples that a model wrote during its training: {@code samples.jsonl} in the run's directory, with one line
 * {@code {"step": 500, "text": "…"}} for each step that has a sample. If the file cannot be written (e.g. a full disk), the
 * training continues after one warning.
 */
public final class SampleLog {
    public static final String FILE_NAME = "samples.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final DurableFiles files;
    private final Consumer<String> warnings;
    private final Map<Long, ReportPage.Sample> samples = new TreeMap<>();
    private boolean warned;

    private SampleLog(Path file, DurableFiles files, Consumer<String> warnings) {
        this.file = file;
        this.files = files;
        this.warnings = warnings;
    }

    /** Opens the log of a run that has completed {@code step} updates: samples of later steps, e.g. of a process that died, are removed. */
    static SampleLog open(Path run, long step, DurableFiles files, Consumer<String> warnings) {
        SampleLog log = new SampleLog(run.resolve(FILE_NAME), files, warnings);
        List<ReportPage.Sample> before = read(run);
        before.stream().filter(sample -> sample.step() <= step).forEach(sample -> log.samples.put(sample.step(), sample));
        if (log.samples.size() < before.size()) {
            log.save();
        }
        return log;
    }

    /** Adds the sample of a step, or replaces it. The whole file is written again each time, since samples are few and short. */
    void write(long step, String text) {
        samples.put(step, new ReportPage.Sample(step, text));
        save();
    }

    private void save() {
        StringBuilder lines = new StringBuilder();
        samples.values().forEach(sample -> lines.append(line(sample)));
        try {
            files.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
        } catch (StorageException e) {
            if (!warned) {
                warnings.accept("%s The training goes on without keeping samples.".formatted(e.getMessage()));
            }
            warned = true;
        }
    }

    private static String line(ReportPage.Sample sample) {
        Map<String, Object> fields = new TreeMap<>(Map.of("step", sample.step(), "text", sample.text()));
        try {
            return JSON.writeValueAsString(fields) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for a sample", e);
        }
    }

    /** The samples of a run, by rising step; none if it has no log. */
    public static List<ReportPage.Sample> read(Path run) {
        Path file = run.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return List.of();
        }
        return TextFiles.readPart(file).lines().map(line -> parse(file, line))
            .sorted(Comparator.comparingLong(ReportPage.Sample::step)).toList();
    }

    private static ReportPage.Sample parse(Path file, String line) {
        JsonFields fields = JsonFields.of(file.toString(), StrictJson.parse(file.toString(), line.getBytes(StandardCharsets.UTF_8)));
        return new ReportPage.Sample(fields.requireLong("step"), fields.requireString("text"));
    }
}
