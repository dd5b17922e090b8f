package inkling.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.Content;
import inkling.io.Manifest;
import inkling.io.Sha256;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * {@code cluster.json} in a checkpoint of {@code cluster train}. It lists the files from which the workers' optimizers continue. The
 * workers write these files themselves, for step 100 to {@code workers/step-000100/} in the run directory. They do so before the
 * checkpoint that lists the files appears.
 *
 * @param workers how many workers train
 * @param innerSteps updates that each worker makes alone before the workers' weights are combined (one round). The last round may be
 *     shorter. A resumed run must use the same number
 * @param files size and hash of each worker's file, in the workers' order; none before the first round ends
 */
public record WorkerStates(int workers, int innerSteps, List<Manifest.Entry> files) {
    public static final String FILE_NAME = "cluster.json";
    /** The directory of all workers' files, in the run directory. */
    public static final String DIRECTORY = "workers";
    /** The command that trains with workers, and the only one that continues such a run. */
    public static final String COMMAND = "cluster train";
    private static final int FORMAT_VERSION = 1;

    public WorkerStates {
        files = List.copyOf(files);
        if (!files.isEmpty() && files.size() != workers) {
            throw new IllegalArgumentException("%d files of %d workers".formatted(files.size(), workers));
        }
    }

    /** Whether {@code checkpoint} is one of {@code cluster train}. */
    public static boolean isIn(Path checkpoint) {
        return Files.exists(checkpoint.resolve(FILE_NAME));
    }

    /** The directory of the files that belong to the checkpoint of {@code step}. */
    public static Path directory(Path run, long step) {
        return run.resolve(DIRECTORY).resolve(CheckpointStore.nameOf(step));
    }

    /** The path of the file that holds one worker's optimizer after {@code step} updates; workers count from 0. */
    public static Path file(Path run, long step, int worker) {
        return directory(run, step).resolve(String.format(Locale.ROOT, "worker-%04d.safetensors", worker));
    }

    /**
     * Reads {@code cluster.json} of {@code checkpoint}.
     *
     * @throws ModelFormatException if the file is damaged, or has another {@code format_version}
     */
    public static WorkerStates read(Path checkpoint) {
        JsonFields fields = JsonFields.read(checkpoint.resolve(FILE_NAME));
        int version = fields.requireInt("format_version");
        if (version != FORMAT_VERSION) {
            throw fields.fault("format_version",
                "is not %d, the one this version reads. Update Inkling to read it.".formatted(FORMAT_VERSION));
        }
        fields.rejectUnknown(Set.of("format_version", "workers", "inner_steps", "sha256", "bytes"));
        List<String> hashes = fields.requireStrings("sha256");
        List<Manifest.Entry> files = new ArrayList<>();
        hashes.forEach(hash -> files.add(new Manifest.Entry(hash, fields.requireLong("bytes"))));
        int workers = fields.requireInt("workers");
        if (!files.isEmpty() && files.size() != workers) {
            throw fields.fault("sha256", "lists %d files of %d workers.".formatted(files.size(), workers));
        }
        return new WorkerStates(workers, fields.requireInt("inner_steps"), files);
    }

    /** The content of {@code cluster.json}. It names one size in bytes, because all workers' files are equally long. */
    public Content content() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("format_version", FORMAT_VERSION).put("workers", workers).put("inner_steps", innerSteps);
        node.put("bytes", files.isEmpty() ? 0 : files.get(0).bytes());
        var hashes = node.putArray("sha256");
        files.forEach(file -> hashes.add(file.sha256()));
        return Content.of(StrictJson.bytes(node));
    }

    /**
     * Checks that one worker's file exists, with the size and hash that {@code cluster.json} lists.
     *
     * @throws ModelFormatException if not; a worker never begins with a fresh state instead
     */
    public static void verify(Path file, Manifest.Entry expected) {
        String wrong = fault(file, expected);
        if (!wrong.isEmpty()) {
            throw new ModelFormatException(("%s %s. A worker's optimizer cannot go on without its state:"
                + " bring the file back, or resume an older checkpoint, `%s --resume RUN/step-…`.")
                .formatted(file, wrong, COMMAND));
        }
    }

    private static String fault(Path file, Manifest.Entry expected) {
        try {
            if (!Files.isRegularFile(file)) {
                return "is missing, although the checkpoint's %s lists it".formatted(FILE_NAME);
            }
            if (Files.size(file) != expected.bytes()) {
                return "has %,d bytes, not the %,d that the checkpoint's %s lists".formatted(Files.size(file), expected.bytes(), FILE_NAME);
            }
            String hash = expected.sha256();
            return Sha256.of(file).equals(hash) ? ""
                : "does not have the sha256 %s… that the checkpoint's %s lists".formatted(hash.substring(0, 12), FILE_NAME);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }
}
