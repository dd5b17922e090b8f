package inkling.checkpoint;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.Content;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.io.SafetensorsFile;
import inkling.io.SafetensorsIndex;
import inkling.io.SafetensorsWriter;
import inkling.io.StrictJson;
import inkling.io.TensorInfo;
import inkling.model.Gpt;
import inkling.model.GptConfig;
import inkling.model.GptWeights;
import inkling.model.Parameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * config.json and model.safetensors: a Hugging Face model directory wherever GPT-2 can say the architecture.
 * config.json always carries our own {@code "inkling"} section, which others ignore and this reader prefers.
 */
public final class ModelDirectory {
    public static final String CONFIG_FILE = "config.json";
    /** What Transformers puts before GPT-2's own names. */
    private static final String PREFIX = "transformer.";

    private ModelDirectory() {}

    /** The architecture that {@code directory}'s config.json tells. */
    public static GptConfig config(Path directory) {
        Path file = directory.resolve(CONFIG_FILE);
        if (!Files.exists(file)) {
            throw new ModelFormatException("%s: there is no %s, so this is no model directory.".formatted(directory, CONFIG_FILE));
        }
        JsonFields fields = JsonFields.read(file);
        if (fields.has("inkling")) {
            return GptConfigJson.read(fields.requireObject("inkling"));
        }
        String type = fields.requireString("model_type");
        return switch (type) {
            case Gpt2Config.MODEL_TYPE -> Gpt2Config.read(fields);
            default -> throw fields.fault("model_type", "is not supported; gpt2 is, and what Inkling writes.");
        };
    }

    /** Reads the model below {@code parent}, every tensor checked against the config before any is read. */
    public static Gpt load(Path directory, NDManager parent) {
        GptConfig config = config(directory);
        try (SafetensorsIndex index = SafetensorsIndex.open(directory)) {
            Map<String, String> sources = sources(directory, config, index.tensors());
            Parameters parameters = new Parameters(parent.newSubManager());
            sources.forEach((name, source) -> parameters.put(name, Tensors.read(index.tensors().get(source), source, parameters.manager())));
            return new Gpt(config, parameters);
        }
    }

    /** The files of a model directory, ready to be written. */
    public static Map<String, Content> content(Gpt gpt, OptionalInt endOfText) {
        Map<String, Content> files = new LinkedHashMap<>();
        files.put(CONFIG_FILE, Content.of(StrictJson.bytes(configJson(gpt.config(), endOfText))));
        files.put(SafetensorsIndex.SINGLE_FILE, SafetensorsWriter.content(entries(gpt), Map.of("format", "pt")));
        return files;
    }

    private static ObjectNode configJson(GptConfig config, OptionalInt endOfText) {
        ObjectNode node;
        if (Gpt2Config.obstacles(config).isEmpty()) {
            node = Gpt2Config.write(config, endOfText);
        } else {
            node = JsonNodeFactory.instance.objectNode();
            node.put("model_type", "inkling");
        }
        node.set("inkling", GptConfigJson.write(config));
        return node;
    }

    private static List<SafetensorsWriter.Entry> entries(Gpt gpt) {
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        Map<String, Shape> stored = Gpt2Config.obstacles(gpt.config()).isEmpty()
            ? GptWeights.shapes(withBias(gpt.config())) : GptWeights.shapes(gpt.config());
        stored.forEach((name, shape) -> entries.add(gpt.parameters().has(name)
            ? Tensors.entry(prefixed(name), gpt.parameters().get(name))
            : SafetensorsWriter.Entry.floats(prefixed(name), List.of(shape.get(0)), new float[Math.toIntExact(shape.get(0))])));
        return entries;
    }

    private static String prefixed(String name) {
        return name.startsWith("lm_head.") ? name : PREFIX + name;
    }

    /** GPT-2 always has biases: where the architecture has none they are stored as zeros and dropped again on load. */
    private static GptConfig withBias(GptConfig c) {
        return new GptConfig(c.vocabSize(), c.nLayer(), c.nHead(), c.nKvHead(), c.nEmbd(), c.nInner(), c.contextLength(), c.dropout(), true,
            c.tieEmbeddings(), c.positions(), c.rope(), c.norm(), c.normEps(), c.activation());
    }

    /** Our name → the name in the file, for every parameter; all that does not fit is told in one message. */
    private static Map<String, String> sources(Path directory, GptConfig config, Map<String, SafetensorsFile> tensors) {
        Map<String, Shape> expected = GptWeights.shapes(config);
        Map<String, String> found = new LinkedHashMap<>();
        Set<String> surplus = new TreeSet<>();
        Set<String> known = new LinkedHashSet<>(expected.keySet());
        known.addAll(GptWeights.shapes(withBias(config)).keySet());
        known.add("lm_head.weight");
        for (String source : tensors.keySet()) {
            String name = source.startsWith(PREFIX) ? source.substring(PREFIX.length()) : source;
            if (isMaskBuffer(name)) {
                continue;
            }
            if (expected.containsKey(name)) {
                found.put(name, source);
            } else if (!known.contains(name)) {
                surplus.add(source);
            }
        }
        List<String> faults = new ArrayList<>();
        expected.forEach((name, shape) -> check(name, shape, found.get(name), tensors, faults));
        surplus.forEach(name -> faults.add("%s %s is not part of this architecture".formatted(name, tensors.get(name).tensor(name).shapeText())));
        if (!faults.isEmpty()) {
            throw new ModelFormatException("%s: the weights do not fit config.json (n_layer %d, n_embd %d, vocab_size %d, %s):\n  %s"
                .formatted(directory, config.nLayer(), config.nEmbd(), config.vocabSize(), config.norm(), String.join("\n  ", faults)));
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        expected.keySet().forEach(name -> ordered.put(name, found.get(name)));
        return ordered;
    }

    private static void check(String name, Shape expected, String source, Map<String, SafetensorsFile> tensors, List<String> faults) {
        if (source == null) {
            faults.add("%s %s is missing".formatted(name, expected));
            return;
        }
        TensorInfo info = tensors.get(source).tensor(source);
        if (!new Shape(info.shape()).equals(expected)) {
            faults.add("%s is %s, expected %s".formatted(source, info.shapeText(), expected));
        }
    }

    /** Old GPT-2 files keep the causal mask as {@code h.N.attn.bias}; {@code c_attn.bias} is a weight. */
    private static boolean isMaskBuffer(String name) {
        return name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias");
    }
}
