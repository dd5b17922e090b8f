package inkling.tokenizer.split;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Treats blanks as SentencePiece does: each becomes {@code replacement} ({@code ▁}). If {@code scheme} says so, a stretch of text that
 * does not begin with {@code replacement} gets one before it.
 *
 * @param split whether each {@code replacement} begins a new piece; if not, the text stays whole
 */
public record Metaspace(String replacement, Scheme scheme, boolean split) implements PreTokenizer {
    /** Which stretches of text get a {@code replacement} before them: all, only the first of a text, or none. */
    public enum Scheme { ALWAYS, FIRST, NEVER }

    @Override
    public void split(byte[] utf8, int from, int to, PieceSink pieces) {
        byte[] mark = replacement.getBytes(StandardCharsets.UTF_8);
        Normalizer.Span text = new Normalizer.Replace(" ", replacement).normalize(new Normalizer.Span(utf8, from, to));
        if (scheme != Scheme.NEVER && !isAt(text, text.from(), mark)) {
            text = new Normalizer.Prepend(replacement).normalize(text);
        }
        int start = text.from();
        for (int at = start + 1; split && at < text.to(); at++) {
            if (isAt(text, at, mark)) {
                pieces.piece(text.utf8(), start, at);
                start = at;
            }
        }
        if (start < text.to()) {
            pieces.piece(text.utf8(), start, text.to());
        }
    }

    private static boolean isAt(Normalizer.Span text, int at, byte[] mark) {
        return at + mark.length <= text.to() && Arrays.equals(text.utf8(), at, at + mark.length, mark, 0, mark.length);
    }

    @Override
    public PreTokenizer at(TextPlace place) {
        boolean none = place == TextPlace.WITHIN || place == TextPlace.LATER && scheme == Scheme.FIRST;
        return none ? new Metaspace(replacement, Scheme.NEVER, split) : this;
    }

    @Override
    public boolean usesCategories() {
        return false;
    }

    /** Cuts before the last blank, if each blank begins a piece. */
    @Override
    public int safeCut(String text) {
        return split ? Math.max(0, text.lastIndexOf(' ')) : 0;
    }
}
