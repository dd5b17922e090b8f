package inkling.config;

import inkling.config.Node.Mapping;
import inkling.config.Node.Scalar;
import inkling.errors.Printable;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Parts of messages about what a user wrote: the value itself, and the key that was probably meant. */
final class MessageText {
    private static final int LONGEST = 60;

    private MessageText() {}

    /** {@code node} as a message shows it: shortened, and quoted where it is quoted. */
    static String of(Node node) {
        if (node instanceof Scalar scalar) {
            String text = scalar.text();
            String shown = text.length() <= LONGEST ? text : text.substring(0, text.offsetByCodePoints(0, LONGEST / 2)) + "…";
            return scalar.plain() ? shown : '"' + shown + '"';
        }
        return node instanceof Mapping ? "{…}" : "[…]";
    }

    /** One line without control characters, which could rewrite what a terminal shows. */
    static String clean(String message) {
        return Printable.text(message).replace("\n", "\\n").replace("\t", "\\t");
    }

    /** The candidate most similar to {@code word}, if it is similar enough to be what was meant. */
    static Optional<String> nearest(String word, Collection<String> candidates) {
        String given = word.length() > LONGEST ? word.substring(0, LONGEST) : word;
        return candidates.stream()
            .filter(c -> distance(given, c) <= Math.max(1, Math.max(given.length(), c.length()) / 3))
            .min(Comparator.comparingInt(c -> distance(given, c)));
    }

    /** Edit distance: letters to change, add, drop, or swap with a neighbour (optimal string alignment). */
    static int distance(String a, String b) {
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
