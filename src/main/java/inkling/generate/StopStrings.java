package inkling.generate;

import java.util.List;

/**
 * Finds the stop string that ends a text. The text arrives in pieces; the result does not depend on how the text is split. If the text has
 * several stop strings, the one that is complete first ends it. Of two that are complete at the same character, the longer one ends it. The
 * result is the text before that stop string.
 *
 * <p>Example: with the stop string "END", {@code push("The E")} returns "The " and holds the E back. Then {@code push("ND of")} returns "",
 * and {@link #matched()} is true.
 */
public final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean matched;

    public StopStrings(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** Adds text, and returns the text that now certainly comes before any stop string. */
    public String push(String text) {
        if (matched) {
            return "";
        }
        held.append(text);
        int end = Integer.MAX_VALUE;
        int start = 0;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            int itsEnd = at + stop.length();
            if (at >= 0 && (itsEnd < end || itsEnd == end && at < start)) {
                end = itsEnd;
                start = at;
            }
        }
        matched = end != Integer.MAX_VALUE;
        String free = held.substring(0, matched ? start : held.length() - mayBegin());
        held.delete(0, matched ? held.length() : free.length());
        return free;
    }

    /** Ends the text; returns what was held back and did not become a stop string. */
    public String finish() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }

    public boolean matched() {
        return matched;
    }

    /** Length of the longest ending of the held text that is also a beginning of a stop string. */
    private int mayBegin() {
        int longest = 0;
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
                if (stop.startsWith(held.substring(held.length() - n))) {
                    longest = n;
                }
            }
        }
        return longest;
    }
}
