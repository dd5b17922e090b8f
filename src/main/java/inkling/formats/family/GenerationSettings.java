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
 * What a model directory says for those who generate, and how its family says its architecture, kept as it came so that it can go out as
 * it came.
 *
 * @param ids {@code bos_token_id}, {@code eos_token_id} and {@code pad_token_id} of config.json: an id or, for the end, several
 * @param file generation_config.json, whole
 * @param family config.json of a model whose family is neither GPT-2 nor our own, without our section; checkpoints carry it along
 */
public record GenerationSettings(Map<String, JsonNode> ids, Optional<ObjectNode> file, Optional<ObjectNode> family) {
    /** Where a checkpoint's config.json has {@link #family}. */
    private static final String FAMILY = "family";
    private static final String FILE = "generation_config.json";
    private static final String BEGIN = "bos_token_id";
    private static final String END = "eos_token_id";
    private static final List<String> KEYS = List.of(BEGIN, END, "pad_token_id");

    public GenerationSettings {
        ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    }

    /** For a model that has read no such files: the ids alone. */
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
     * Those of {@code directory}, with {@code config} its config.json.
     *
     * @throws ModelFormatException naming a key that is neither an id nor, for the end, a list of ids
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
            ObjectNode came = ((ObjectNode) config.node()).deepCopy();
            came.remove(GptConfigJson.SECTION);
            return Optional.of(came);
        }
        return config.optionalObject(FAMILY).map(came -> (ObjectNode) came.node());
    }

    private static void check(JsonFields fields, String key) {
        if (fields.has(key) && key.equals(END) && fields.node().get(key).isArray()) {
            fields.requireLongs(key);
        } else {
            fields.optionalLong(key);
        }
    }

    /** Whether a file named anything. */
    public boolean isEmpty() {
        return ids.isEmpty() && file.isEmpty() && family.isEmpty();
    }

    /** What these say, and {@code tokenizer} where they are silent: which ids begin and end a text. */
    public SpecialIds special(Optional<Tokenizer> tokenizer) {
        List<Integer> ends = named(END);
        return SpecialIds.of(tokenizer, named(BEGIN).stream().mapToInt(id -> id).findFirst(), ends);
    }

    /** The ids of {@code key}, config.json's first. */
    private List<Integer> named(String key) {
        List<Integer> named = new ArrayList<>();
        List<JsonNode> nodes = new ArrayList<>();
        Optional.ofNullable(ids.get(key)).ifPresent(nodes::add);
        file.map(json -> json.path(key)).ifPresent(nodes::add);
        for (JsonNode node : nodes) {
            List<JsonNode> each = node.isArray() ? StreamSupport.stream(node.spliterator(), false).toList() : List.of(node);
            each.stream().filter(id -> id.isIntegralNumber() && id.canConvertToInt()).map(JsonNode::intValue).forEach(named::add);
        }
        return named;
    }

    /** The family of {@link #family}. */
    public Optional<ModelFormat> format() {
        return family.map(came -> ModelFormat.of(JsonFields.of(FAMILY, came)));
    }

    /** config.json of {@code config} in this form, without our section; {@link #family} is kept where the form is another. */
    public ObjectNode config(GptConfig config, ModelFormat format) {
        if (format().filter(own -> own.modelType().equals(format.modelType())).isPresent()) {
            return asItCame(config, format);
        }
        ObjectNode node = into(format.write(config));
        family.filter(came -> !(format instanceof LlamaKin)).ifPresent(came -> node.set(FAMILY, came));
        return node;
    }

    /** Whether that form can express {@code config}. */
    public boolean says(GptConfig config, ModelFormat format) {
        return format().filter(own -> own.modelType().equals(format.modelType())).isPresent()
            ? format.read(JsonFields.of(FAMILY, asItCame(config, format))).equals(config) : format.obstacles(config).isEmpty();
    }

    /** With the few keys changed that say what has changed since, such as dropout; every other key stays, whatever it means. */
    private ObjectNode asItCame(GptConfig config, ModelFormat format) {
        ObjectNode came = family.orElseThrow().deepCopy();
        ObjectNode before = format.write(format.read(JsonFields.of(FAMILY, came)));
        format.write(config).fields().forEachRemaining(key -> {
            if (!key.getValue().equals(before.get(key.getKey()))) {
                came.set(key.getKey(), key.getValue());
            }
        });
        List.of("torch_dtype", "dtype").stream().filter(came::has).forEach(key -> came.put(key, "float32"));
        return came;
    }

    /** Adds the ids to a config; beginning and end are null where there is none, since families have defaults of their own. */
    private ObjectNode into(ObjectNode config) {
        for (String key : KEYS) {
            if (ids.containsKey(key)) {
                config.set(key, ids.get(key));
            } else if (key.equals(BEGIN) || key.equals(END)) {
                config.putNull(key);
            }
        }
        return config;
    }

    /** generation_config.json as it came; empty where there was none. */
    public Map<String, Content> files() {
        return file.map(json -> Map.of(FILE, Content.of(StrictJson.bytes(json)))).orElse(Map.of());
    }

    /** As {@link #files}, and where there was none one that names the ids: others look for them there. */
    public Map<String, Content> filesForOthers() {
        ObjectNode generation = JsonNodeFactory.instance.objectNode().put("_from_model_config", true);
        ids.forEach(generation::set);
        return Map.of(FILE, Content.of(StrictJson.bytes(file.orElse(generation))));
    }
}
