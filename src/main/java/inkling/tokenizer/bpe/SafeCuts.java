package inkling.tokenizer.bpe;

import inkling.tokenizer.split.Metaspace;
import inkling.tokenizer.split.Normalizer;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.TextPlace;
import inkling.tokenizer.split.UnicodeTable;
import java.util.Optional;

/** Finds where a text can be cut without changing its ids, if the second part is encoded with {@link TextPlace#WITHIN}. */
final class SafeCuts {
    private static final int MOST_TRIES = 1_000;   // each try copies the text

    private final Normalizer normalizer;
    private final PreTokenizer split;
    private final AddedTokens added;
    private final Optional<JoinableCharacters> joinable;

    /** @param joinable which characters merges can join; empty if that is not known */
    SafeCuts(Normalizer normalizer, PreTokenizer split, AddedTokens added, Optional<JoinableCharacters> joinable) {
        this.normalizer = normalizer.at(TextPlace.WITHIN);
        this.split = split.at(TextPlace.WITHIN);
        this.added = added;
        this.joinable = joinable;
    }

    /** The last known index for a cut; 0 if none is known. */
    int last(String text) {
        boolean whole = split instanceof PreTokenizer.Whole || split instanceof Metaspace blanks && !blanks.split();
        if (whole ? joinable.isEmpty() || !normalizer.isLocal() : !normalizer.keepsCategories()) {
            return 0;
        }
        return whole ? lastBetweenCharacters(text) : lastBetweenPieces(text);
    }

    private int lastBetweenPieces(String text) {
        int cut = text.length();
        for (int tries = 0; tries < MOST_TRIES && cut > 0; tries++) {
            cut = split.safeCut(text.substring(0, cut));
            if (cut > 0 && !addedTokenForbids(text.codePointBefore(cut), text.codePointAt(cut))) {
                return cut;
            }
        }
        return 0;
    }

    private int lastBetweenCharacters(String text) {
        for (int cut = text.length() - 1; cut > 0; cut--) {
            int before = text.codePointBefore(cut);
            int after = text.codePointAt(cut);
            boolean inside = Character.isSurrogatePair(text.charAt(cut - 1), text.charAt(cut));
            boolean stable = after == ' ' || normalizer.ignoresNeighbours();
            if (!inside && stable && !UnicodeTable.isWhiteSpace(before) && !addedTokenForbids(before, after)) {
                String left = written(before);
                String right = written(after);
                if (!joinable.orElseThrow().canJoin(left.codePointBefore(left.length()), right.codePointAt(0))) {
                    return cut;
                }
            }
        }
        return 0;
    }

    private boolean addedTokenForbids(int before, int after) {
        String left = normalizer.normalize(Character.toString(before));
        String right = normalizer.normalize(Character.toString(after));
        return added.forbidCutBetween(before, after)
            || added.forbidCutBetween(left.codePointBefore(left.length()), right.codePointAt(0));
    }

    /** A character in the form that merges see: normalized, with a blank replaced. */
    private String written(int codePoint) {
        String normal = normalizer.normalize(Character.toString(codePoint));
        return split instanceof Metaspace blanks ? normal.replace(" ", blanks.replacement()) : normal;
    }
}
