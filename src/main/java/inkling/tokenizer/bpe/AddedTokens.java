package inkling.tokenizer.bpe;

import inkling.tokenizer.bpe.BpeModel.AddedToken;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.UnicodeTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The added tokens of a tokenizer. Some are searched for in the original text, the others in the normalized text. */
final class AddedTokens {
    private final AddedTokenFinder raw;
    private final AddedTokenFinder normalized;
    private final Set<Long> neighbours = new HashSet<>();         // pairs of neighbouring characters inside a token
    private final Set<Integer> last = new HashSet<>();            // last character of each token
    private final Set<Integer> firstOfWord = new HashSet<>();     // first character of each single-word token
    private final boolean strip;                                  // whether any token takes the white space beside it

    /** @param source the name of the tokenizer in messages */
    AddedTokens(String source, List<AddedToken> tokens, Normalizer normalizer) {
        raw = new AddedTokenFinder(source, tokens.stream().filter(token -> !token.normalized()).toList(), content -> content);
        normalized = new AddedTokenFinder(source, tokens.stream().filter(AddedToken::normalized).toList(), normalizer::normalize);
        strip = tokens.stream().map(AddedToken::options).anyMatch(options -> options.lstrip() || options.rstrip());
        for (AddedToken token : tokens) {
            note(token, token.content());
            if (token.normalized()) {
                note(token, normalizer.normalize(token.content()));
            }
        }
    }

    private void note(AddedToken token, String written) {
        int[] characters = written.codePoints().toArray();
        for (int i = 1; i < characters.length; i++) {
            neighbours.add(Merges.pair(characters[i - 1], characters[i]));
        }
        last.add(characters[characters.length - 1]);
        if (token.options().singleWord()) {
            firstOfWord.add(characters[0]);
        }
    }

    /** Finds the tokens that are searched for in the original text. */
    AddedTokenFinder raw() {
        return raw;
    }

    /** Finds the tokens that are searched for in the normalized text. */
    AddedTokenFinder normalized() {
        return normalized;
    }

    /**
     * Whether a cut between two characters could change which tokens are found, or what white space they take. It could in four cases:
     * <ul>
     * <li>A token may end directly before the cut.
     * <li>A token may reach across the cut.
     * <li>A {@code single_word} token may begin after the cut. Whether it is found depends on the character before.
     * <li>White space stands before the cut, and an {@code lstrip} or {@code rstrip} token may take white space on both sides of the cut.
     * </ul>
     */
    boolean forbidCutBetween(int before, int after) {
        return last.contains(before) || firstOfWord.contains(after) || neighbours.contains(Merges.pair(before, after))
            || strip && UnicodeTable.isWhiteSpace(before);
    }
}
