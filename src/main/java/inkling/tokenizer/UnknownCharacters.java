package inkling.tokenizer;

import inkling.errors.ConfigException;
import inkling.errors.Printable;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects the characters of a text that a vocabulary lacks. For each character it keeps the first place and the number of occurrences. */
public final class UnknownCharacters {
    private static final int LISTED = 10;

    private final Map<Integer, long[]> found = new LinkedHashMap<>(); // code point -> first offset, count

    /** The offset of a character whose place is unknown. */
    public static final long NOWHERE = -1;

    /** @param offset in code points from the start of the text, or {@link #NOWHERE} */
    public void add(int codePoint, long offset) {
        long[] entry = found.get(codePoint);
        if (entry == null) {
            found.put(codePoint, new long[] {offset, 1});
        } else {
            entry[1]++;
        }
    }

    /**
     * Throws if a character was added.
     *
     * @param wayOut the end of the message: what a user can do
     * @throws ConfigException with a message like {@code 2 characters are not in the vocabulary: "é" (U+00E9) at offset 3, 2 times; …}. It
     *     lists at most 10 characters
     */
    public void throwIfAny(String wayOut) {
        if (!found.isEmpty()) {
            boolean placed = found.values().stream().anyMatch(entry -> entry[0] != NOWHERE);
            throw new ConfigException(describe() + (placed ? ". Offsets count characters from 0. " : ". ") + wayOut);
        }
    }

    private String describe() {
        String list = found.entrySet().stream().limit(LISTED).map(entry -> "%s%s%s".formatted(
            name(entry.getKey()), entry.getValue()[0] == NOWHERE ? "" : " at offset " + entry.getValue()[0],
            entry.getValue()[1] == 1 ? "" : ", " + entry.getValue()[1] + " times"))
            .collect(Collectors.joining("; "));
        return "%s not in the vocabulary: %s%s".formatted(found.size() == 1 ? "1 character is" : found.size() + " characters are", list,
            found.size() > LISTED ? "; and " + (found.size() - LISTED) + " more" : "");
    }

    /** {@code "é" (U+00E9)}, or only the number if the character cannot be shown as it is. */
    private static String name(int codePoint) {
        String number = String.format(Locale.ROOT, "U+%04X", codePoint);
        String shown = Printable.escape(Character.toString(codePoint));
        return shown.startsWith("\\") ? number : "\"" + shown + "\" (" + number + ")";
    }
}
