package inkling.tokenizer.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.gguf.GgufMetadata;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.tokenizer.bpe.PostProcessor;
import inkling.tokenizer.bpe.TokenizerSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tokenizer of a GGUF file in the form of Hugging Face's files.
 *
 * @param source the file, for messages
 * @param document the content of tokenizer.json
 * @param settings the content of tokenizer_config.json
 */
public record GgufTokenizer(String source, byte[] document, TokenizerSettings settings) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** This limit and the next are for a hostile file, in which every part of every token could be a token. */
    private static final int MOST_MERGES = 4_000_000;
    private static final int LONGEST_TOKEN = 1_000;   // UTF-16 units
    private static final String BLANK = "\u2581";
    private static final Set<String> KNOWN = Set.of(GgufKeys.TEMPLATE, GgufKeys.DOCUMENT, GgufKeys.MODEL, GgufKeys.PRE, GgufKeys.TOKENS,
        GgufKeys.TYPES, GgufKeys.SCORES, GgufKeys.MERGES, GgufKeys.BEGIN, GgufKeys.END, GgufKeys.END_OF_TURN, GgufKeys.PADDING,
        GgufKeys.UNKNOWN_ID, GgufKeys.ADD_BEGIN, GgufKeys.ADD_END, GgufKeys.ADD_SPACE);
    /** Keys that other programs write and that change no id of a text. */
    private static final Set<String> HARMLESS = Set.of("tokenizer.ggml.seperator_token_id", "tokenizer.ggml.separator_token_id",
        "tokenizer.ggml.cls_token_id", "tokenizer.ggml.mask_token_id", "tokenizer.ggml.eom_token_id", "tokenizer.ggml.token_type_count",
        "tokenizer.ggml.prefix_token_id", "tokenizer.ggml.suffix_token_id", "tokenizer.ggml.middle_token_id", "tokenizer.chat_templates",
        "tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.fim_suf_token_id", "tokenizer.ggml.fim_mid_token_id",
        "tokenizer.ggml.fim_pad_token_id", "tokenizer.ggml.fim_rep_token_id", "tokenizer.ggml.fim_sep_token_id",
        "tokenizer.ggml.add_sep_token");

    /**
     * Reads the tokenizer. Empty if the file has none: {@code tokenizer.ggml.model} is missing or has the value {@code none}.
     *
     * @throws ModelFormatException naming the key that is missing or not supported, or whose value is wrong or not supported
     */
    public static Optional<GgufTokenizer> read(GgufMetadata metadata) {
        if (!metadata.has(GgufKeys.MODEL) || metadata.requireText(GgufKeys.MODEL).equals("none")) {
            return Optional.empty();
        }
        List<String> tokens = metadata.texts(GgufKeys.TOKENS);
        if (tokens.isEmpty()) {
            throw new ModelFormatException("%s: %s is missing or empty.".formatted(metadata.source(), GgufKeys.TOKENS));
        }
        TokenizerSettings settings = new TokenizerSettings(Optional.of(JsonFields.of(metadata.source(), settings(metadata, tokens))),
            Optional.empty(), Optional.empty());
        Optional<String> document = metadata.text(GgufKeys.DOCUMENT);
        byte[] json = document.isPresent() ? document.get().getBytes(StandardCharsets.UTF_8)
            : StrictJson.bytes(new Reading(metadata, tokens).document());
        return Optional.of(new GgufTokenizer(metadata.source(), json, settings));
    }

    private static ObjectNode settings(GgufMetadata metadata, List<String> tokens) {
        ObjectNode settings = JSON.objectNode().put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("clean_up_tokenization_spaces", false);
        Map.of(GgufKeys.BEGIN, "bos_token", GgufKeys.END, "eos_token", GgufKeys.UNKNOWN_ID, "unk_token", GgufKeys.PADDING, "pad_token")
            .forEach((key, name) -> GgufKeys.id(metadata, key).ifPresent(id -> {
                if (id >= tokens.size()) {
                    throw metadata.fault(key, "is beyond the %d tokens.".formatted(tokens.size()));
                }
                settings.put(name, tokens.get(id));
            }));
        metadata.text(GgufKeys.TEMPLATE).ifPresent(template -> settings.put("chat_template", template));
        return settings;
    }

    /** Makes a tokenizer.json from llama.cpp's keys, for a file that does not contain one. */
    private static final class Reading {
        private final GgufMetadata metadata;
        private final List<String> tokens;
        private final List<Long> types;
        private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
        private final ObjectNode root = JSON.objectNode().put("version", "1.0").putNull("truncation").putNull("padding");

        Reading(GgufMetadata metadata, List<String> tokens) {
            this.metadata = metadata;
            this.types = metadata.wholes(GgufKeys.TYPES);
            this.tokens = tokens.subList(0, used(tokens));
        }

        /** The number of tokens without the unused ones at the end. */
        private int used(List<String> tokens) {
            if (!types.isEmpty() && types.size() != tokens.size()) {
                throw metadata.fault(GgufKeys.TYPES, "must have one number for each of the %d tokens.".formatted(tokens.size()));
            }
            int used = tokens.size();
            while (used > 1 && type(used - 1) == GgufKeys.KIND_UNUSED) {
                used--;
            }
            return used;
        }

        private int type(int id) {
            return types.isEmpty() ? GgufKeys.KIND_NORMAL : (int) (long) types.get(id);
        }

        ObjectNode document() {
            metadata.keys().stream().filter(key -> key.startsWith("tokenizer.") && !KNOWN.contains(key) && !HARMLESS.contains(key)
                && !key.startsWith("tokenizer.chat_template.")).findFirst().ifPresent(key -> {
                    throw metadata.fault(key, "is not supported: it may change the ids of a text. Give the model's tokenizer.json with"
                        + " --tokenizer PATH.");
                });
            String model = metadata.requireText(GgufKeys.MODEL);
            if (metadata.flag(GgufKeys.ADD_END).orElse(false)) {
                throw metadata.fault(GgufKeys.ADD_END, "is not supported: a text with an end after it could not be continued.");
            }
            root.set("added_tokens", addedTokens());
            return switch (model) {
                case "gpt2" -> byteTokenizer();
                case "llama" -> characterTokenizer();
                default -> throw metadata.fault(GgufKeys.MODEL,
                    "is not supported; gpt2 and llama are. Give the model's tokenizer.json with --tokenizer PATH.");
            };
        }

        private ArrayNode addedTokens() {
            ArrayNode added = JSON.arrayNode();
            boolean phi3 = KnownByName.hasPhi3sName(metadata);
            for (int id = 0; id < tokens.size(); id++) {
                int type = type(id);
                boolean special = type == GgufKeys.KIND_CONTROL || type == GgufKeys.KIND_UNUSED || type == GgufKeys.KIND_UNKNOWN;
                if (special || type == GgufKeys.KIND_USER_DEFINED) {
                    added.addObject().put("id", id).put("content", tokens.get(id)).put("single_word", false).put("lstrip", false)
                        .put("rstrip", phi3 && KnownByName.takesSpaceInPhi3(tokens.get(id))).put("normalized", false)
                        .put("special", special);
                } else if (type != GgufKeys.KIND_NORMAL && type != GgufKeys.KIND_BYTE) {
                    throw metadata.fault(GgufKeys.TYPES, "has a %d for token %d; 1 to 6 are known.".formatted(type, id));
                }
                boolean inVocabulary = !special && type != GgufKeys.KIND_USER_DEFINED || type == GgufKeys.KIND_UNKNOWN;
                if (inVocabulary && vocabulary.put(tokens.get(id), id) != null) {
                    throw metadata.fault(GgufKeys.TOKENS, "has the text of token %d twice.".formatted(id));
                }
            }
            return added;
        }

        private ObjectNode byteTokenizer() {
            GgufSplit split = split();
            split.write(root);
            putPostProcessor(split.usuallyBegins());
            root.set("decoder", JSON.objectNode().put("type", "ByteLevel").put("add_prefix_space", true).put("trim_offsets", true)
                .put("use_regex", true));
            ObjectNode bpe = model(false, split.wholePieces());
            ArrayNode merges = bpe.putArray("merges");
            metadata.texts(GgufKeys.MERGES).forEach(merges::add);
            return root;
        }

        private GgufSplit split() {
            String architecture = metadata.text("general.architecture").orElse("");
            Optional<String> word = metadata.text(GgufKeys.PRE).filter(text -> !text.equals("default"));
            String fault = word.isPresent() ? "is not supported; %s are." : "does not say how the model splits text; %s do.";
            return word.map(GgufSplit::named).orElseGet(() -> GgufSplit.unnamed(architecture)).orElseThrow(() ->
                metadata.fault(GgufKeys.PRE, fault.formatted(String.join(", ", GgufSplit.allWords()))
                    + " Give the model's tokenizer.json with --tokenizer PATH."));
        }

        /** @param usuallyBegins whether a beginning id is put before a text if no key says whether to do so */
        private void putPostProcessor(boolean usuallyBegins) {
            Optional<Integer> id = GgufKeys.id(metadata, GgufKeys.BEGIN).filter(begin -> begin < tokens.size());
            if (id.isEmpty() || !metadata.flag(GgufKeys.ADD_BEGIN).orElse(usuallyBegins)) {
                root.putNull("post_processor");
                return;
            }
            String token = tokens.get(id.get());
            root.set("post_processor", PostProcessor.template(Optional.of(token), Optional.empty(), Map.of(token, id.get())));
        }

        private ObjectNode model(boolean byteFallback, boolean wholePieces) {
            ObjectNode bpe = root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token")
                .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", byteFallback)
                .put("byte_fallback", byteFallback).put("ignore_merges", wholePieces);
            vocabulary.forEach(bpe.putObject("vocab")::put);
            return bpe;
        }

        /**
         * A tokenizer of Llama 2's kind. Its merges are all ways to join two normal tokens to a third. The merges into the token of the
         * highest score come first.
         */
        private ObjectNode characterTokenizer() {
            boolean blank = metadata.flag(GgufKeys.ADD_SPACE).orElse(true);
            ArrayNode normalizers = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
            if (blank) {
                normalizers.addObject().put("type", "Prepend").put("prepend", BLANK);
            }
            replace(normalizers.addObject(), " ", BLANK);
            root.putNull("pre_tokenizer");
            putPostProcessor(true);
            ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
            replace(decoders.addObject(), BLANK, " ");
            decoders.addObject().put("type", "ByteFallback");
            decoders.addObject().put("type", "Fuse");
            if (blank) {
                decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
            }
            ObjectNode bpe = model(true, false);
            GgufKeys.id(metadata, GgufKeys.UNKNOWN_ID).filter(id -> id < tokens.size() && vocabulary.containsKey(tokens.get(id)))
                .ifPresent(id -> bpe.put("unk_token", tokens.get(id)));
            ArrayNode merges = bpe.putArray("merges");
            merges().forEach(pair -> merges.addArray().add(tokens.get(pair[0])).add(tokens.get(pair[1])));
            return root;
        }

        private static void replace(ObjectNode json, String pattern, String content) {
            json.put("type", "Replace").putObject("pattern").put("String", pattern);
            json.put("content", content);
        }

        private List<int[]> merges() {
            List<Double> scores = metadata.reals(GgufKeys.SCORES);
            if (scores.size() < tokens.size()) {
                throw metadata.fault(GgufKeys.SCORES, "must have one number for each of the %d tokens.".formatted(tokens.size()));
            }
            Map<String, Integer> normal = new HashMap<>(vocabulary);
            normal.values().removeIf(id -> type(id) != GgufKeys.KIND_NORMAL);
            List<int[]> all = new ArrayList<>();                // left, right, merged
            normal.forEach((token, id) -> {
                if (token.isEmpty() || token.length() > LONGEST_TOKEN) {
                    throw metadata.fault(GgufKeys.TOKENS, "has %d characters in token %d; 1 to %d are read.".formatted(token.length(), id,
                        LONGEST_TOKEN));
                }
                for (int cut = token.offsetByCodePoints(0, 1); cut < token.length(); cut = token.offsetByCodePoints(cut, 1)) {
                    Integer left = normal.get(token.substring(0, cut));
                    Integer right = normal.get(token.substring(cut));
                    if (left != null && right != null) {
                        all.add(new int[] {left, right, id});
                    }
                }
                if (all.size() > MOST_MERGES) {
                    throw metadata.fault(GgufKeys.TOKENS, "has tokens that two others make in more than %d ways in all."
                        .formatted(MOST_MERGES));
                }
            });
            all.sort(Comparator.<int[]>comparingDouble(pair -> -scores.get(pair[2])).thenComparingInt(pair -> pair[2])
                .thenComparingInt(pair -> pair[0]).thenComparingInt(pair -> pair[1]));
            return all;
        }
    }
}
