package inkling.tokenizer.bpe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.tokenizer.bpe.BpeModel.AddedToken;
import inkling.tokenizer.bpe.BpeModel.MatchOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files that stand beside a vocabulary and name added and special tokens. Their content is kept as it was read, and
 * written back. Only its spelling in JSON may change, e.g. line breaks, escapes and the notation of numbers.
 *
 * @param config tokenizer_config.json
 * @param map special_tokens_map.json
 * @param added added_tokens.json: tokens that are not in the vocabulary, with their ids
 */
public record TokenizerSettings(Optional<JsonFields> config, Optional<JsonFields> map, Optional<JsonFields> added) {
    public static final TokenizerSettings NONE = new TokenizerSettings(Optional.empty(), Optional.empty(), Optional.empty());
    public static final String CONFIG = "tokenizer_config.json";
    private static final String MAP = "special_tokens_map.json";
    public static final String ADDED = "added_tokens.json";
    private static final String DECODER = "added_tokens_decoder";
    private static final String MORE = "additional_special_tokens";
    private static final List<String> NAMES = List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
        "mask_token");
    /** Tokenizer classes for which vocab.json and merges.txt are enough: they split as GPT-2 does, or name no other split. */
    private static final Set<String> LIKE_GPT2 = Set.of("GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast",
        "PreTrainedTokenizerFast");

    /** The files in {@code directory}; a file that does not exist is empty. */
    public static TokenizerSettings read(Path directory) {
        return new TokenizerSettings(file(directory, CONFIG), file(directory, MAP), file(directory, ADDED));
    }

    private static Optional<JsonFields> file(Path directory, String name) {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Optional.of(JsonFields.read(file)) : Optional.empty();
    }

    /** The name and content of each file that was read. */
    public Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        config.ifPresent(json -> files.put(CONFIG, StrictJson.bytes(json.node())));
        map.ifPresent(json -> files.put(MAP, StrictJson.bytes(json.node())));
        added.ifPresent(json -> files.put(ADDED, StrictJson.bytes(json.node())));
        return files;
    }

    /**
     * Refuses a config for which vocab.json and merges.txt, with GPT-2's split, would not give the right ids or text.
     *
     * @throws ModelFormatException naming the setting
     */
    public void requireLikeGpt2() {
        if (config.isEmpty()) {
            return;
        }
        JsonFields json = config.get();
        json.optionalString("tokenizer_class").filter(name -> !LIKE_GPT2.contains(name)).ifPresent(name -> {
            throw json.fault("tokenizer_class", "is not known to split text as GPT-2 does, so vocab.json and merges.txt may give other"
                + " ids. Put the model's tokenizer.json beside them.");
        });
        if (json.optionalBoolean("add_prefix_space").orElse(false)) {
            throw json.fault("add_prefix_space", "is not supported: decoding would give a blank that the text did not have.");
        }
    }

    /**
     * The token to which the files give the name {@code name}, e.g. {@code bos_token}. The config takes precedence if it has
     * {@code added_tokens_decoder}, as newer configs do; else the map takes precedence.
     */
    Optional<String> token(String name) {
        boolean newer = config.filter(json -> json.has(DECODER)).isPresent();
        Optional<String> own = config.flatMap(json -> content(json, name));
        Optional<String> mapped = map.flatMap(json -> content(json, name));
        return newer ? own.or(() -> mapped) : mapped.or(() -> own);
    }

    /** Each of {@code bos_token}, {@code eos_token} … that the files name, with its token. */
    public Map<String, String> named() {
        Map<String, String> named = new LinkedHashMap<>();
        NAMES.forEach(name -> token(name).ifPresent(token -> named.put(name, token)));
        return named;
    }

    private static Optional<String> content(JsonFields json, String name) {
        return json.node().path(name).isObject() ? Optional.of(json.requireObject(name).requireString("content"))
            : json.optionalString(name);
    }

    /** All tokens that config and map list under {@code bos_token}, {@code eos_token} … or {@code additional_special_tokens}. */
    private Set<String> special() {
        Set<String> special = new LinkedHashSet<>();
        for (JsonFields json : files(config, map)) {
            NAMES.forEach(name -> content(json, name).ifPresent(special::add));
            if (json.node().path(MORE).isArray()) {
                for (JsonNode each : json.node().get(MORE)) {
                    special.add(each.isTextual() ? each.textValue()
                        : JsonFields.of(json.source() + ": " + MORE, each).requireString("content"));
                }
            }
        }
        return special;
    }

    @SafeVarargs
    private static List<JsonFields> files(Optional<JsonFields>... files) {
        List<JsonFields> there = new ArrayList<>();
        for (Optional<JsonFields> file : files) {
            file.ifPresent(there::add);
        }
        return there;
    }

    /**
     * {@code known}, and the further added tokens that these files name. A token is left out if no file gives its id.
     *
     * @param known the added tokens of the vocabulary's own file, which take precedence. If a token is not special in {@code known}, but
     *     config or map list it under e.g. {@code eos_token}, the token is no longer {@code normalized}, and it becomes special unless it
     *     is a single character. These files change nothing else in {@code known}
     * @param ids the ids of the vocabulary and of {@code known}; this method puts in the ids that these files give
     * @throws ModelFormatException if a token is empty or has two ids
     */
    public List<AddedToken> addedTokens(List<AddedToken> known, Map<String, Integer> ids) {
        Map<String, AddedToken> tokens = new LinkedHashMap<>();
        known.forEach(token -> tokens.put(token.content(), token));
        Set<String> vocabulary = new HashSet<>(ids.keySet());   // Set.copyOf is slow where many hash codes are neighbours
        Set<String> special = special();
        Optional<JsonFields> decoder = config.flatMap(json -> json.optionalObject(DECODER));
        if (decoder.isPresent()) {
            for (String id : decoder.get().names()) {
                JsonFields token = decoder.get().requireObject(id);
                String content = token.requireString("content");
                putId(token, "content", content, id(decoder.get(), id), ids);
                if (!tokens.containsKey(content)) {
                    tokens.put(content, addedToken(content, token.optionalBoolean("special").orElse(false) || special.contains(content),
                        token.optionalBoolean("normalized").orElse(false), MatchOptions.of(token), ids, vocabulary));
                }
            }
        }
        added.ifPresent(json -> json.names().forEach(content -> {
            putId(json, content, content, json.requireInt(content), ids);
            boolean marked = special.contains(content);
            tokens.putIfAbsent(content, addedToken(content, marked, !marked, MatchOptions.NONE, ids, vocabulary));
        }));
        for (String content : special) {
            AddedToken token = tokens.get(content);
            if (token == null ? ids.containsKey(content) : !token.special()) {
                tokens.put(content, addedToken(content, true, false, token == null ? MatchOptions.NONE : token.options(), ids,
                    token == null || token.inVocabulary() ? vocabulary : Set.of()));
            }
        }
        return List.copyOf(tokens.values());
    }

    /**
     * A single character does not become special, since people type it. Some files call one special, e.g. an exclamation mark for padding.
     */
    private static AddedToken addedToken(String content, boolean special, boolean normalized, MatchOptions options,
                                         Map<String, Integer> ids, Set<String> vocabulary) {
        boolean text = content.codePointCount(0, content.length()) == 1;
        return new AddedToken(ids.get(content), content, special && !text, normalized, options, vocabulary.contains(content));
    }

    private static void putId(JsonFields json, String field, String content, int id, Map<String, Integer> ids) {
        Integer earlier = ids.putIfAbsent(content, id);
        if (content.isEmpty() || earlier != null && earlier != id) {
            throw json.fault(field, content.isEmpty() ? "is empty." : "has the id %d here and %d elsewhere.".formatted(id, earlier));
        }
    }

    private static int id(JsonFields decoder, String id) {
        if (!id.matches("[0-9]{1,9}")) {
            throw decoder.fault(id, "must have an id as its name.");
        }
        return Integer.parseInt(id);
    }

    /**
     * The post-processor to use. If the config has {@code add_bos_token} or {@code add_eos_token}, and the tokenizer's class obeys these
     * settings, the post-processor adds the tokens that the settings ask for; empty if they ask for none. Otherwise it is {@code own}.
     * If the config has only {@code add_eos_token}, the post-processor of a Llama class with a tokenizer.json adds the {@code bos_token},
     * too.
     *
     * @param own the post-processor of tokenizer.json
     * @param pair whether vocab.json and merges.txt were read instead of tokenizer.json. Then every class obeys the two settings; else only
     *     LlamaTokenizer and LlamaTokenizerFast do
     * @param ids the id of each token
     */
    public Optional<ObjectNode> postProcessor(Optional<ObjectNode> own, boolean pair, Map<String, Integer> ids) {
        boolean llama = config.flatMap(json -> json.optionalString("tokenizer_class")).filter(name -> name.startsWith("LlamaTokenizer"))
            .isPresent();
        if (config.isEmpty() || !pair && !llama || !config.get().has("add_bos_token") && !config.get().has("add_eos_token")) {
            return own;
        }
        Optional<String> before = asked("add_bos_token", !pair, "bos_token", ids);
        Optional<String> after = asked("add_eos_token", false, "eos_token", ids);
        return before.isEmpty() && after.isEmpty() ? Optional.empty() : Optional.of(PostProcessor.template(before, after, ids));
    }

    private Optional<String> asked(String flag, boolean otherwise, String name, Map<String, Integer> ids) {
        return config.orElseThrow().optionalBoolean(flag).orElse(otherwise) ? token(name).filter(ids::containsKey) : Optional.empty();
    }
}
