package inkling.formats;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.config.Keys;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import inkling.errors.ModelFormatException;
import inkling.formats.family.GenerationSettings;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.InklingFormat;
import inkling.formats.family.ModelFormat;
import inkling.formats.family.ModelFormat.Stored;
import inkling.formats.family.StoredConstants;
import inkling.formats.family.TensorNames;
import inkling.formats.gguf.GgufConfig;
import inkling.formats.gguf.GgufWeights;
import inkling.formats.keys.GptConfigJson;
import inkling.formats.peft.PeftAdapter;
import inkling.formats.tensors.Tensors;
import inkling.formats.tensors.Tensors.Source;
import inkling.io.Content;
import inkling.io.gguf.GgufFile;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsIndex;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.TensorInfo;
import inkling.model.Gpt;
import inkling.model.GptLayout;
import inkling.model.GptWeights;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads and writes config.json and model.safetensors, in the form of each family of {@link ModelFormat}. It also reads weights in several
 * files, and adapters. A GGUF file counts as a directory with config.json and weights. If a directory has adapters alone, config.json and
 * weights are those of their {@link #base}.
 *
 * <p>A config.json that Inkling writes also has an {@code "inkling"} section. Other programs ignore this section; if it is there, this
 * class takes the architecture from it.
 */
public final class ModelDirectory {
    public static final String CONFIG_FILE = "config.json";

    private ModelDirectory() {}

    /**
     * The architecture that the config.json in {@code directory} describes.
     *
     * @throws ModelFormatException if that file is missing, or names a family or an option that is not supported
     */
    public static GptConfig config(Path directory) {
        JsonFields fields = fields(directory);
        return config(fields, ModelFormat.of(fields));
    }

    /**
     * What config.json and generation_config.json say about generating text: the ids that begin and end a text, settings for sampling.
     */
    public static GenerationSettings generation(Path directory) {
        return GenerationSettings.read(fields(directory), base(directory));
    }

    /**
     * Where config.json and the full weights lie: {@code directory} itself, or the base model that the adapters in it name.
     *
     * @throws ModelFormatException if that base is not found, or has adapters of its own
     */
    public static Path base(Path directory) {
        return PeftAdapter.isIn(directory) && !hasWeights(directory) ? PeftAdapter.base(directory, ModelDirectory::isComplete) : directory;
    }

    /** Whether {@code directory} is a whole model: config.json with the full weights, or a GGUF file. Adapters alone are not. */
    public static boolean isComplete(Path directory) {
        return GgufFile.isAt(directory) || Files.exists(directory.resolve(CONFIG_FILE)) && hasWeights(directory);
    }

    /** Whether {@code directory} has a file of a model's full weights, not only adapters. */
    static boolean hasWeights(Path directory) {
        return List.of(SafetensorsIndex.SINGLE_FILE, SafetensorsIndex.INDEX_FILE).stream()
            .anyMatch(file -> Files.exists(directory.resolve(file)));
    }

    private static JsonFields fields(Path directory) {
        Path base = base(directory);
        if (GgufFile.isAt(base)) {
            try (GgufFile file = GgufFile.open(base)) {
                return GgufConfig.of(file).fields();
            }
        }
        Path file = base.resolve(CONFIG_FILE);
        if (!Files.exists(file)) {
            throw new ModelFormatException("%s: there is no %s, so this is no model directory.".formatted(directory, CONFIG_FILE));
        }
        return JsonFields.read(file);
    }

    private static GptConfig config(JsonFields fields, ModelFormat format) {
        return fields.has(GptConfigJson.SECTION) ? GptConfigJson.read(fields.requireObject(GptConfigJson.SECTION)) : format.read(fields);
    }

    /**
     * Reads the model, with its adapters if any, into a sub-manager of {@code parent}. All names and shapes in a file are
     * checked before its weights are read.
     *
     * @throws ModelFormatException as {@link #config}, or if weights are missing, unknown or of another shape
     */
    public static Gpt load(Path directory, NDManager parent) {
        return load(directory, parent, Storage.FLOAT32);
    }

    /**
     * As {@link #load(Path, NDManager)}, with matrices kept in {@code storage}, as {@link GptLayout#stored} says; those of adapters stay
     * in float32. From safetensors files, it reads and converts one matrix at a time.
     */
    public static Gpt load(Path directory, NDManager parent, Storage storage) {
        GptConfig config = config(directory);
        Parameters parameters = parameters(directory, config, parent, storage);
        return new Gpt(config, parameters, PeftAdapter.load(directory, config, ModelFormat.of(fields(directory)), parameters));
    }

    /** The weights alone, without adapters that may lie beside them. */
    public static Parameters parameters(Path directory, GptConfig config, NDManager parent) {
        return parameters(directory, config, parent, Storage.FLOAT32);
    }

    private static Parameters parameters(Path directory, GptConfig config, NDManager parent, Storage storage) {
        Path base = base(directory);
        if (GgufFile.isAt(base)) {
            try (GgufFile file = GgufFile.open(base)) {
                Parameters read = GgufWeights.read(file, GgufConfig.of(file).architecture(), config, parent);
                if (storage == Storage.FLOAT32) {
                    return read;
                }
                try (read) {
                    return GptWeights.stored(config, read, storage, parent.newSubManager());
                }
            }
        }
        ModelFormat format = ModelFormat.of(fields(directory));
        try (SafetensorsIndex index = SafetensorsIndex.open(base)) {
            Map<String, List<Source>> sources = sources(directory, format, config, index.tensors());
            Set<String> whole = format.tensors(config).stream().filter(stored -> stored.layout() == ModelFormat.Layout.SAME)
                .flatMap(stored -> stored.parameters().stream()).collect(Collectors.toSet());
            Parameters parameters = new Parameters(parent.newSubManager(), storage);
            GptLayout layout = GptLayout.of(config);
            Tensors.Reader reader = new Tensors.Reader();
            sources.forEach((name, parts) -> {
                NDArray array = whole.contains(name)
                    ? reader.read(parts.get(0).file(), parts.get(0).name(), parameters.manager())
                    : reader.read(parts, parameters.manager());
                Matrix matrix = layout.stored(name, array, storage);
                parameters.put(name, matrix);
                if (matrix.values() != array) {
                    array.close();
                }
            });
            return parameters;
        }
    }

    /** Each parameter → the tensors that hold its columns. One exception lists all tensors that do not fit. */
    private static Map<String, List<Source>> sources(Path directory, ModelFormat format, GptConfig config,
                                                     Map<String, SafetensorsFile> tensors) {
        Set<String> parameters = Set.copyOf(GptLayout.of(config).names());
        List<Stored> all = format.tensors(config);
        List<String> faults = new ArrayList<>();
        Map<String, String> names = TensorNames.byBareName(tensors.keySet(), format.prefix(), faults);
        Map<String, List<Source>> sources = new LinkedHashMap<>();
        for (Stored stored : all) {
            String name = names.get(bare(format, stored.name()));
            if (parameters.containsAll(stored.parameters())) {
                check(stored, name, tensors, faults);
                stored.slices().forEach(slice -> sources.computeIfAbsent(slice.parameter(), p -> new ArrayList<>())
                    .add(new Source(tensors.get(name), name, slice)));
            } else if (name != null && !tensors.get(name).isZero(name)) {   // files that HuggingFaceExport writes have zeros there
                faults.add("%s is not zero, but the model has no such bias".formatted(name));
            }
        }
        Set<String> known = all.stream().map(stored -> bare(format, stored.name())).collect(Collectors.toSet());
        known.add(format.unembedding());
        Set<String> stray = new TreeSet<>(names.keySet());
        stray.removeAll(known);
        refusePrefix(directory, all.stream().filter(stored -> parameters.containsAll(stored.parameters()))
            .filter(stored -> !names.containsKey(bare(format, stored.name()))).toList(), stray, format);
        StoredConstants constants = new StoredConstants(config);
        stray.stream().map(names::get).forEach(name -> constants.fault(name, tensors.get(name)).ifPresent(faults::add));
        if (faults.isEmpty() && config.tieEmbeddings() && names.containsKey(format.unembedding())) {
            String embedding = sources.get(GptLayout.of(config).tokenEmbedding()).get(0).name();
            unlikeEmbedding(names.get(format.unembedding()), embedding, tensors).ifPresent(faults::add);
        }
        if (!faults.isEmpty()) {
            throw new ModelFormatException("%s: the weights do not fit config.json (n_layer %d, n_embd %d, vocab_size %d, norm %s):\n  %s"
                .formatted(directory, config.nLayer(), config.nEmbd(), config.vocabSize(), Keys.word(config.norm().kind()),
                    String.join("\n  ", faults)));
        }
        return sources;
    }

    /**
     * The fault if the unembedding {@code copy} differs from the embedding although config.json ties the two. Some programs store both.
     */
    private static Optional<String> unlikeEmbedding(String copy, String embedding, Map<String, SafetensorsFile> tensors) {
        TensorInfo right = tensors.get(embedding).tensor(embedding);
        TensorInfo found = tensors.get(copy).tensor(copy);
        String unlike = "is %s, but %s is %s".formatted(found.shapeText(), embedding, right.shapeText());
        if (found.shape().equals(right.shape())) {
            OptionalLong at = tensors.get(copy).difference(copy, tensors.get(embedding), embedding);
            if (at.isEmpty()) {
                return Optional.empty();
            }
            long columns = right.shape().get(1);
            unlike = "differs from %s at row %d, column %d".formatted(embedding, at.getAsLong() / columns, at.getAsLong() % columns);
        }
        return Optional.of(("%s %s, and config.json says that the two are one matrix. If the model has an unembedding of its own, set"
            + " tie_word_embeddings to false in config.json; if not, save the model again without %s.").formatted(copy, unlike, copy));
    }

    /** Throws one message, not one for each weight, if all missing weights are there under names with the same unknown prefix. */
    private static void refusePrefix(Path directory, List<Stored> missing, Set<String> stray, ModelFormat format) {
        List<String> full = missing.stream().map(Stored::name).toList();
        List<String> bare = full.stream().map(name -> bare(format, name)).toList();
        TensorNames.prefix(full, stray).or(() -> TensorNames.prefix(bare, stray)).ifPresent(prefix -> {
            throw new ModelFormatException(("%s: %d of its weights are there, but their names begin with %s, which no %s model has."
                + " Save the model again without this prefix, so that the first weight is called %s.")
                .formatted(directory, missing.size(), prefix, format.modelType(), full.get(0)));
        });
    }

    private static String bare(ModelFormat format, String name) {
        return TensorNames.bare(name, format.prefix());
    }

    private static void check(Stored stored, String name, Map<String, SafetensorsFile> tensors, List<String> faults) {
        if (name == null) {
            faults.add("%s %s is missing".formatted(stored.name(), stored.shape()));
            return;
        }
        TensorInfo info = tensors.get(name).tensor(name);
        if (!new Shape(info.shape()).equals(stored.shape())) {
            faults.add("%s is %s, expected %s".formatted(name, info.shapeText(), stored.shape()));
        }
    }

    /**
     * The files of a model directory, ready to be written: in GPT-2's format if that can express the architecture, else in our own.
     * The weights' file holds the model's parameters alone, without the zeros that {@link HuggingFaceExport} adds for missing biases.
     */
    public static Map<String, Content> content(Gpt gpt, GenerationSettings generation) {
        return content(gpt, generation, own(gpt.config()), stored(gpt.config()));
    }

    private static ModelFormat own(GptConfig config) {
        ModelFormat gpt2 = new Gpt2Format();
        return gpt2.obstacles(config).isEmpty() ? gpt2 : new InklingFormat();
    }

    /** The tensors that {@link #content(Gpt, GenerationSettings)} writes. */
    static List<Stored> stored(GptConfig config) {
        GptLayout layout = GptLayout.of(config);
        return own(config).tensors(config).stream().filter(stored -> stored.parameters().stream().allMatch(layout::has)).toList();
    }

    /** The files of a model directory in {@code format}, with every tensor that other programs expect in this format. */
    static Map<String, Content> content(Gpt gpt, GenerationSettings generation, ModelFormat format) {
        return content(gpt, generation, format, format.tensors(gpt.config()));
    }

    private static Map<String, Content> content(Gpt gpt, GenerationSettings generation, ModelFormat format, List<Stored> tensors) {
        ObjectNode config = generation.config(gpt.config(), format);
        config.set(GptConfigJson.SECTION, GptConfigJson.write(gpt.config()));
        List<SafetensorsWriter.Entry> entries = tensors.stream().map(stored -> Tensors.entry(stored, gpt.parameters())).toList();
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(CONFIG_FILE, Content.of(StrictJson.bytes(config)));
        files.put(SafetensorsIndex.SINGLE_FILE, SafetensorsWriter.content(entries, Map.of("format", "pt")));
        return files;
    }
}
