package inkling.inspect;

import inkling.errors.Printable;
import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.TokenText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code sample --show-distribution N} draws in a terminal for each sampled token. It shows the likeliest candidates as bars, which of
 * them was drawn, and what truncation (e.g. top-k) or temperature 0 removed.
 *
 * <pre>
 *   3 ␣man  drawn at 14.7 %, rank 2, entropy 0.60 bits
 *     top-k 2 removed 1,022 tokens (15.7 %)
 *       ␣old    ██████████████████████████████ 85.3 %
 *     ▸ ␣man    █████▏                         14.7 %
 *     ✕ ␣woman  ░░                             6.1 % removed
 * </pre>
 */
public final class DistributionBars {
    /**
     * @param width columns; fewer than 60 count as 60
     * @param colour whether to use ANSI colours; they add no information
     * @param unicode whether to use block characters; otherwise ASCII
     */
    public record TerminalStyle(int width, boolean colour, boolean unicode) {
        /** 80 columns, no colour. */
        public static final TerminalStyle PLAIN = new TerminalStyle(80, false, true);

        public TerminalStyle {
            width = Math.max(60, width);
        }
    }

    private static final int LONGEST_FIGURE = 16; // columns for "0.012 % removed", and one to spare
    private static final String[] EIGHTHS = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    private static final String ACCENT = "\u001b[1;33m";
    private static final String DIM = "\u001b[2m";
    private static final String RESET = "\u001b[0m";

    private final TokenText tokenText;
    private final TerminalStyle style;

    public DistributionBars(TokenText tokenText, TerminalStyle style) {
        this.tokenText = tokenText;
        this.style = style;
    }

    /** The lines of one drawn token, each at most {@link TerminalStyle#width} columns. @param number its place in the sample, from 1 */
    public List<String> lines(int number, DrawnToken step) {
        List<String> lines = new ArrayList<>();
        String token = "%3d %s".formatted(number, name(step.id()));
        String facts = String.format(Locale.ROOT, "drawn at %s, rank %,d, entropy %.2f bits",
            percent(step.probability()), step.rank(), step.entropyBits());
        if (columns(token) + 2 + facts.length() <= style.width()) {
            lines.add(paint(ACCENT, token) + "  " + facts);
        } else {
            lines.add(paint(ACCENT, token));
            lines.add("    " + facts);
        }
        for (Candidates.Removal removal : step.removals()) {
            if (removal.tokens() > 0) {
                lines.add(paint(DIM, String.format(Locale.ROOT, "    %s removed %s (%s)", removal.by(),
                    Printable.counted(removal.tokens(), "token"), percent(removal.probability()))));
            }
        }
        List<DrawnToken.Entry> shown = shown(step);
        int nameWidth = shown.stream().mapToInt(entry -> columns(name(entry.id()))).max().orElse(0);
        double largest = shown.stream().mapToDouble(DistributionBars::length).max().orElse(1);
        shown.forEach(entry -> lines.add(line(entry, entry.id() == step.id(), nameWidth, largest)));
        return lines;
    }

    /** The likeliest tokens, and the drawn one if it is not among them; none if {@code step.top()} is empty. */
    private static List<DrawnToken.Entry> shown(DrawnToken step) {
        List<DrawnToken.Entry> shown = new ArrayList<>(step.top());
        if (!shown.isEmpty() && shown.stream().noneMatch(entry -> entry.id() == step.id())) {
            shown.add(new DrawnToken.Entry(step.id(), step.token(), step.probability(), step.logit(), true, step.probability()));
        }
        return shown;
    }

    /** The probability that a bar shows: for a removed token, its probability before the removal. */
    private static double length(DrawnToken.Entry entry) {
        return entry.kept() ? entry.probability() : entry.untruncated();
    }

    private String line(DrawnToken.Entry entry, boolean drawn, int nameWidth, double largest) {
        int barWidth = style.width() - 6 - nameWidth - 2 - 1 - LONGEST_FIGURE;
        String name = name(entry.id());
        String mark = drawn ? style.unicode() ? "▸" : ">" : entry.kept() ? " " : style.unicode() ? "✕" : "x";
        String bar = bar(length(entry) / largest * barWidth, entry.kept());
        String figure = entry.kept() ? percent(entry.probability()) : percent(entry.untruncated()) + " removed";
        String line = "    " + mark + " " + name + " ".repeat(nameWidth - columns(name) + 2) + bar
            + " ".repeat(Math.max(0, barWidth - columns(bar)) + 1) + figure;
        return drawn ? paint(ACCENT, line) : entry.kept() ? line : paint(DIM, line);
    }

    private String bar(double length, boolean kept) {
        int eighths = (int) Math.round(length * 8);
        if (!style.unicode()) {
            return (kept ? "#" : ".").repeat((eighths + 4) / 8);
        }
        return kept ? "█".repeat(eighths / 8) + EIGHTHS[eighths % 8] : "░".repeat((eighths + 4) / 8);
    }

    private String paint(String code, String text) {
        return style.colour() ? code + text + RESET : text;
    }

    /** The text of a token, shortened if it is very long. Spaces at its ends show as ␣, or in ASCII by quotation marks around the text. */
    private String name(int id) {
        String piece = style.unicode() ? Printable.spaced(tokenText.readable(id)) : tokenText.readable(id);
        String quote = style.unicode() ? "" : "\"";
        StringBuilder name = new StringBuilder(quote);
        int used = 2;
        for (int c : piece.codePoints().toArray()) {
            used += columns(c);
            if (used > Math.min(24, style.width() / 3)) {
                return name.append(style.unicode() ? "…" : "~").append(quote).toString();
            }
            name.appendCodePoint(c);
        }
        return name.append(quote).toString();
    }

    /** A probability in percent, {@code 12.4 %}; {@code 0 %} only for exactly 0. */
    static String percent(double p) {
        double percent = 100 * p;
        if (p == 0 || percent >= 0.01) {
            int decimals = percent >= 10 ? 1 : percent >= 0.1 ? 2 : p == 0 ? 0 : 3;
            return String.format(Locale.ROOT, "%." + decimals + "f %%", percent);
        }
        return String.format(Locale.ROOT, "%.0e %%", percent);
    }

    private static int columns(String text) {
        return text.codePoints().map(DistributionBars::columns).sum();
    }

    /** Terminal columns of a code point: 0 for combining and format characters, 2 for wide East Asian ones and most emoji (UAX #11). */
    private static int columns(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = c >= 0x1100 && c <= 0x115F || c >= 0x2E80 && c <= 0xA4CF || c >= 0xAC00 && c <= 0xD7A3 || c >= 0xF900 && c <= 0xFAFF
            || c >= 0xFE30 && c <= 0xFE6F || c >= 0xFF00 && c <= 0xFF60 || c >= 0xFFE0 && c <= 0xFFE6 || c >= 0x1F300 && c <= 0x1FAFF
            || c >= 0x20000 && c <= 0x3FFFD;
        return wide ? 2 : 1;
    }
}
