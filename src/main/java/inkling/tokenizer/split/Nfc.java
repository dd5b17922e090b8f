package inkling.tokenizer.split;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Unicode's normalization form C: a letter and its accent become one character if Unicode composes the two ({@code e} and U+0301 become
 * {@code é}). It uses a table of Unicode {@value #VERSION}, the version of Hugging Face's library, instead of the table of the running
 * Java (docs/decisions/0018). Source: Unicode Standard Annex 15, and the standard's section 3.12 for Hangul.
 */
public final class Nfc implements Normalizer {
    static final String VERSION = "9.0.0";
    private static final String RESOURCE = "/inkling/tokenizer/split/nfc-" + VERSION + ".txt";
    private static final int FIRST_CHANGING = 0x300;    // characters below never change, and never combine with the character before
    private static final byte FIRST_CHANGING_LEAD = (byte) 0xCC;    // the first byte of U+0300 in UTF-8
    private static final int TABLE_END = 0x30000;       // all characters of the table are below

    private static final int HANGUL = 0xAC00;           // the first Hangul syllable
    private static final int LEADING = 0x1100;          // the first leading Hangul consonant
    private static final int VOWEL = 0x1161;            // the first Hangul vowel
    private static final int TRAILING = 0x11A7;         // one before the first trailing consonant
    private static final int LEADINGS = 19;
    private static final int VOWELS = 21;
    private static final int TRAILINGS = 28;
    private static final int SYLLABLES = LEADINGS * VOWELS * TRAILINGS;

    private static final byte[] CLASS = new byte[TABLE_END];                 // canonical combining class, unsigned
    private static final Map<Integer, int[]> PARTS = new HashMap<>();        // decomposition of each character, one step
    private static final Map<Long, Integer> COMPOSED = new HashMap<>();      // the character to which each pair composes
    private static final BitSet CHANGING = new BitSet(TABLE_END);            // characters that may change, move, or join the one before

    public static final Nfc INSTANCE = new Nfc();

    static {
        lines().forEach(Nfc::read);
        CHANGING.set(VOWEL, VOWEL + VOWELS);
        CHANGING.set(TRAILING + 1, TRAILING + TRAILINGS);
    }

    private Nfc() {}

    private static List<String> lines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
            Nfc.class.getResourceAsStream(RESOURCE), StandardCharsets.US_ASCII))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads one line of the table, in one of three forms. All but CLASS are hexadecimal code points.
     * <ul>
     * <li>{@code ccc FIRST LAST CLASS}: the combining class of the characters from FIRST to LAST.
     * <li>{@code = CHARACTER PARTS}: the decomposition of a character whose parts compose again.
     * <li>{@code > CHARACTER PARTS}: the decomposition of a character whose parts do not compose again.
     * </ul>
     */
    private static void read(String line) {
        String[] fields = line.split(" ");
        int first = Integer.parseInt(fields[1], 16);
        if (fields[0].equals("ccc")) {
            int end = Integer.parseInt(fields[2], 16) + 1;
            Arrays.fill(CLASS, first, end, (byte) Integer.parseInt(fields[3]));
            CHANGING.set(first, end);
            return;
        }
        int[] parts = Arrays.stream(fields).skip(2).mapToInt(field -> Integer.parseInt(field, 16)).toArray();
        PARTS.put(first, parts);
        if (fields[0].equals("=")) {
            COMPOSED.put(pair(parts[0], parts[1]), first);
            CHANGING.set(parts[1]);
        } else {
            CHANGING.set(first);
        }
    }

    @Override
    public Span normalize(Span text) {
        int at = nextChanging(text, text.from());
        if (at < 0) {
            return text;
        }
        Utf8Builder out = new Utf8Builder(text.length() + 16);
        int done = text.from();
        while (at >= 0) {
            int start = Math.max(done, starter(text, at));
            int end = at;
            do {
                end += Gpt2Split.length(text.utf8()[end]);
            } while (end < text.to() && changes(Gpt2Split.codePoint(text.utf8(), end)));
            out.bytes(text.utf8(), done, start);
            composed(text.utf8(), start, end, out);
            done = end;
            at = nextChanging(text, end);
        }
        out.bytes(text.utf8(), done, text.to());
        return new Span(out.utf8, 0, out.length);
    }

    private static boolean changes(int codePoint) {
        return codePoint >= FIRST_CHANGING && codePoint < TABLE_END && CHANGING.get(codePoint);
    }

    private static int nextChanging(Span text, int from) {
        byte[] utf8 = text.utf8();
        for (int at = from; at < text.to();) {
            byte lead = utf8[at];
            if (lead < 0 && lead >= FIRST_CHANGING_LEAD && changes(Gpt2Split.codePoint(utf8, at))) {
                return at;
            }
            at += Gpt2Split.length(lead);
        }
        return -1;
    }

    /** Where the character before {@code at} begins. The characters from {@code at} on may combine with it. */
    private static int starter(Span text, int at) {
        int start = at;
        while (start > text.from() && (text.utf8()[--start] & 0xC0) == 0x80) {
            // back over the character's other bytes
        }
        return start;
    }

    private static void composed(byte[] utf8, int from, int to, Utf8Builder out) {
        IntStream.Builder parts = IntStream.builder();
        for (int at = from; at < to; at += Gpt2Split.length(utf8[at])) {
            decompose(Gpt2Split.codePoint(utf8, at), parts);
        }
        int[] characters = parts.build().toArray();
        sortByClass(characters);
        int length = compose(characters);
        for (int i = 0; i < length; i++) {
            out.character(characters[i]);
        }
    }

    private static void decompose(int codePoint, IntStream.Builder parts) {
        int syllable = codePoint - HANGUL;
        if (syllable >= 0 && syllable < SYLLABLES) {
            parts.add(LEADING + syllable / (VOWELS * TRAILINGS));
            parts.add(VOWEL + syllable % (VOWELS * TRAILINGS) / TRAILINGS);
            if (syllable % TRAILINGS > 0) {
                parts.add(TRAILING + syllable % TRAILINGS);
            }
            return;
        }
        int[] own = PARTS.get(codePoint);
        if (own == null) {
            parts.add(codePoint);
        } else {
            for (int part : own) {
                decompose(part, parts);
            }
        }
    }

    /** Sorts each run of characters whose class is not 0 by class. The sort is stable. */
    private static void sortByClass(int[] characters) {
        for (int from = 0; from < characters.length; from++) {
            int to = from;
            while (to < characters.length && classOf(characters[to]) != 0) {
                to++;
            }
            if (to - from > 1) {
                int[] sorted = Arrays.stream(characters, from, to).boxed()
                    .sorted(Comparator.comparingInt(Nfc::classOf)).mapToInt(i -> i).toArray();
                System.arraycopy(sorted, 0, characters, from, sorted.length);
            }
            from = Math.max(from, to);
        }
    }

    /**
     * Joins each character to the last character of class 0 before it, if the two compose and no character between them blocks this.
     *
     * @return the new length
     */
    private static int compose(int[] characters) {
        int length = 0;
        int starter = -1;      // place of the last character of class 0
        int classBefore = 0;   // class of the previous character that was kept
        for (int character : characters) {
            int own = classOf(character);
            boolean reaches = starter >= 0 && (starter == length - 1 || classBefore < own && classBefore != 0);
            int together = reaches ? together(characters[starter], character) : -1;
            if (together >= 0) {
                characters[starter] = together;
                continue;
            }
            if (own == 0) {
                starter = length;
            }
            classBefore = own;
            characters[length++] = character;
        }
        return length;
    }

    /** The character that the two compose to, or −1. */
    private static int together(int first, int second) {
        int leading = first - LEADING;
        int vowel = second - VOWEL;
        if (leading >= 0 && leading < LEADINGS && vowel >= 0 && vowel < VOWELS) {
            return HANGUL + (leading * VOWELS + vowel) * TRAILINGS;
        }
        int syllable = first - HANGUL;
        int trailing = second - TRAILING;
        if (syllable >= 0 && syllable < SYLLABLES && syllable % TRAILINGS == 0 && trailing > 0 && trailing < TRAILINGS) {
            return first + trailing;
        }
        return COMPOSED.getOrDefault(pair(first, second), -1);
    }

    private static long pair(int first, int second) {
        return (long) first << Integer.SIZE | second;
    }

    private static int classOf(int codePoint) {
        return codePoint < TABLE_END ? CLASS[codePoint] & 0xFF : 0;
    }

    @Override
    public boolean ignoresNeighbours() {
        return false;
    }

    /** A growing array of UTF-8. */
    private static final class Utf8Builder {
        private byte[] utf8;
        private int length;

        Utf8Builder(int capacity) {
            utf8 = new byte[capacity];
        }

        void bytes(byte[] source, int from, int to) {
            if (length + to - from > utf8.length) {
                utf8 = Arrays.copyOf(utf8, Math.max(length + to - from, utf8.length + (utf8.length >> 1)));
            }
            System.arraycopy(source, from, utf8, length, to - from);
            length += to - from;
        }

        void character(int codePoint) {
            byte[] one = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
            bytes(one, 0, one.length);
        }
    }
}
