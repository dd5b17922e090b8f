package inkling.tokenizer.bpe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.decode.Decoder;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a BPE tokenizer.json says, checked.
 *
 * @param tokens the vocabulary's strings by id, added tokens included
 * @param merges in order of rank
 * @param added tokens that are found in the text before anything is split
 * @param normalizer what changes a text first
 * @param split how text is cut into pieces
 * @param symbols what a piece consists of before any merge
 * @param decoder how tokens become text
 * @param postProcessor what is put around the ids of a text ({@link PostProcessor})
 * @param settings the files that lay beside, as they were read
 * @param document the tokenizer.json that it was read from, which is written as it came; empty for one that was made here
 */
public record BpeModel(List<String> tokens, List<Merge> merges, List<AddedToken> added, Normalizer normalizer, PreTokenizer split,
                       SymbolRules symbols, Decoder decoder, Optional<ObjectNode> postProcessor, TokenizerSettings settings, Optional<byte[]> document) {
    public static final String END_OF_TEXT = "<|endoftext|>";

    /** Two ids that become one. */
    public record Merge(int left, int right, int merged) {}

    /**
     * A token that is found in the text as it stands.
     *
     * @param special a mark, not text: {@code encodePlain} does not see it, and it counts no bytes
     * @param normalized it is looked for in the normalised text, as it is written there, after those that are not
     * @param options what it asks of its neighbours
     * @param inVocabulary whether the model's own vocabulary lists it too
     */
    public record AddedToken(int id, String content, boolean special, boolean normalized, MatchOptions options, boolean inVocabulary) {}

    /**
     * @param singleWord not where a letter, digit or mark stands beside it
     * @param lstrip white space before it belongs to it
     * @param rstrip white space behind it belongs to it
     */
    public record MatchOptions(boolean singleWord, boolean lstrip, boolean rstrip) {
        public static final MatchOptions NONE = new MatchOptions(false, false, false);

        /** As an added token of tokenizer.json or tokenizer_config.json says it. */
        public static MatchOptions of(JsonFields token) {
            return new MatchOptions(token.optionalBoolean("single_word").orElse(false), token.optionalBoolean("lstrip").orElse(false),
                token.optionalBoolean("rstrip").orElse(false));
        }
    }

    /**
     * What a piece consists of before any merge.
     *
     * @param wholePieces whether a piece that is a token of the vocabulary is taken as it is, before any merge ({@code ignore_merges})
     * @param unknown stands for a symbol that the vocabulary lacks ({@code unk_token})
     * @param fuseUnknown whether one {@code unknown} stands for neighbours together
     */
    public record SymbolRules(SymbolKind kind, boolean wholePieces, Optional<String> unknown, boolean fuseUnknown) {
        static final SymbolRules BYTES = new SymbolRules(SymbolKind.BYTES, false, Optional.empty(), false);
    }

    /** Bytes in GPT-2's alphabet; characters; or characters with {@code <0xE2>} … for the bytes of those that the vocabulary lacks. */
    public enum SymbolKind { BYTES, CHARACTERS, CHARACTERS_OR_BYTES }

    public BpeModel {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
        added = List.copyOf(added);
    }

    /** GPT-2's way: its split, {@code <|endoftext|>} as the one special token where the vocabulary has it. */
    static BpeModel gpt2Style(List<String> tokens, List<Merge> merges) {
        int end = tokens.indexOf(END_OF_TEXT);
        List<AddedToken> added = end < 0 ? List.of() : List.of(new AddedToken(end, END_OF_TEXT, true, false, MatchOptions.NONE, true));
        return likeGpt2(tokens, merges, added, Optional.empty(), TokenizerSettings.NONE);
    }

    /** GPT-2's split and symbols. */
    public static BpeModel likeGpt2(List<String> tokens, List<Merge> merges, List<AddedToken> added, Optional<ObjectNode> postProcessor,
                         TokenizerSettings settings) {
        return new BpeModel(tokens, merges, added, Normalizer.NONE, Gpt2Split.INSTANCE, SymbolRules.BYTES, Decoder.BYTES, postProcessor,
            settings, Optional.empty());
    }

    /**
     * Merges of ids from merges of strings.
     *
     * @param source the file, for messages
     * @throws ModelFormatException naming the merge whose parts or whole are no tokens, or that is there twice
     */
    public static List<Merge> resolve(String source, Map<String, Integer> ids, List<String[]> pairs) {
        List<Merge> merges = new ArrayList<>(pairs.size());
        Merges seen = new Merges(pairs.size());
        for (int rank = 0; rank < pairs.size(); rank++) {
            String left = pairs.get(rank)[0];
            String right = pairs.get(rank)[1];
            Merge merge = new Merge(known(source, ids, left, rank, left, right), known(source, ids, right, rank, left, right),
                known(source, ids, left + right, rank, left, right));
            if (!seen.put(merge.left, merge.right, rank, merge.merged)) {
                throw new ModelFormatException("%s: merge %d (%s %s) is the same as merge %d; each pair may merge once."
                    .formatted(source, rank, left, right, seen.find(merge.left, merge.right) >>> Integer.SIZE));
            }
            merges.add(merge);
        }
        return merges;
    }

    /** Tokens of the model's own vocabulary with their ids, in the order of ids; added tokens may stand outside of it. */
    public Map<String, Integer> vocabulary() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>(tokens.size() * 2);
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        added.stream().filter(token -> !token.inVocabulary()).forEach(token -> vocabulary.remove(token.content()));
        return vocabulary;
    }

    private static int known(String source, Map<String, Integer> ids, String token, int rank, String left, String right) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new ModelFormatException("%s: merge %d (%s %s) names \"%s\", which the vocabulary does not have."
                .formatted(source, rank, left, right, token));
        }
        return id;
    }

    /**
     * The bytes that each id stands for; only with the decoder {@link Decoder#BYTES}.
     *
     * @throws ModelFormatException naming a token that is neither added nor written in GPT-2's byte alphabet
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
