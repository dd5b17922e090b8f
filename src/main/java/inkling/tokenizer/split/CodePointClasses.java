package inkling.tokenizer.split;

import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.regex.PatternSyntaxException;

/**
 * Groups code points into classes, and gives each class a {@code char}, its symbol. A pattern cannot tell the members of a class apart. An
 * ASCII character is its own symbol. Above ASCII, the symbols are private-use characters. A bound of the pattern is the
 * first code point of one of its ranges, or the first code point after one; a single character is a range, too. Code points of the same
 * category between two neighbouring bounds form a class. The symbols of one category are neighbours.
 */
final class CodePointClasses {
    private static final int ASCII = 0x80;
    private static final char FIRST = '\uE000';
    private static final int MOST = 6_400;       // private-use characters in the Basic Multilingual Plane
    private static final int NEXT_LINE = 0x85;   // above ASCII, the one white space whose category does not say so

    private final int[] starts;                  // first code point of each stretch with one symbol, ascending from U+0080
    private final char[] ofStretch;              // the symbol of each stretch
    private final char[] ofCharacter = new char[0x10000];   // the symbol of each code point of the Basic Multilingual Plane
    private final int[] examples;                // one code point of each class above ASCII

    /**
     * @param bounds the bounds of the pattern, above ASCII
     * @throws PatternSyntaxException if there are more classes than symbols
     */
    CodePointClasses(NavigableSet<Integer> bounds) {
        NavigableSet<Integer> intervals = new TreeSet<>(bounds);
        intervals.addAll(List.of(ASCII, NEXT_LINE, NEXT_LINE + 1));
        NavigableSet<Integer> stretches = new TreeSet<>(intervals);
        for (int run = 0; run < UnicodeTable.runs(); run++) {
            stretches.add(Math.max(ASCII, UnicodeTable.start(run)));
        }
        starts = numbers(stretches);
        long[] keys = keys(starts, numbers(intervals));
        long[] distinct = Arrays.stream(keys).sorted().distinct().toArray();
        if (distinct.length > MOST) {
            throw new PatternSyntaxException("it names too many characters and ranges above ASCII", "", -1);
        }
        ofStretch = new char[starts.length];
        examples = new int[distinct.length];
        for (int i = 0; i < starts.length; i++) {
            int number = Arrays.binarySearch(distinct, keys[i]);
            ofStretch[i] = (char) (FIRST + number);
            examples[number] = starts[i];
        }
        for (int c = 0; c < ASCII; c++) {
            ofCharacter[c] = (char) c;
        }
        for (int i = 0; i < starts.length && starts[i] < ofCharacter.length; i++) {
            int end = i + 1 < starts.length ? Math.min(starts[i + 1], ofCharacter.length) : ofCharacter.length;
            Arrays.fill(ofCharacter, starts[i], end, ofStretch[i]);
        }
    }

    /** The key of each stretch: its category and its interval between two bounds. Stretches with the same key are one class. */
    private static long[] keys(int[] starts, int[] intervals) {
        long[] keys = new long[starts.length];
        int interval = 0;
        for (int i = 0; i < starts.length; i++) {
            while (interval + 1 < intervals.length && intervals[interval + 1] <= starts[i]) {
                interval++;
            }
            keys[i] = (long) UnicodeTable.category(starts[i]) << Integer.SIZE | interval;
        }
        return keys;
    }

    private static int[] numbers(NavigableSet<Integer> set) {
        return set.stream().mapToInt(i -> i).toArray();
    }

    /** The symbol of a code point. */
    char of(int codePoint) {
        if (codePoint < ofCharacter.length) {
            return ofCharacter[codePoint];
        }
        int found = Arrays.binarySearch(starts, codePoint);
        return ofStretch[found >= 0 ? found : -found - 2];
    }

    /**
     * A character class for Java that matches the symbols of all code points in {@code set}. ASCII characters are listed one by one: Java
     * looks them up in a table.
     */
    String members(IntPredicate set) {
        StringBuilder java = new StringBuilder();
        for (int c = 0; c < ASCII; c++) {
            if (set.test(c)) {
                java.append("\\x%02x".formatted(c));
            }
        }
        int from = -1;   // number of the first symbol of the open range; −1 if none is open
        for (int number = 0; number <= examples.length; number++) {
            boolean member = number < examples.length && set.test(examples[number]);
            if (member && from < 0) {
                from = number;
            } else if (!member && from >= 0) {
                java.append("\\u%04x-\\u%04x".formatted(FIRST + from, FIRST + number - 1));
                from = -1;
            }
        }
        return java.isEmpty() ? "[^\\x00-\\uffff]" : "[" + java + "]";
    }
}
