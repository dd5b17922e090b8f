package inkling.data.source;

import inkling.errors.ConfigException;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Cuts a long document into pieces, so that the document need not be in memory as a whole. The ids of the pieces, one after the other, are
 * the ids of the whole document. The tokenizer says where such a cut is possible. While there is no tokenizer yet, {@link #betweenWords}
 * says it.
 */
final class Chunker {
    static final int TARGET_CHARS = 1 << 20;    // a cut is looked for once at least this many characters are pending
    static final int LONGEST_CHARS = 1 << 28;   // a longer text is refused if it is searched and has no place to cut

    private final int target;
    private final int longest;
    private final ToIntFunction<String> safeCut;
    private final Consumer<String> sink;
    private final StringBuilder pending = new StringBuilder();
    private int tryAt;

    Chunker(ToIntFunction<String> safeCut, Consumer<String> sink) {
        this(TARGET_CHARS, LONGEST_CHARS, safeCut, sink);
    }

    /** @param safeCut gives a place, as late as possible, where a text can be cut whatever text follows; 0 if it finds none */
    Chunker(int target, int longest, ToIntFunction<String> safeCut, Consumer<String> sink) {
        this.target = target;
        this.longest = longest;
        this.safeCut = safeCut;
        this.sink = sink;
        this.tryAt = target;
    }

    /** @throws ConfigException if a search in more than {@code longest} characters finds no place for a cut */
    void append(String text) {
        pending.append(text);
        if (pending.length() < tryAt) {
            return;
        }
        String whole = pending.toString();
        int cut = safeCut.applyAsInt(whole);
        if (cut > 0) {
            sink.accept(whole.substring(0, cut));
            pending.delete(0, cut);
        } else if (whole.length() > longest) {
            throw new ConfigException(("A document has %d characters (from \"%s…\" on) that cannot be cut: every cut would change the"
                + " tokens. Break the text into words, lines or documents.").formatted(whole.length(), whole.substring(0, 20)));
        }
        tryAt = Math.max(target, 2 * pending.length());   // doubled, so that a text without cuts is searched only a few times
    }

    /** Ends the document: the rest becomes its last piece. */
    void end() {
        if (!pending.isEmpty()) {
            sink.accept(pending.toString());
        }
        pending.setLength(0);
        tryAt = target;
    }

    /**
     * Finds a place where the tokenizers of GPT-2 and its successors always split words, whatever text surrounds the place. The place is
     * never inside {@code <|endoftext|>} or a surrogate pair.
     * <ul>
     * <li>It is the last place between a letter or digit and the space after it.
     * <li>If there is none, e.g. in Chinese text, it is the last place between a line end and the letter or digit after it. White space
     *     must not precede the line end, because GPT-2 splits "\n\n" only when it sees that a letter follows.
     * </ul>
     *
     * @return the index of the character after the place; 0 if there is no place at all
     */
    static int betweenWords(String text) {
        for (int at = text.length() - 1; at >= 1; at--) {
            if (text.charAt(at) == ' ' && Character.isLetterOrDigit(text.charAt(at - 1))) {
                return at;
            }
        }
        for (int at = text.length() - 1; at >= 2; at--) {
            if (text.charAt(at - 1) == '\n' && Character.isLetterOrDigit(text.charAt(at)) && !isSpace(text.charAt(at - 2))) {
                return at;
            }
        }
        return 0;
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
