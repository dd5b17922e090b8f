package inkling.data.source;

import inkling.errors.ConfigException;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Cuts a long document into pieces whose ids, one after the other, are the ids of the whole, so that no document has to be in memory.
 * Where that is possible is the tokenizer's to say; {@link #betweenWords} is for text that a tokenizer is yet to be fitted to.
 */
final class Chunker {
    static final int TARGET_CHARS = 1 << 20;
    static final int LONGEST_CHARS = 1 << 28;

    private final int target;
    private final int longest;
    private final ToIntFunction<String> safeCut;
    private final Consumer<String> sink;
    private final StringBuilder pending = new StringBuilder();
    private int tryAt;

    Chunker(ToIntFunction<String> safeCut, Consumer<String> sink) {
        this(TARGET_CHARS, LONGEST_CHARS, safeCut, sink);
    }

    /** @param safeCut the last place where a text can be cut, whatever follows it; 0 where there is none */
    Chunker(int target, int longest, ToIntFunction<String> safeCut, Consumer<String> sink) {
        this.target = target;
        this.longest = longest;
        this.safeCut = safeCut;
        this.sink = sink;
        this.tryAt = target;
    }

    /** @throws ConfigException where a text has no cut for {@code longest} characters */
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
            throw new ConfigException(("A document has %d characters (from \"%s…\" on) without a place where its text can be cut without"
                + " changing its tokens. Break it into words, lines or documents.").formatted(whole.length(), whole.substring(0, 20)));
        }
        tryAt = Math.max(target, 2 * pending.length());   // doubling, so that text without cuts is searched a few times only
    }

    /** Ends the document: what is left becomes its last piece. */
    void end() {
        if (!pending.isEmpty()) {
            sink.accept(pending.toString());
        }
        pending.setLength(0);
        tryAt = target;
    }

    /**
     * The last place where GPT-2's split pattern, and those of its successors, end a piece whatever stands around: between a letter or
     * digit and the space behind it, or, where a text has none (Chinese, say), between a single line end and the letter or digit behind
     * it, if no white space stands before that line end (GPT-2 parts "\n\n" only because it sees a letter follow). Never inside
     * {@code <|endoftext|>} or a surrogate pair.
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
