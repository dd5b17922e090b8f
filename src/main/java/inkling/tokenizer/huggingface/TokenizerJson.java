package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.ByteAlphabet;
import inkling.tokenizer.bpe.MergeList;
import inkling.tokenizer.bpe.PostProcessor;
import inkling.tokenizer.bpe.TokenizerSettings;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads and writes Hugging Face's tokenizer.json. There are two kinds: BPE, and Inkling's character tokenizer. The latter is a BPE
 * without merges, added tokens, normalizer, pre-tokenizer, post-processor, unknown token and byte fallback. Its decoder is Fuse or missing.
 * A setting that Inkling does not follow, and that could change ids, is refused by name. Truncation and padding are ignored: they
 * cut ids off at an end or add some there, and change no other id. {@link PostProcessor} handles the post-processor.
 */
final class TokenizerJson {
    private static final Set<String> ROOT = Set.of("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
        "post_processor", "decoder", "model");
    private static final Set<String> MODEL = Set.of("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
        "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
    private static final Set<String> ADDED = Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");

    private TokenizerJson() {}

    /**
     * Whether the files beside tokenizer.json may add tokens and change the post-processor. They may not in three cases:
     * <ul>
     * <li>A user names the tokenizer.json itself, not its directory.
     * <li>The tokenizer.json comes from a GGUF file.
     * <li>A run is resumed from its checkpoint. The checkpoint's tokenizer.json has these changes already. One that version 0.1 wrote lacks
     * them, but version 0.1 trained the model without those files.
     * </ul>
     */
    enum OtherFiles { FOLLOWED, IGNORED }

    /**
     * The tokenizer of a tokenizer.json.
     *
     * @param source the name of the document in messages
     * @param document the bytes of the document
     * @param settings the content of the files beside the document
     * @throws ModelFormatException if an entry is wrong or not supported; the message names document, entry and fault
     */
    static Tokenizer read(String source, byte[] document, TokenizerSettings settings, OtherFiles others) {
        TokenTables tables = new TokenTables(source);
        JsonFields root = JsonFields.of(source, StrictJson.parse(source, document, tables.readers()));
        root.rejectUnknown(ROOT);
        JsonFields model = root.requireObject("model");
        requireBpe(source, model);
        Map<String, Integer> ids = tables.vocabularyOf(model);
        MergeList merges = tables.mergesOf(model);
        if (isCharacters(root, model, merges)) {
            return characters(source, ids);
        }
        Optional<JsonFields> split = root.optionalObject("pre_tokenizer");
        BpeModel.SymbolRules symbols = symbols(source, model, split.filter(PreTokenizerJson::isByteLevel).isPresent(), ids);
        Normalizer normalizer = root.optionalObject("normalizer").map(NormalizerJson::read).orElse(Normalizer.NONE);
        List<BpeModel.AddedToken> own = addedTokens(root, ids);
        List<BpeModel.AddedToken> added = others == OtherFiles.FOLLOWED ? settings.addedTokens(own, ids) : own;
        added.stream().filter(token -> normalizer.normalize(token.content()).isEmpty()).findFirst().ifPresent(token -> {
            throw new ModelFormatException("%s: the added token \"%s\", of this file or one beside it, is empty after normalization."
                .formatted(source, token.content()));
        });
        List<String> tokens = byId(source, ids);
        Optional<ObjectNode> ownPostProcessor = root.optionalObject("post_processor").map(json -> (ObjectNode) json.node());
        Optional<ObjectNode> postProcessor = others == OtherFiles.FOLLOWED ? settings.postProcessor(ownPostProcessor, false, ids)
            : ownPostProcessor;
        boolean unchanged = added.equals(own) && postProcessor.equals(ownPostProcessor);
        return new BpeTokenizer(source, new BpeModel(tokens, merges.all(), added, normalizer,
            split.map(PreTokenizerJson::read).orElseGet(PreTokenizer.Whole::new), symbols, decoder(root, symbols.kind()), postProcessor,
            settings, Optional.of(unchanged ? document : withTokensAndPostProcessor(source, document, added, postProcessor))));
    }

    /** {@code document} with these added tokens and this post-processor in place of its own. */
    private static byte[] withTokensAndPostProcessor(String source, byte[] document, List<BpeModel.AddedToken> added,
                                                     Optional<ObjectNode> postProcessor) {
        ObjectNode root = (ObjectNode) StrictJson.parse(source, document);
        root.set("added_tokens", addedTokens(added));
        root.set("post_processor", postProcessor.<JsonNode>map(json -> json).orElse(NullNode.getInstance()));
        return StrictJson.bytes(root);
    }

    /** The tokenizer.json of a model that splits as GPT-2 does. {@link #read} and Hugging Face's library get the same tokenizer from it. */
    static ObjectNode write(BpeModel model) {
        ObjectNode root = root();
        root.set("added_tokens", addedTokens(model.added()));
        root.putNull("normalizer");
        root.set("pre_tokenizer", byteLevel(false).put("trim_offsets", true));
        root.set("post_processor", model.postProcessor().orElseGet(() -> byteLevel(true).put("trim_offsets", false)));
        root.set("decoder", byteLevel(true).put("trim_offsets", true));
        ObjectNode bpe = bpe(root);
        model.vocabulary().forEach(bpe.putObject("vocab")::put);
        ArrayNode merges = bpe.putArray("merges");
        model.merges().forEach(merge -> merges.add(model.tokens().get(merge.left()) + " " + model.tokens().get(merge.right())));
        return root;
    }

    /** The tokenizer.json of a character tokenizer: a BPE without merges. */
    static ObjectNode write(CharTokenizer characters) {
        ObjectNode root = root();
        root.putArray("added_tokens");
        root.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
        root.putObject("decoder").put("type", "Fuse");
        ObjectNode bpe = bpe(root);
        ObjectNode vocab = bpe.putObject("vocab");
        for (int id = 0; id < characters.vocabSize(); id++) {
            vocab.put(characters.token(id), id);
        }
        bpe.putArray("merges");
        return root;
    }

    private static ArrayNode addedTokens(List<BpeModel.AddedToken> added) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        added.stream().sorted(Comparator.comparingInt(BpeModel.AddedToken::id)).forEach(token -> array.addObject()
            .put("id", token.id()).put("content", token.content()).put("single_word", token.options().singleWord())
            .put("lstrip", token.options().lstrip()).put("rstrip", token.options().rstrip())
            .put("normalized", token.normalized()).put("special", token.special()));
        return array;
    }

