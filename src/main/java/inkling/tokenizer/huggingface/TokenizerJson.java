package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.PostProcessor;
import inkling.tokenizer.bpe.TokenizerSettings;
import inkling.tokenizer.split.Gpt2Split;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Hugging Face's tokenizer.json, of two kinds: byte-level BPE (GPT-2, Llama 3, SmolLM2 …) and Inkling's characters (a BPE without
 * merges and without a pre-tokenizer). What would give other ids than Hugging Face's library does is refused by name.
 * Truncation and padding, which do not concern the text's own ids, are not applied; the post-processor is {@link PostProcessor}'s.
 */
final class TokenizerJson {
    private static final Set<String> ROOT = Set.of("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
        "post_processor", "decoder", "model");
    private static final Set<String> MODEL = Set.of("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
        "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");

    private TokenizerJson() {}

    /** Whether the files beside it can add marks, or were taken into it when Inkling wrote it. */
    enum Beside { COUNTS, IS_IN_IT }

    /** @throws ModelFormatException naming the document, the entry and what is wrong with it */
    static Tokenizer read(JsonFields root, TokenizerSettings settings, Beside beside) {
        root.rejectUnknown(ROOT);
        if (root.has("normalizer")) {
            throw unsupported(root, "normalizer", "it changes the text before it is encoded, so that it would not come back as it was");
        }
        JsonFields model = root.requireObject("model");
        requireBpe(root.source(), model);
        Map<String, Integer> vocabulary = vocabulary(model);
        List<String[]> merges = merges(model);
        Optional<String> decoder = root.optionalObject("decoder").map(json -> json.requireString("type"));
        if (!root.has("pre_tokenizer")) {
            return characters(root, vocabulary, merges, decoder);
        }
        if (decoder.isPresent() && !decoder.get().equals("ByteLevel")) {
            throw unsupported(root, "decoder", "only ByteLevel is read with a byte-level vocabulary");
        }
        Map<String, Integer> ids = new LinkedHashMap<>(vocabulary);
        List<BpeModel.AddedToken> own = addedTokens(root, vocabulary, ids);
        List<BpeModel.AddedToken> added = beside == Beside.COUNTS ? settings.marks(own, ids) : own;
        List<String> tokens = byId(root.source(), ids);
        Optional<ObjectNode> around = root.optionalObject("post_processor").map(json -> (ObjectNode) json.node());
        return new BpeTokenizer(root.source(), new BpeModel(tokens, BpeModel.resolve(root.source(), vocabulary, merges), added,
            PreTokenizerJson.read(root.requireObject("pre_tokenizer")), model.optionalBoolean("ignore_merges").orElse(false),
            beside == Beside.COUNTS ? settings.around(around, false, ids) : around, settings));
    }

    /** What {@link #read} reads again as the same tokenizer, and Hugging Face's library too. */
    static ObjectNode write(BpeModel model) {
        ObjectNode root = root();
        ArrayNode added = root.putArray("added_tokens");
        model.added().stream().sorted(java.util.Comparator.comparingInt(BpeModel.AddedToken::id)).forEach(token -> added.addObject()
            .put("id", token.id()).put("content", token.content()).put("single_word", false).put("lstrip", false).put("rstrip", false)
            .put("normalized", token.normalized()).put("special", token.special()));
        root.putNull("normalizer");
        root.set("pre_tokenizer", model.split().json());
        root.set("post_processor", model.postProcessor().orElseGet(() -> byteLevel().put("trim_offsets", false)));
        root.set("decoder", byteLevel());
        ObjectNode bpe = bpe(root, model.wholePieces());
        model.vocabulary().forEach(bpe.putObject("vocab")::put);
        ArrayNode merges = bpe.putArray("merges");
        model.merges().forEach(merge -> merges.add(model.tokens().get(merge.left()) + " " + model.tokens().get(merge.right())));
        return root;
    }

    static ObjectNode write(CharTokenizer characters) {
        ObjectNode root = root();
        root.putArray("added_tokens");
        root.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
        root.putObject("decoder").put("type", "Fuse");
        ObjectNode bpe = bpe(root, false);
        ObjectNode vocab = bpe.putObject("vocab");
        for (int id = 0; id < characters.vocabSize(); id++) {
            vocab.put(characters.token(id), id);
        }
        bpe.putArray("merges");
        return root;
    }

    /** Ids 0 … n − 1 for n tokens, each once. */
    static List<String> byId(String source, Map<String, Integer> ids) {
        String[] tokens = new String[ids.size()];
        ids.forEach((token, id) -> {
            if (id < 0 || id >= tokens.length) {
                throw new ModelFormatException("%s: token \"%s\" has id %d, but %d tokens need the ids 0 … %d without a gap."
                    .formatted(source, token, id, tokens.length, tokens.length - 1));
            }
            if (tokens[id] != null) {
                throw new ModelFormatException("%s: tokens \"%s\" and \"%s\" both have id %d.".formatted(source, tokens[id], token, id));
            }
            if (token.isEmpty()) {
                throw new ModelFormatException("%s: the token with id %d is empty.".formatted(source, id));
            }
            tokens[id] = token;
        });
        return List.of(tokens);
    }

