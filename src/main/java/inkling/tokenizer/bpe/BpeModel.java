package inkling.tokenizer.bpe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A BPE vocabulary and all rules by which text becomes ids, in the terms of tokenizer.json.
 *
 * @param tokens the string of each id, added tokens included
 * @param merges the merges, in order of rank
 * @param added tokens that are found in the text before it is split
 * @param normalizer changes a text before it is split
 * @param split splits text into pieces
 * @param symbols how a piece becomes symbols, before any merge
 * @param decoder turns tokens into text
 * @param postProcessor adds ids before and after the ids of a text ({@link PostProcessor})
 * @param settings the content of the files beside tokenizer.json
 * @param document the tokenizer.json of this model, which is written back unchanged; empty if the model does not come from one
 */
public record BpeModel(List<String> tokens, List<Merge> merges, List<AddedToken> added, Normalizer normalizer, PreTokenizer split,
                       SymbolRules symbols, Decoder decoder, Optional<ObjectNode> postProcessor, TokenizerSettings settings,
                       Optional<byte[]> document) {
    public static final String END_OF_TEXT = "<|endoftext|>";

    /** A rule of byte-pair encoding: two neighbouring ids become one. */
    public record Merge(int left, int right, int merged) {}

    /**
     * A token that is found in the text as a whole, not made by merges.
     *
     * @param special whether this is a special token, which is not text: {@code encodePlain} does not find it, and {@code Tokenizer.bytes}
     *     gives no bytes for it
     * @param normalized whether the token's normalized form is searched for in the normalized text; these tokens are searched for last
     * @param options which characters may stand beside the token, and which white space belongs to it
     * @param inVocabulary whether the model's own vocabulary lists the token too
     */
    public record AddedToken(int id, String content, boolean special, boolean normalized, MatchOptions options, boolean inVocabulary) {}

    /**
     * Conditions on the text around an added token.
     *
     * @param singleWord whether the token is found only if no word character ({@code UnicodeTable.isWord}, e.g. a letter) stands beside it
     * @param lstrip whether white space before the token belongs to it
     * @param rstrip whether white space after the token belongs to it
     */
    public record MatchOptions(boolean singleWord, boolean lstrip, boolean rstrip) {
        public static final MatchOptions NONE = new MatchOptions(false, false, false);

        /** The options of an added token in tokenizer.json or tokenizer_config.json. */
        public static MatchOptions of(JsonFields token) {
            return new MatchOptions(token.optionalBoolean("single_word").orElse(false), token.optionalBoolean("lstrip").orElse(false),
                token.optionalBoolean("rstrip").orElse(false));
        }
    }

    /**
     * How a piece becomes symbols, before any merge.
     *
     * @param wholePieces whether a piece that is itself a token becomes that token, without merges ({@code ignore_merges})
     * @param unknown the token for a symbol that the vocabulary lacks ({@code unk_token})
     * @param fuseUnknown whether neighbouring symbols that the vocabulary lacks become a single {@code unknown}
     */
    public record SymbolRules(SymbolKind kind, boolean wholePieces, Optional<String> unknown, boolean fuseUnknown) {
        static final SymbolRules BYTES = new SymbolRules(SymbolKind.BYTES, false, Optional.empty(), false);
    }

    /**
     * What the symbols are.
     * <ul>
     * <li>BYTES: bytes, written in GPT-2's byte alphabet ({@link ByteAlphabet}).
     * <li>CHARACTERS: characters.
     * <li>CHARACTERS_OR_BYTES: characters. If the vocabulary lacks a character, but has tokens for all bytes of it, each of these bytes is
     *     a symbol, e.g. {@code <0xE2>}.
     * </ul>
     */
    public enum SymbolKind { BYTES, CHARACTERS, CHARACTERS_OR_BYTES }

    public BpeModel {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
        added = List.copyOf(added);
    }

    /** A model that splits as GPT-2 does. Its only added token is {@code <|endoftext|>}, if the vocabulary has it. */
    static BpeModel gpt2Style(List<String> tokens, List<Merge> merges) {
        int end = tokens.indexOf(END_OF_TEXT);
        List<AddedToken> added = end < 0 ? List.of() : List.of(new AddedToken(end, END_OF_TEXT, true, false, MatchOptions.NONE, true));
        return likeGpt2(tokens, merges, added, Optional.empty(), TokenizerSettings.NONE);
    }

    /** A model with GPT-2's split and symbols (bytes), and with these added tokens. */
    public static BpeModel likeGpt2(List<String> tokens, List<Merge> merges, List<AddedToken> added, Optional<ObjectNode> postProcessor,
                         TokenizerSettings settings) {
        return new BpeModel(tokens, merges, added, Normalizer.NONE, Gpt2Split.INSTANCE, SymbolRules.BYTES, Decoder.BYTES, postProcessor,
            settings, Optional.empty());
    }

    /** The model's own vocabulary, token to id, in the order of ids. Added tokens are left out unless {@link AddedToken#inVocabulary}. */
    public Map<String, Integer> vocabulary() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>(tokens.size() * 2);
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        added.stream().filter(token -> !token.inVocabulary()).forEach(token -> vocabulary.remove(token.content()));
        return vocabulary;
    }

    /**
     * The bytes of each id; for an added token, the bytes of its string. Call this only if the decoder is {@link Decoder#BYTES}.
     *
     * @param source the tokenizer's name in messages
     * @throws ModelFormatException if a token is neither added nor written in GPT-2's byte alphabet
     */
    byte[][] bytes(String source) {
        byte[][] bytes = new byte[tokens.size()][];
        for (AddedToken token : added) {
            bytes[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
        }
        for (int id = 0; id < bytes.length; id++) {
            if (bytes[id] == null) {
                int unreadable = id;
                bytes[id] = ByteAlphabet.read(tokens.get(id)).orElseThrow(() -> new ModelFormatException(
                    "%s: token %d \"%s\" is not in GPT-2's byte alphabet, which the decoder ByteLevel reads."
                        .formatted(source, unreadable, tokens.get(unreadable))));
            }
        }
        return bytes;
    }
}
