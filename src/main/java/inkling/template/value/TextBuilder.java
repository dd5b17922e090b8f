package inkling.template.value;

import java.util.Arrays;

/** Joins texts and keeps the origin of each character. */
public final class TextBuilder {
    private final StringBuilder characters = new StringBuilder();
    private int[] ends = new int[4];
    private int[] origins = new int[4];
    private int runs;

    public TextBuilder add(Text text) {
        return add(text, 0, text.length());
    }

    /** Adds the UTF-16 units {@code from} … {@code to − 1} of {@code text}. */
    public TextBuilder add(Text text, int from, int to) {
        int shift = characters.length() - from;
        int run = runAt(text, from);
        for (int at = from; at < to; run++) {
            at = Math.min(to, text.end(run));
            addRun(at + shift, text.origin(run));
        }
        characters.append(text.toString(), from, to);
        return this;
    }

    public TextBuilder add(String text, int origin) {
        if (!text.isEmpty()) {
            characters.append(text);
            addRun(characters.length(), origin);
        }
        return this;
    }

    /** The run of {@code text} that contains the unit {@code at}; the number of runs if the text ends there. */
    private static int runAt(Text text, int at) {
        int low = 0;
        int high = text.runs();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (text.end(middle) <= at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void addRun(int end, int origin) {
        if (runs > 0 && origins[runs - 1] == origin) {
            ends[runs - 1] = end;
            return;
        }
        if (runs == ends.length) {
            ends = Arrays.copyOf(ends, runs * 2);
            origins = Arrays.copyOf(origins, runs * 2);
        }
        ends[runs] = end;
        origins[runs++] = origin;
    }

    public int length() {
        return characters.length();
    }

    public Text build() {
        return new Text(characters.toString(), Arrays.copyOf(ends, runs), Arrays.copyOf(origins, runs));
    }
}
