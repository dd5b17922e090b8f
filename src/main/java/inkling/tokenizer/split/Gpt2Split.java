package inkling.tokenizer.split;

/**
 * GPT-2's split, written out by hand because the regular expression is the slowest part of encoding:
 * {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+} with Unicode's classes
 * ({@code \s} is White_Space: 25 characters, among them U+0085, U+00A0 and U+3000 but not U+200B). Source: OpenAI's GPT-2 encoder.
 *
 * <p>Letters and numbers are those of {@link UnicodeTable}, not of the running Java.
 */
public final class Gpt2Split implements PreTokenizer {
    public static final Gpt2Split INSTANCE = new Gpt2Split();

    static final byte OTHER = 0;
    static final byte LETTER = 1;
    static final byte NUMBER = 2;
    public static final byte SPACE = 3;

    /** The kind of each character of the Basic Multilingual Plane. */
    private static final byte[] KIND = new byte[0x10000];

    static {
        for (int c = 0; c < KIND.length; c++) {
            KIND[c] = classify(c);
        }
    }

    private Gpt2Split() {}

    @Override
    public void split(byte[] utf8, int from, int to, PieceSink pieces) {
        int at = from;
        while (at < to) {
            int end = pieceEnd(utf8, at, to);
            pieces.piece(utf8, at, end);
            at = end;
        }
    }

    /** Cuts before white space that follows a character of another kind: no alternative of the pattern matches across such a place. */
    @Override
    public int safeCut(String text) {
        for (int i = text.length() - 1; i > 0; i--) {
            // all white space lies in the BMP, so a surrogate is never white space
            if (KIND[text.charAt(i)] == SPACE && KIND[text.charAt(i - 1)] != SPACE) {
                return i;
            }
        }
        return 0;
    }

    private static int pieceEnd(byte[] s, int at, int to) {
        byte first = s[at];
        if (first == '\'') {
            int length = contraction(s, at, to);
            if (length > 0) {
                return at + length;
            }
        }
        // a blank belongs to the run after it, unless that run is white space too
        int start = first == ' ' && at + 1 < to && kindAt(s, at + 1) != SPACE ? at + 1 : at;
        byte kind = kindAt(s, start);
        return kind == SPACE ? spaceEnd(s, at, to) : runEnd(s, start, to, kind);
    }

    /** The length in bytes of {@code 's 't 'm 'd 're 've 'll} at the apostrophe {@code at}, or 0 if there is none. */
    private static int contraction(byte[] s, int at, int to) {
        if (at + 1 >= to) {
            return 0;
        }
        byte a = s[at + 1];
        if (a == 's' || a == 't' || a == 'm' || a == 'd') {
            return 2;
        }
        byte b = at + 2 < to ? s[at + 2] : 0;
        return (a == 'r' || a == 'v') && b == 'e' || a == 'l' && b == 'l' ? 3 : 0;
    }

    /** The end of the run of characters of {@code kind} that begins at {@code start}. */
    private static int runEnd(byte[] s, int start, int to, byte kind) {
        int at = start;
        while (at < to) {
            byte b = s[at];
            if (b >= 0) {
                if (KIND[b] != kind) {
                    return at;
                }
                at++;
            } else {
                if (kindOf(codePoint(s, at)) != kind) {
                    return at;
                }
                at += length(b);
            }
        }
        return at;
    }

    /** The end of a run of white space. If other text follows, the run's last character is left out, unless it is the only one. */
    private static int spaceEnd(byte[] s, int start, int to) {
        int last = start;
        int at = start;
        while (at < to && kindAt(s, at) == SPACE) {
            last = at;
            at += length(s[at]);
        }
        return at == to || last == start ? at : last;
    }

    private static byte kindAt(byte[] s, int at) {
        byte b = s[at];
        return b >= 0 ? KIND[b] : kindOf(codePoint(s, at));
    }

    /** {@link #OTHER}, {@link #LETTER}, {@link #NUMBER} or {@link #SPACE}. */
    public static byte kindOf(int codePoint) {
        return codePoint < KIND.length ? KIND[codePoint] : classify(codePoint);
    }

    /** The length of the UTF-8 sequence that begins with the byte {@code lead}. */
    public static int length(byte lead) {
        return lead >= 0 ? 1 : lead < (byte) 0xE0 ? 2 : lead < (byte) 0xF0 ? 3 : 4;
    }

    /** The code point whose UTF-8 sequence begins at index {@code at}. */
    public static int codePoint(byte[] s, int at) {
        return switch (length(s[at])) {
            case 1 -> s[at];
            case 2 -> (s[at] & 0x1F) << 6 | s[at + 1] & 0x3F;
            case 3 -> (s[at] & 0x0F) << 12 | (s[at + 1] & 0x3F) << 6 | s[at + 2] & 0x3F;
            default -> (s[at] & 0x07) << 18 | (s[at + 1] & 0x3F) << 12 | (s[at + 2] & 0x3F) << 6 | s[at + 3] & 0x3F;
        };
    }

    private static byte classify(int codePoint) {
        return UnicodeTable.isLetter(codePoint) ? LETTER : UnicodeTable.isNumber(codePoint) ? NUMBER
            : UnicodeTable.isWhiteSpace(codePoint) ? SPACE : OTHER;
    }
}
