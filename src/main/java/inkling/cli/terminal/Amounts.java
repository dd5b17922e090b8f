package inkling.cli.terminal;

import java.util.Locale;

/** Times and sizes, in the unit that people would choose. */
public final class Amounts {
    private Amounts() {}

    /** {@code 42 s}, {@code 12 min}, {@code 3.5 h}. */
    public static String time(double seconds) {
        return seconds < 120 ? String.format(Locale.ROOT, "%.0f s", seconds)
            : seconds < 7200 ? String.format(Locale.ROOT, "%.0f min", seconds / 60) : String.format(Locale.ROOT, "%,.1f h", seconds / 3600);
    }

    /** {@code 0.2 MB}, {@code 1,234.5 MB}: millions of bytes. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
