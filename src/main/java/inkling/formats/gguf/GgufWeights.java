package inkling.formats.gguf;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.formats.family.ModelFormat.Layout;
import inkling.formats.family.ModelFormat.Stored;
import inkling.formats.tensors.Tensors;
import inkling.formats.tensors.Tensors.Source;
import inkling.io.gguf.GgufFile;
import inkling.io.gguf.GgufTensor;
import inkling.io.tensors.FloatTensors;
import inkling.model.GptLayout;
import inkling.model.ParameterSpec;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the weights of a GGUF file, a few rows at a time. */
public final class GgufWeights {
    /** Tensors that hold settings, not weights. */
    private static final Set<String> SETTINGS = Set.of(GgufSettings.ROPE_FREQUENCIES, GgufSettings.LONG_FACTORS,
        GgufSettings.SHORT_FACTORS);

    private GgufWeights() {}

    /**
     * The weights as float32, in a sub-manager of {@code parent}.
     *
     * @throws ModelFormatException if a tensor is missing, is not known, or has another shape or content than the keys allow
     */
    public static Parameters read(GgufFile file, GgufArchitecture architecture, GptConfig config, NDManager parent) {
        requireSizes(file, config);
        List<Stored> all = architecture.tensors(config);
        GptLayout layout = GptLayout.of(config);
        check(file, architecture, config, all);
        FloatTensors reshaped = new Reshaped(file, all);
        Map<String, List<Source>> sources = new LinkedHashMap<>();
        Map<String, String> whole = new LinkedHashMap<>();
        for (Stored stored : all) {
            boolean copy = stored.name().equals(GgufArchitecture.OUTPUT) && config.tieEmbeddings();
            if (!copy && layout.names().containsAll(stored.parameters())) {
                stored.slices().forEach(slice -> sources.computeIfAbsent(slice.parameter(), p -> new ArrayList<>())
                    .add(new Source(reshaped, stored.name(), slice)));
                if (stored.layout() == Layout.SAME) {
                    whole.put(stored.slices().get(0).parameter(), stored.name());
                }
            }
        }
        Parameters parameters = new Parameters(parent.newSubManager());
        Tensors.Reader reader = new Tensors.Reader();
        for (ParameterSpec spec : layout.specs()) {
            NDArray array = whole.containsKey(spec.name()) ? reader.read(reshaped, whole.get(spec.name()), parameters.manager())
                : reader.read(sources.get(spec.name()), parameters.manager());
            if (spec.role() == ParameterSpec.Role.NORM_GAIN && architecture.addedToGains() != 0) {
                // The file holds g = fl(1 + w), where fl rounds to a float. An export adds 1 again and gets g back: fl(fl(g - 1) + 1) = g.
                array.subi(architecture.addedToGains());
            }
            parameters.put(spec.name(), array);
        }
        return parameters;
    }

    /**
     * Refuses keys that tell of more blocks than the file has, before a list of the tensors of all these blocks is made. It checks the
     * shape of attn_output.weight, which every block has.
     */
    private static void requireSizes(GgufFile file, GptConfig config) {
        List<Long> shape = List.of((long) config.nEmbd(), (long) config.attention().queryWidth());
        for (int block = 0; block < config.nLayer(); block++) {
            String name = "blk." + block + ".attn_output.weight";
            GgufTensor tensor = file.tensors().get(name);
            if (tensor == null || !tensor.shape().equals(shape)) {
                throw new ModelFormatException("%s: the keys tell of %d blocks, so %s must be %s; it is %s.".formatted(file.path(),
                    config.nLayer(), name, shape, tensor == null ? "missing" : tensor.shapeText()));
            }
        }
    }

    private static void check(GgufFile file, GgufArchitecture architecture, GptConfig config, List<Stored> all) {
        GptLayout layout = GptLayout.of(config);
        List<String> faults = new ArrayList<>();
        Set<String> stray = new TreeSet<>(file.tensors().keySet());
        stray.removeAll(SETTINGS);
        for (Stored stored : all) {
            stray.remove(stored.name());
            GgufTensor tensor = file.tensors().get(stored.name());
            List<Long> shape = GgufArchitecture.shape(stored, config);
            boolean needed = layout.names().containsAll(stored.parameters())
                && !(stored.name().equals(GgufArchitecture.OUTPUT) && config.tieEmbeddings());
            if (tensor == null && !needed) {
                continue;
            }
            if (tensor == null) {
                faults.add("%s %s is missing".formatted(stored.name(), shape));
            } else if (!tensor.shape().equals(shape)) {
                faults.add("%s is %s, expected %s".formatted(stored.name(), tensor.shapeText(), shape));
            } else if (!needed && shape.size() == 1 && !file.isZero(stored.name())) {
                faults.add("%s is not zero, but the model has no such bias".formatted(stored.name()));
            }
        }
        stray.forEach(name -> faults.add("%s %s is not known, and may change what the model computes".formatted(
            Printable.escape(name), file.tensor(name).shapeText())));
        if (faults.isEmpty() && config.tieEmbeddings() && file.tensors().containsKey(GgufArchitecture.OUTPUT)
            && !outputIsEmbedding(file)) {
            faults.add("%s differs from %s, but this model ties the two".formatted(GgufArchitecture.OUTPUT, GgufArchitecture.EMBEDDING));
        }
        if (!faults.isEmpty()) {
            throw new ModelFormatException("%s: the weights do not fit the keys (%s, %d blocks of %d channels, %d tokens):\n  %s".formatted(
                file.path(), architecture.word(), config.nLayer(), config.nEmbd(), config.vocabSize(), String.join("\n  ", faults)));
        }
    }

    /** Whether the unembedding is a copy of the embedding. The file must have an unembedding. */
    static boolean outputIsEmbedding(GgufFile file) {
        return file.shape(GgufArchitecture.OUTPUT).equals(file.shape(GgufArchitecture.EMBEDDING))
            && file.difference(GgufArchitecture.OUTPUT, file, GgufArchitecture.EMBEDDING).isEmpty();
    }

    /** The file's tensors in the shapes that {@link Stored} gives: the norms (nh, hs) of heads become a vector. */
    private record Reshaped(FloatTensors file, Map<String, List<Long>> shapes) implements FloatTensors {
        Reshaped(FloatTensors file, List<Stored> all) {
            this(file, new LinkedHashMap<>());
            all.forEach(stored -> shapes.put(stored.name(), Arrays.stream(stored.shape().getShape()).boxed().toList()));
        }

        @Override
        public List<Long> shape(String name) {
            return shapes.get(name);
        }

        @Override
        public void readFloats(String name, long first, FloatBuffer target) {
            file.readFloats(name, first, target);
        }
    }
}
