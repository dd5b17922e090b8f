package inkling.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.errors.ModelFormatException;
import inkling.formats.tensors.Tensors;
import inkling.io.Content;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.optim.OptimizerState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes and reads two files of a checkpoint, which only training needs: the optimizer's state and the run's {@link Progress}. */
public final class TrainingState {
    private static final String OPTIMIZER_FILE = "optimizer.safetensors";
    private static final String UPDATES = "updates";

    private TrainingState() {}

    /** The files by name, ready to be written. */
    public static Map<String, Content> content(OptimizerState optimizer, Progress progress) {
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(OPTIMIZER_FILE, content(optimizer));
        files.put(Progress.FILE_NAME, Content.of(progress.bytes()));
        return files;
    }

    /** The content of {@code optimizer.safetensors} alone. */
    public static Content content(OptimizerState optimizer) {
        return SafetensorsWriter.content(Tensors.entries("", optimizer.state()), Map.of(UPDATES, Long.toString(optimizer.updates())));
    }

    public static Progress progress(Path checkpoint) {
        return Progress.read(checkpoint.resolve(Progress.FILE_NAME));
    }

    /**
     * Fills {@code optimizer} with the state in {@code checkpoint}.
     *
     * @param manager parent of the arrays that are read; these are freed when this method returns
     * @throws ModelFormatException if the file with the state is missing or damaged, or an array in it is missing or has another shape
     */
    public static void load(Path checkpoint, OptimizerState optimizer, NDManager manager) {
        loadFile(checkpoint.resolve(OPTIMIZER_FILE), optimizer, manager);
    }

    /** As {@link #load}, from a file with only the optimizer's state, as {@link #content(OptimizerState)} makes it. */
    public static void loadFile(Path path, OptimizerState optimizer, NDManager manager) {
        try (NDManager scope = manager.newSubManager(); SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, NDArray> state = new LinkedHashMap<>();
            for (Map.Entry<String, NDArray> wanted : optimizer.state().entrySet()) {
                String name = wanted.getKey();
                if (!file.tensors().containsKey(name) || !file.tensor(name).shape().equals(Tensors.shape(wanted.getValue()))) {
                    throw new ModelFormatException(("%s: %s is %s, expected %s. The checkpoint belongs to another model or optimizer; "
                        + "resume from a checkpoint of this run.").formatted(path, name,
                        file.tensors().containsKey(name) ? file.tensor(name).shapeText() : "missing", wanted.getValue().getShape()));
                }
                state.put(name, Tensors.read(file, name, scope));
            }
            optimizer.load(state, updates(path, file.metadata().getOrDefault(UPDATES, "missing")));
        }
    }

    private static long updates(Path file, String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new ModelFormatException("%s: %s in __metadata__ is %s, expected a count.".formatted(file, UPDATES, text));
        }
        return Long.parseLong(text);
    }
}
