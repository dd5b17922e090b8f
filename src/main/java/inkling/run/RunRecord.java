package inkling.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.DurableFiles;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.runfile.ResumeChanges;
import inkling.template.builtin.Moment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * {@code run.json}: what a run began with (hashes, versions, threads), what changed at each resume, and how it ended.
 *
 * @param formatVersion 1 if Inkling 0.1 began the run, otherwise 2. A resume keeps the 1, because the run keeps the rules of 0.1. One of
 *     these rules says which ids begin and end a text
 * @param unicode the Unicode version that tells the tokenizer which characters are letters. It is empty if the tokenizer does not ask, and
 *     in format 1: Inkling 0.1 used the Unicode version of its Java
 * @param date the day that chat templates got, e.g. {@code 2024-07-26}. A resumed run gives them the same day, so that it learns from the
 *     same tokens. It is empty if the run learns from neither conversations nor pairs of answers, and in format 1
 * @param bf16Speedup speed of products in bfloat16 divided by their speed in float32, measured when a run with {@code precision: bf16}
 *     began; otherwise empty. A resume does not measure it again
 * @param ended how the last training of this run ended. It is empty while the run is trained, and if an earlier version of
 *     Inkling trained it. It is also empty if the training was killed, or failed by another fault than divergence
 */
public record RunRecord(int formatVersion, String dataSha256, String tokenizerSha256, Optional<String> unicode, String engine, int threads,
                 String device, OptionalDouble bf16Speedup, Optional<String> date, ArrayNode resumes, Optional<RunState> ended) {
    public static final String FILE_NAME = "run.json";
    private static final String SPEEDUP = "bf16_speedup";
    private static final String ENDED = "ended";
    private static final String DATE = "date";
    private static final int FIRST_VERSION = 1;
    private static final int FORMAT_VERSION = 2;

    static RunRecord of(RunData data, Environment now, OptionalDouble bf16Speedup, Optional<Moment> date) {
        return new RunRecord(FORMAT_VERSION, data.dataSha256(), data.tokenizerSha256(), data.tokenizer().unicode(), now.engine(),
            now.threads(), now.device(), bf16Speedup, date.map(Moment::date), JsonNodeFactory.instance.arrayNode(), Optional.empty());
    }

    /** Whether version 0.1 began the run. */
    boolean isOfFirstVersion() {
        return formatVersion == FIRST_VERSION;
    }

    /** Where a process computes; if this differs, results may differ in their last bits. */
    record Environment(String engine, int threads, String device) {}

    /** Reads {@code run.json} of a run. @throws inkling.errors.ModelFormatException if it is damaged, or of a later version */
    public static RunRecord read(Path run) {
        JsonFields fields = JsonFields.read(run.resolve(FILE_NAME));
        int version = fields.requireInt("format_version");
        if (version < FIRST_VERSION || version > FORMAT_VERSION) {
            throw fields.fault("format_version", "is none of %d to %d, which this version reads. Update Inkling."
                .formatted(FIRST_VERSION, FORMAT_VERSION));
        }
        ArrayNode resumes = JsonNodeFactory.instance.arrayNode();
        List<JsonNode> before = fields.requireArray("resumes");
        before.forEach(resumes::add);
        return new RunRecord(version, fields.requireString("data_sha256"), fields.requireString("tokenizer_sha256"),
            version == FIRST_VERSION ? Optional.empty() : fields.optionalString("unicode"), fields.requireString("engine"),
            fields.requireInt("threads"), fields.requireString("device"), fields.optionalDouble(SPEEDUP),
            fields.optionalString(DATE), resumes,
            fields.optionalString(ENDED).map(word -> RunState.ending(word).orElseThrow(() -> fields.fault(ENDED, "is no way to end."))));
    }

    /** This record with one more resume, at {@code step}. */
    RunRecord resumed(long step, Environment now, List<ResumeChanges.Change> changes) {
        ArrayNode all = resumes.deepCopy();
        ObjectNode entry = all.addObject();
        entry.put("step", step).put("engine", now.engine()).put("threads", now.threads()).put("device", now.device());
        ArrayNode list = entry.putArray("changes");
        changes.forEach(c -> list.addObject().put("key", c.key()).put("before", c.before()).put("after", c.after()));
        return new RunRecord(formatVersion, dataSha256, tokenizerSha256, unicode, engine, threads, device, bf16Speedup, date, all,
            Optional.empty());
    }

    /** This record, with how the training ended. */
    RunRecord ended(RunState how) {
        return new RunRecord(formatVersion, dataSha256, tokenizerSha256, unicode, engine, threads, device, bf16Speedup, date, resumes,
            Optional.of(how));
    }

    /** The name of a device for people: {@code CPU} for DJL's {@code cpu()}, {@code GPU 1} for {@code gpu(1)}. */
    static String readable(String device) {
        return device.equals("cpu()") ? "CPU" : device.replaceFirst("gpu\\(([0-9]+)\\)", "GPU $1");
    }

    /**
     * The step at which the run was last resumed with other evaluation windows; −1 if it never was. Validation losses up to that step
     * cannot be compared with later ones.
     */
    long otherWindowsAt() {
        long step = -1;
        for (JsonNode resume : resumes) {
            for (JsonNode change : resume.path("changes")) {
                step = change.path("key").asText().equals("train.eval_batches") ? resume.path("step").asLong() : step;
            }
        }
        return step;
    }

    void write(Path run) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("format_version", formatVersion).put("data_sha256", dataSha256).put("tokenizer_sha256", tokenizerSha256);
        unicode.ifPresent(version -> node.put("unicode", version));
        node.put("engine", engine).put("threads", threads).put("device", device);
        bf16Speedup.ifPresent(times -> node.put(SPEEDUP, times));
        date.ifPresent(day -> node.put(DATE, day));
        node.set("resumes", resumes);
        ended.ifPresent(how -> node.put(ENDED, how.word()));
        DurableFiles.SYSTEM.write(run.resolve(FILE_NAME), StrictJson.bytes(node));
    }
}
