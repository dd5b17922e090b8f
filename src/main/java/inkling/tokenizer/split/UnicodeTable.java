package inkling.tokenizer.split;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The general category (letter, number, space …) of every code point in Unicode {@value #VERSION}. The table is our own, because each
 * Java version follows another Unicode version, and a text must have the same ids on every Java. Hugging Face's library splits text by
 * the same version of Unicode (docs/decisions/0015). {@code bench/letters/run} makes the table and compares it with ICU4J's.
 */
public final class UnicodeTable {
    /** The version of Unicode that the table follows. */
    public static final String VERSION = "16.0.0";

    /** All 30 categories, grouped by their first letter. The number of a category is its index in this list. */
    static final List<String> CATEGORIES = List.of("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cc", "Cf", "Cs", "Co", "Cn");

    private static final String RESOURCE = "/inkling/tokenizer/split/unicode-" + VERSION + ".txt";
    private static final int[] STARTS;       // first code point of each run of one category, ascending from 0
    private static final byte[] OF_RUN;      // the category of each run
    private static final boolean[] LATER;    // whether the characters of each run are newer than Unicode 13
    private static final byte[] OF_CHARACTER = new byte[0x20000];   // the category of each code point of planes 0 and 1

    static {
        List<String> lines = lines();
        STARTS = new int[lines.size()];
        OF_RUN = new byte[lines.size()];
        LATER = new boolean[lines.size()];
        for (int run = 0; run < STARTS.length; run++) {
            String[] fields = lines.get(run).split(" ");
            STARTS[run] = Integer.parseInt(fields[0], 16);
            OF_RUN[run] = (byte) CATEGORIES.indexOf(fields[1]);
            LATER[run] = fields.length > 2;
        }
        for (int run = 0; run < STARTS.length && STARTS[run] < OF_CHARACTER.length; run++) {
            Arrays.fill(OF_CHARACTER, STARTS[run], Math.min(end(run), OF_CHARACTER.length), OF_RUN[run]);
        }
    }

    private UnicodeTable() {}

    private static List<String> lines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
            UnicodeTable.class.getResourceAsStream(RESOURCE), StandardCharsets.US_ASCII))) {
            List<String> lines = new ArrayList<>(4096);
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith("#")) {
                    lines.add(line);
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this character was added after Unicode 13, the version of Java 17. */
    public static boolean isLaterThanUnicode13(int codePoint) {
        return LATER[runOf(codePoint)];
    }

    /** The index of a code point's category in {@link #CATEGORIES}. */
    static int category(int codePoint) {
        return codePoint < OF_CHARACTER.length ? OF_CHARACTER[codePoint] : OF_RUN[runOf(codePoint)];
    }

    public static boolean isLetter(int codePoint) {
        return isLetterCategory(category(codePoint));
    }

    public static boolean isNumber(int codePoint) {
        return isNumberCategory(category(codePoint));
    }

    static boolean isLetterCategory(int category) {
        return category <= 4;
    }

    static boolean isNumberCategory(int category) {
        return category >= 8 && category <= 10;
    }

    /** Unicode's White_Space: categories Z and six control characters; 25 characters, all in the Basic Multilingual Plane. */
    public static boolean isWhiteSpace(int codePoint) {
        int category = category(codePoint);
        return category >= 11 && category <= 13 || codePoint >= 0x9 && codePoint <= 0xD || codePoint == 0x85;
    }

    /** Rust's {@code \w}: letters, marks, decimal and letter numbers, connectors, the two joiners, and letters in circles or squares. */
    public static boolean isWord(int codePoint) {
        int category = category(codePoint);
        boolean enclosed = codePoint >= 0x24B6 && codePoint <= 0x24E9 || codePoint >= 0x1F130 && codePoint <= 0x1F149
            || codePoint >= 0x1F150 && codePoint <= 0x1F169 || codePoint >= 0x1F170 && codePoint <= 0x1F189;
        return category <= 9 || category == 14 || codePoint == 0x200C || codePoint == 0x200D || enclosed;
    }

    static int runs() {
        return STARTS.length;
    }

    static int start(int run) {
        return STARTS[run];
    }

    /** The code point after the run's last. */
    static int end(int run) {
        return run + 1 < STARTS.length ? STARTS[run + 1] : Character.MAX_CODE_POINT + 1;
    }

    private static int runOf(int codePoint) {
        int found = Arrays.binarySearch(STARTS, codePoint);
        return found >= 0 ? found : -found - 2;
    }
}
