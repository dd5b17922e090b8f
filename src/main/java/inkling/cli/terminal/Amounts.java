package inkling.cli.terminal;

import java.util.Locale;

/** Times in the unit that people would choose, and sizes in MB. */
public final class Amounts {
    private Amounts() {}

    /** A time: {@code 42 s} (below 2 minutes), {@code 12 min} (below 2 hours), {@code 3.5 h}. */
    public static String time(double seconds) {
        return seconds < 120 ? String.format(Locale.ROOT, "%.0f s", seconds)
            : seconds < 7200 ? String.format(Locale.ROOT, "%.0f min", seconds / 60) : String.format(Locale.ROOT, "%,.1f h", seconds / 3600);
    }

    /** A size in millions of bytes: {@code 0.2 MB}, {@code 1,234.5 MB}. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
