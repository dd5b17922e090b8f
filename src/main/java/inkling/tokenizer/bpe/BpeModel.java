package inkling.tokenizer.bpe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a byte-level BPE tokenizer.json says, checked.
 *
 * @param tokens the vocabulary's strings by id, added tokens included
 * @param merges in order of rank
 * @param added tokens that are found in the text before anything is split
 * @param split how text is cut into pieces
 * @param wholePieces whether a piece that is a token of the vocabulary is taken as it is, before any merge ({@code ignore_merges})
 * @param postProcessor what is put around the ids of a text ({@link PostProcessor})
 * @param settings the files that lay beside, as they were read
 */
public record BpeModel(List<String> tokens, List<Merge> merges, List<AddedToken> added, PreTokenizer split, boolean wholePieces,
                Optional<ObjectNode> postProcessor, TokenizerSettings settings) {
    public static final String END_OF_TEXT = "<|endoftext|>";

    /** Two ids that become one. */
    public record Merge(int left, int right, int merged) {}

    /**
     * A token that is found in the text as it stands.
     *
     * @param special a mark, not text: {@code encodePlain} does not see it, and it counts no bytes
     * @param normalized Hugging Face looks for these after those that are not
     * @param inVocabulary whether the model's own vocabulary lists it too
     */
    public record AddedToken(int id, String content, boolean special, boolean normalized, boolean inVocabulary) {}

    public BpeModel {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
        added = List.copyOf(added);
    }

    /** GPT-2's way: its split, {@code <|endoftext|>} as the one special token where the vocabulary has it. */
    static BpeModel gpt2Style(List<String> tokens, List<Merge> merges) {
        int end = tokens.indexOf(END_OF_TEXT);
        List<AddedToken> added = end < 0 ? List.of() : List.of(new AddedToken(end, END_OF_TEXT, true, false, true));
        return new BpeModel(tokens, merges, added, Gpt2Split.INSTANCE, false, Optional.empty(), TokenizerSettings.NONE);
    }

    /**
     * Merges of ids from merges of strings.
     *
     * @param source the file, for messages
     * @throws ModelFormatException naming the merge whose parts or whole are no tokens, or that is there twice
     */
    public static List<Merge> resolve(String source, Map<String, Integer> ids, List<String[]> pairs) {
        List<Merge> merges = new ArrayList<>(pairs.size());
        Map<Long, Integer> seen = new HashMap<>(pairs.size() * 2);
        for (int rank = 0; rank < pairs.size(); rank++) {
            String left = pairs.get(rank)[0];
            String right = pairs.get(rank)[1];
            Merge merge = new Merge(known(source, ids, left, rank, left, right), known(source, ids, right, rank, left, right),
                known(source, ids, left + right, rank, left, right));
            Integer earlier = seen.putIfAbsent(Merges.pair(merge.left, merge.right), rank);
            if (earlier != null) {
                throw new ModelFormatException("%s: merge %d (%s %s) is the same as merge %d; each pair may merge once."
                    .formatted(source, rank, left, right, earlier));
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
     * The bytes that each id stands for.
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
                    "%s: token %d \"%s\" is not in GPT-2's byte alphabet; only byte-level BPE vocabularies can be read."
                        .formatted(source, unreadable, tokens.get(unreadable))));
            }
        }
        return bytes;
    }
}
