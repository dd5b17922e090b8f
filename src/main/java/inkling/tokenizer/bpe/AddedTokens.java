package inkling.tokenizer.bpe;

import inkling.tokenizer.bpe.BpeModel.AddedToken;
import inkling.tokenizer.split.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The added tokens of a tokenizer: some stand in a text as it is, the others in the normalised text. */
final class AddedTokens {
    private final AddedTokenFinder raw;
    private final AddedTokenFinder normalized;
    private final Set<Long> neighbours = new HashSet<>();         // two characters side by side in one of them
    private final Set<Integer> last = new HashSet<>();            // characters with which one ends
    private final Set<Integer> firstOfWord = new HashSet<>();     // … and with which one begins that is only found as a word

    AddedTokens(List<AddedToken> tokens, Normalizer normalizer) {
        raw = new AddedTokenFinder(tokens.stream().filter(token -> !token.normalized()).toList(), content -> content);
        normalized = new AddedTokenFinder(tokens.stream().filter(AddedToken::normalized).toList(), normalizer::normalize);
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

    /** Those that are looked for before the text is normalised. */
    AddedTokenFinder raw() {
        return raw;
    }

    AddedTokenFinder normalized() {
        return normalized;
    }

    /** Whether one could end between these two characters, reach across, or be another thing without the one before. */
    boolean forbidCutBetween(int before, int behind) {
        return last.contains(before) || firstOfWord.contains(behind) || neighbours.contains(Merges.pair(before, behind));
    }
}
