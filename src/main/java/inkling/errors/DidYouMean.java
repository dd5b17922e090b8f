package inkling.errors;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggests an existing name for one that does not exist, e.g. {@code dickens} for {@code dikens}. */
public final class DidYouMean {
    private static final int LONGEST_WORD = 60;     // of a longer word, only the beginning is compared, to bound the time

    private DidYouMean() {}

    /** The suggestion as a sentence, {@code " Did you mean dickens?"}; "" if no name is near. */
    public static String hint(String word, Collection<String> names) {
        return nearest(word, names).map(near -> " Did you mean " + Printable.escape(near) + "?").orElse("");
    }

    /**
     * The name nearest to {@code word}. The {@link #distance} between the two is at most 1, or at most a third of the length of the longer
     * one. If no name is that near, the result is empty.
     */
    public static Optional<String> nearest(String word, Collection<String> names) {
        String given = word.length() > LONGEST_WORD ? word.substring(0, LONGEST_WORD) : word;
        return names.stream()
            .filter(name -> distance(given, name) <= Math.max(1, Math.max(given.length(), name.length()) / 3))
            .min(Comparator.comparingInt(name -> distance(given, name)));
    }

    /**
     * How many letters of {@code a} must be changed, added, dropped or swapped with a neighbour to get {@code b}: the optimal string
     * alignment distance.
     */
    public static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