    static Map<String, Integer> vocabulary(JsonFields fields, List<String> names) {
        Map<String, Integer> vocabulary = new LinkedHashMap<>(names.size() * 2);
        names.forEach(token -> {
            JsonNode id = fields.node().get(token);
            vocabulary.put(token, id.isInt() ? id.intValue() : fields.requireInt(token));
        });
        if (vocabulary.isEmpty()) {
            throw new ModelFormatException(fields.source() + ": the vocabulary is empty.");
        }
        return vocabulary;
    }

    /** {@code "Ġ t"} as its two tokens. */
    static String[] pair(String source, int rank, String written) {
        int blank = written.indexOf(' ');
        if (blank <= 0 || blank == written.length() - 1 || written.indexOf(' ', blank + 1) >= 0) {
            throw new ModelFormatException("%s: merge %d is \"%s\", expected two tokens with a blank between."
                .formatted(source, rank, written));
        }
        return new String[] {written.substring(0, blank), written.substring(blank + 1)};
    }

    private static void requireBpe(String source, JsonFields model) {
        String type = model.optionalString("type").orElse("BPE"); // GPT-2's own file, an early one, does not say
        if (!type.equals("BPE")) {
            throw new ModelFormatException("%s: model.type = %s is not supported; only BPE is (byte-level, or characters)."
                .formatted(source, type));
        }
        model.rejectUnknown(MODEL);
        if (model.optionalDouble("dropout").orElse(0) != 0) {
            throw unsupported(model, "dropout", "it would make ids random");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.optionalString(affix).orElse("").isEmpty()) {
                throw unsupported(model, affix, "byte-level vocabularies have none");
            }
        }
        if (model.optionalBoolean("byte_fallback").orElse(false)) {
            throw unsupported(model, "byte_fallback", "byte-level vocabularies need none");
        }
    }

    private static Map<String, Integer> vocabulary(JsonFields model) {
        JsonFields vocab = model.requireObject("vocab");
        return vocabulary(vocab, vocab.names());
    }

    private static List<String[]> merges(JsonFields model) {
        List<String[]> merges = new ArrayList<>();
        for (JsonNode merge : model.requireArray("merges")) {
            int rank = merges.size();
            if (merge.isTextual()) {
                merges.add(pair(model.source(), rank, merge.textValue()));
            } else if (merge.isArray() && merge.size() == 2 && merge.get(0).isTextual() && merge.get(1).isTextual()) {
                merges.add(new String[] {merge.get(0).textValue(), merge.get(1).textValue()});
            } else {
                throw new ModelFormatException("%s: merge %d is neither \"a b\" nor [\"a\", \"b\"].".formatted(model.source(), rank));
            }
        }
        return merges;
    }

    private static List<BpeModel.AddedToken> addedTokens(JsonFields root, Map<String, Integer> vocabulary, Map<String, Integer> ids) {
        List<BpeModel.AddedToken> added = new ArrayList<>();
        Set<String> contents = new HashSet<>();
        for (JsonFields token : root.has("added_tokens") ? root.requireObjects("added_tokens") : List.<JsonFields>of()) {
            String content = token.requireString("content");
            int id = token.requireInt("id");
            TokenizerSettings.requirePlain(token, content);
            if (content.isEmpty() || !contents.add(content)) {
                throw token.fault("content", content.isEmpty() ? "is empty." : "is there twice.");
            }
            Integer earlier = ids.putIfAbsent(content, id);
            if (earlier != null && earlier != id) {
                throw token.fault("id", "differs from the id %d of \"%s\" in the vocabulary.".formatted(earlier, content));
            }
            added.add(new BpeModel.AddedToken(id, content, token.optionalBoolean("special").orElse(false),
                token.optionalBoolean("normalized").orElse(false), vocabulary.containsKey(content)));
        }
        return added;
    }

    private static CharTokenizer characters(JsonFields root, Map<String, Integer> vocabulary, List<String[]> merges,
                                            Optional<String> decoder) {
        boolean ours = merges.isEmpty() && decoder.map("Fuse"::equals).orElse(true) && root.node().path("added_tokens").isEmpty();
        if (!ours) {
            throw new ModelFormatException(("%s: no pre_tokenizer; that is read only for characters: no merges, no added tokens,"
                + " decoder Fuse. Other vocabularies must be byte-level.").formatted(root.source()));
        }
        List<String> tokens = byId(root.source(), vocabulary);
        return new CharTokenizer(tokens.stream().mapToInt(token -> {
            if (token.codePointCount(0, token.length()) != 1) {
                throw new ModelFormatException("%s: token %d \"%s\" is not one character, and there is no pre_tokenizer."
                    .formatted(root.source(), vocabulary.get(token), token));
            }
            return token.codePointAt(0);
        }).toArray());
    }

    private static ModelFormatException unsupported(JsonFields fields, String field, String why) {
        return fields.fault(field, "is not supported: " + why + ".");
    }

    private static ObjectNode root() {
        return JsonNodeFactory.instance.objectNode().put("version", "1.0").putNull("truncation").putNull("padding");
    }

    private static ObjectNode byteLevel() {
        return Gpt2Split.byteLevel(true).put("add_prefix_space", true);
    }

    private static ObjectNode bpe(ObjectNode root, boolean ignoreMerges) {
        return root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token").put("continuing_subword_prefix", "")
            .put("end_of_word_suffix", "").put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", ignoreMerges);
    }
}