    /** The tokens in order of their ids, which must be 0 … n − 1, each once. */
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

    private static void requireBpe(String source, JsonFields model) {
        String type = model.optionalString("type").orElse("BPE"); // early files, such as GPT-2's own, have no type
        if (!type.equals("BPE")) {
            throw new ModelFormatException("%s: model.type = %s is not supported; only BPE is."
                .formatted(source, type));
        }
        model.rejectUnknown(MODEL);
        if (model.optionalDouble("dropout").orElse(0) != 0) {
            throw unsupported(model, "dropout", "it would make ids random");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.optionalString(affix).orElse("").isEmpty()) {
                throw unsupported(model, affix, "Inkling adds no prefix or suffix to tokens");
            }
        }
    }

    private static BpeModel.SymbolRules symbols(String source, JsonFields model, boolean byteLevel, Map<String, Integer> vocabulary) {
        boolean fallback = model.optionalBoolean("byte_fallback").orElse(false);
        Optional<String> unknown = model.optionalString("unk_token");
        if (unknown.isPresent() && !vocabulary.containsKey(unknown.get())) {
            throw model.fault("unk_token", "is not in the vocabulary.");
        }
        if (byteLevel && fallback) {
            for (int b : ByteAlphabet.bytesInOrder()) {
                if (!vocabulary.containsKey(String.valueOf(ByteAlphabet.character(b)))) {
                    throw unsupported(model, "byte_fallback", "the byte-level vocabulary has no token for some bytes");
                }
            }
        }
        BpeModel.SymbolKind kind = byteLevel ? BpeModel.SymbolKind.BYTES
            : fallback ? BpeModel.SymbolKind.CHARACTERS_OR_BYTES : BpeModel.SymbolKind.CHARACTERS;
        return new BpeModel.SymbolRules(kind, model.optionalBoolean("ignore_merges").orElse(false), unknown,
            model.optionalBoolean("fuse_unk").orElse(false));
    }

    private static Decoder decoder(JsonFields root, BpeModel.SymbolKind kind) {
        Optional<JsonFields> decoder = root.optionalObject("decoder");
        if (decoder.isEmpty() && kind != BpeModel.SymbolKind.BYTES) {
            throw new ModelFormatException("%s: decoder is missing: without one, decoding would put a space between all tokens."
                .formatted(root.source()));
        }
        return decoder.map(DecoderJson::read).orElse(Decoder.BYTES);
    }

    /** @param ids the id of each token of the vocabulary; this method puts in the added tokens */
    private static List<BpeModel.AddedToken> addedTokens(JsonFields root, Map<String, Integer> ids) {
        List<BpeModel.AddedToken> added = new ArrayList<>();
        Set<String> contents = new HashSet<>();
        for (JsonFields token : root.has("added_tokens") ? root.requireObjects("added_tokens") : List.<JsonFields>of()) {
            String content = token.requireString("content");
            int id = token.requireInt("id");
            token.rejectUnknown(ADDED);
            if (content.isEmpty() || !contents.add(content)) {
                throw token.fault("content", content.isEmpty() ? "is empty." : "occurs twice.");
            }
            Integer earlier = ids.putIfAbsent(content, id);
            if (earlier != null && earlier != id) {
                throw token.fault("id", "differs from the id %d of \"%s\" in the vocabulary.".formatted(earlier, content));
            }
            added.add(new BpeModel.AddedToken(id, content, token.optionalBoolean("special").orElse(false),
                token.optionalBoolean("normalized").orElse(false), BpeModel.MatchOptions.of(token), earlier != null));
        }
        return added;
    }

    /** Whether this is Inkling's form of a {@link CharTokenizer}. With other settings, such as an unknown token, it is an ordinary BPE. */
    private static boolean isCharacters(JsonFields root, JsonFields model, MergeList merges) {
        boolean fuse = root.node().path("decoder").isNull() || root.node().path("decoder").path("type").asText("Fuse").equals("Fuse");
        return merges.isEmpty() && fuse && root.node().path("added_tokens").isEmpty() && !root.has("pre_tokenizer")
            && !root.has("normalizer") && !root.has("post_processor") && !model.has("unk_token")
            && !model.optionalBoolean("byte_fallback").orElse(false);
    }

    private static CharTokenizer characters(String source, Map<String, Integer> vocabulary) {
        List<String> tokens = byId(source, vocabulary);
        return new CharTokenizer(tokens.stream().mapToInt(token -> {
            if (token.codePointCount(0, token.length()) != 1) {
                throw new ModelFormatException("%s: token %d \"%s\" is not one character, and there are neither merges nor a pre_tokenizer."
                    .formatted(source, vocabulary.get(token), token));
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

    private static ObjectNode byteLevel(boolean addPrefixSpace) {
        return JsonNodeFactory.instance.objectNode().put("type", "ByteLevel").put("add_prefix_space", addPrefixSpace)
            .put("trim_offsets", true).put("use_regex", true);
    }

    private static ObjectNode bpe(ObjectNode root) {
        return root.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token").put("continuing_subword_prefix", "")
            .put("end_of_word_suffix", "").put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    }
}
