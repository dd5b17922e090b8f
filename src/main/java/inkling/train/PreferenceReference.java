package inkling.train;

import ai.djl.ndarray.NDManager;
import inkling.data.chat.Preferences;
import inkling.engine.ComputeContext;
import inkling.errors.ModelFormatException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The log-probabilities, in nats, that the reference model of a preference tuning gives to all answers. They are computed once, before the
 * first update, and kept in the run directory. Once that file is there, neither training nor a resume needs the reference model itself
 * (docs/decisions/0021). The file {@code reference.safetensors} has two float64 tensors, {@code training} and {@code validation}. Each is
 * (n, 2) for n pairs.
 *
 * @param pairs all pairs with their log-probabilities
 * @param computed true if {@link #of} computed them, false if it read them from the file
 */
public record PreferenceReference(Preferences.Split pairs, boolean computed) {
    public static final String FILE_NAME = "reference.safetensors";
    private static final String KEY = "key";
    private static final String WAY_OUT = "Delete it: the next `train --resume` computes it again, from the model that the run began with.";
    private static final int TOKENS_A_BATCH = 4096;

    /** Opens the reference model. It is opened only if its log-probabilities are not in the run directory yet. */
    public interface Model {
        /** The opened reference model; the caller closes it. */
        Gpt open(NDManager manager);
    }

    /**
     * Reads the log-probabilities from the run directory. If they are not there yet, computes them and keeps them there.
     *
     * @param identity identifies pairs and tokens: hashes of text and tokenizer, the window
     * @param manager makes the manager of all arrays; that manager is closed when this call returns
     * @return empty if {@code stop} returned true before all log-probabilities were computed
     * @throws ModelFormatException if the file is damaged, or belongs to another {@code identity}
     */
    public static Optional<PreferenceReference> of(Path run, String identity, Preferences.Split pairs, Supplier<NDManager> manager,
                                                   Model model, ComputeContext context, BooleanSupplier stop) {
        Path file = run.resolve(FILE_NAME);
        String key = Sha256.of("%s %d %d".formatted(identity, pairs.training().count(), pairs.validation().count()));
        if (Files.exists(file)) {
            return Optional.of(new PreferenceReference(read(file, key, pairs), false));
        }
        try (NDManager scope = manager.get(); Gpt reference = model.open(scope)) {
            PreferenceEvaluator evaluator = new PreferenceEvaluator(scope, reference, context);
            int batch = Math.max(1, TOKENS_A_BATCH / pairs.training().columns() / 2);
            Optional<double[]> training = evaluator.logProbabilities(pairs.training().windows(batch), stop);
            Optional<double[]> validation = training.flatMap(done -> evaluator.logProbabilities(pairs.validation().windows(batch), stop));
            if (validation.isEmpty()) {
                return Optional.empty();
            }
            DurableFiles.SYSTEM.write(file, SafetensorsWriter.content(List.of(entry("training", training.orElseThrow()),
                entry("validation", validation.get())), Map.of(KEY, key)));
            return Optional.of(new PreferenceReference(with(pairs, training.get(), validation.get()), true));
        }
    }

    private static Preferences.Split with(Preferences.Split pairs, double[] training, double[] validation) {
        return new Preferences.Split(pairs.training().withReference(training), pairs.validation().withReference(validation));
    }

    private static Entry entry(String name, double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Double.BYTES, values.length)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        Content content = out -> out.write(bytes.array());
        return new Entry(name, Dtype.F64, List.of(values.length / 2L, 2L), content);
    }

    private static Preferences.Split read(Path file, String key, Preferences.Split pairs) {
        try (SafetensorsFile stored = open(file)) {
            if (!key.equals(stored.metadata().get(KEY))) {
                throw new ModelFormatException("%s is of other pairs, or of another tokenizer or window. %s".formatted(file, WAY_OUT));
            }
            return with(pairs, doubles(file, stored, "training", pairs.training().count()),
                doubles(file, stored, "validation", pairs.validation().count()));
        }
    }

    private static SafetensorsFile open(Path file) {
        try {
            return SafetensorsFile.open(file);
        } catch (ModelFormatException e) {
            throw new ModelFormatException("%s %s".formatted(e.getMessage(), WAY_OUT), e);
        }
    }

    private static double[] doubles(Path file, SafetensorsFile stored, String name, int pairs) {
        List<Long> expected = List.of((long) pairs, 2L);
        if (!stored.tensors().containsKey(name) || stored.tensor(name).dtype() != Dtype.F64 || !stored.tensor(name).shape()
            .equals(expected)) {
            throw new ModelFormatException("%s: %s must be F64 %s. %s".formatted(file, name, expected, WAY_OUT));
        }
        DoubleBuffer buffer = stored.map(name).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
        double[] values = new double[2 * pairs];
        buffer.get(values);
        return values;
    }
}
