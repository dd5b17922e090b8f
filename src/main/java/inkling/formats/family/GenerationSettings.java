package inkling.formats.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.formats.keys.GptConfigJson;
import inkling.io.Content;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.model.config.GptConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What config.json and generation_config.json hold besides the architecture: which ids begin and end a text, settings for sampling, and
 * the family's own config.json. All is kept as it was read, so that an export can write the same again.
 *
 * @param ids {@code bos_token_id}, {@code eos_token_id} and {@code pad_token_id} of config.json: each an id; the end may be a list of ids
 * @param file generation_config.json, whole
 * @param family config.json without our section, if the model's family is neither GPT-2 nor our own. A checkpoint's config.json holds it
 *     under a key
 */
public record GenerationSettings(Map<String, JsonNode> ids, Optional<ObjectNode> file, Optional<ObjectNode> family) {
    /** The key under which a checkpoint's config.json has {@link #family}. */
    private static final String FAMILY = "family";
    private static final String FILE = "generation_config.json";
    private static final String BEGIN = "bos_token_id";
    private static final String END = "eos_token_id";
    private static final List<String> KEYS = List.of(BEGIN, END, "pad_token_id");

    public GenerationSettings {
        ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    }

    /** The ids alone, for a new model, or one whose directory has no such settings. */
    public static GenerationSettings of(SpecialIds special) {
        Map<String, JsonNode> ids = new LinkedHashMap<>();
        special.start().ifPresent(id -> ids.put(BEGIN, JsonNodeFactory.instance.numberNode(id)));
        if (special.ends().size() == 1) {
            special.ends().forEach(id -> ids.put(END, JsonNodeFactory.instance.numberNode(id)));
        } else if (!special.ends().isEmpty()) {
            ArrayNode ends = JsonNodeFactory.instance.arrayNode();
            special.ends().forEach(ends::add);
            ids.put(END, ends);
        }
        return new GenerationSettings(ids, Optional.empty(), Optional.empty());
    }

    /**
     * The settings in {@code directory}, whose config.json is {@code config}.
     *
     * @throws ModelFormatException if {@code bos_token_id}, {@code eos_token_id} or {@code pad_token_id} is not an integer. The
     *     {@code eos_token_id} may also be a list of integers
     */
    public static GenerationSettings read(JsonFields config, Path directory) {
        Path file = directory.resolve(FILE);
        Optional<JsonFields> generation = Files.exists(file) ? Optional.of(JsonFields.read(file)) : Optional.empty();
        generation.ifPresent(fields -> KEYS.forEach(key -> check(fields, key)));
        Map<String, JsonNode> ids = new LinkedHashMap<>();
        for (String key : KEYS) {
            check(config, key);
            if (config.has(key)) {
                ids.put(key, config.node().get(key));
            }
        }
        return new GenerationSettings(ids, generation.map(fields -> (ObjectNode) fields.node()), family(config));
    }

    private static Optional<ObjectNode> family(JsonFields config) {
        if (ModelFormat.of(config) instanceof LlamaKin) {
            ObjectNode original = ((ObjectNode) config.node()).deepCopy();
            original.remove(GptConfigJson.SECTION);
            return Optional.of(original);
        }
        return config.optionalObject(FAMILY).map(original -> (ObjectNode) original.node());
    }

    private static void check(JsonFields fields, String key) {
        if (fields.has(key) && key.equals(END) && fields.node().get(key).isArray()) {
            fields.requireLongs(key);
        } else {
            fields.optionalLong(key);
        }
    }

    /** Whether there are no ids, no generation_config.json and no family. */
    public boolean isEmpty() {
        return ids.isEmpty() && file.isEmpty() && family.isEmpty();
    }

    /** The ids that begin and end a text: those named here and those of {@code tokenizer}. */
    public SpecialIds special(Optional<Tokenizer> tokenizer) {
        List<Integer> ends = idsOf(END);
        return SpecialIds.of(tokenizer, idsOf(BEGIN).stream().mapToInt(id -> id).findFirst(), ends);
    }

    /** The ids that the two files name under {@code key}, those of config.json first. A negative number, e.g. −1, names none. */
    private List<Integer> idsOf(String key) {
        List<Integer> named = new ArrayList<>();
        List<JsonNode> nodes = new ArrayList<>();
        Optional.ofNullable(ids.get(key)).ifPresent(nodes::add);
        file.map(json -> json.path(key)).ifPresent(nodes::add);
        for (JsonNode node : nodes) {
            List<JsonNode> each = node.isArray() ? StreamSupport.stream(node.spliterator(), false).toList() : List.of(node);
            each.stream().filter(id -> id.isIntegralNumber() && id.canConvertToInt()).map(JsonNode::intValue).filter(id -> id >= 0)
                .forEach(named::add);
        }
        return named;
    }

    /** The format of {@link #family}; empty if there is none. */
    public Optional<ModelFormat> format() {
        return family.map(original -> ModelFormat.of(JsonFields.of(FAMILY, original)));
    }

    /**
     * The config.json that describes {@code config} in {@code format}, without our section. In GPT-2's format and our own it also carries
     * {@link #family}, under the key {@code family}.
     */
    public ObjectNode config(GptConfig config, ModelFormat format) {
        if (format().filter(own -> own.modelType().equals(format.modelType())).isPresent()) {
            return updatedFamily(config, format);
        }
        ObjectNode node = withIds(format.write(config));
        family.filter(original -> !(format instanceof LlamaKin)).ifPresent(original -> node.set(FAMILY, original));
        return node;
    }

    /** Whether {@code format} can express {@code config}. */
    public boolean canExpress(GptConfig config, ModelFormat format) {
        return format().filter(own -> own.modelType().equals(format.modelType())).isPresent()
            ? format.read(JsonFields.of(FAMILY, updatedFamily(config, format))).equals(config) : format.obstacles(config).isEmpty();
    }

    /** {@link #family} with the values of {@code config} that differ from it, e.g. dropout. Other keys stay, but the dtype is float32. */
    private ObjectNode updatedFamily(GptConfig config, ModelFormat format) {
        ObjectNode original = family.orElseThrow().deepCopy();
        ObjectNode before = format.write(format.read(JsonFields.of(FAMILY, original)));
        format.write(config).fields().forEachRemaining(key -> {
            if (!key.getValue().equals(before.get(key.getKey()))) {
                original.set(key.getKey(), key.getValue());
            }
        });
        List.of("torch_dtype", "dtype").stream().filter(original::has).forEach(key -> original.put(key, "float32"));
        return original;
    }

    /**
     * Adds the ids to a config. A beginning or end that the model lacks is null: without the key, Transformers takes the family's default.
     */
    private ObjectNode withIds(ObjectNode config) {
        for (String key : KEYS) {
            if (ids.containsKey(key)) {
                config.set(key, ids.get(key));
            } else if (key.equals(BEGIN) || key.equals(END)) {
                config.putNull(key);
            }
        }
        return config;
    }

    /** generation_config.json as it was read; empty if there was none. */
    public Map<String, Content> files() {
        return file.map(json -> Map.of(FILE, Content.of(StrictJson.bytes(json)))).orElse(Map.of());
    }

    /**
     * As {@link #files}. If there was no generation_config.json, one is made that names the ids, since other programs look for them there.
     */
    public Map<String, Content> filesForOthers() {
        ObjectNode generation = JsonNodeFactory.instance.objectNode().put("_from_model_config", true);
        ids.forEach(generation::set);
        return Map.of(FILE, Content.of(StrictJson.bytes(file.orElse(generation))));
    }
}
