package inkling.perf;

import inkling.model.config.GptConfig;
import inkling.model.config.Norm;
import inkling.perf.ParameterTally.Cost;
import inkling.perf.ParameterTally.Group;
import inkling.perf.ParameterTally.Other;
import inkling.perf.ParameterTally.Role;
import java.util.Locale;

/**
 * A {@link ParameterTally} as aligned text, at most 100 columns wide: the roles with bars for their shares, the other parameters, the cost.
 */
public final class TallyTable {
    private static final int BAR_CELLS = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
    private static final String[] FLOP_UNITS = {"FLOPs", "kFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs", "EFLOPs"};
    private static final String[] BYTE_UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private final ParameterTally tally;
    private final StringBuilder out = new StringBuilder();
    private final int numberWidth;
    private final int shapeWidth;

    private TallyTable(ParameterTally tally) {
        this.tally = tally;
        this.numberWidth = Math.max("parameters".length(), grouped(tally.total()).length());
        this.shapeWidth = Math.max("shape × count".length(),
            tally.groups().stream().mapToInt(group -> shape(group).length()).max().orElse(0));
    }

    static String of(ParameterTally tally) {
        TallyTable table = new TallyTable(tally);
        table.roles();
        table.rest();
        table.cost();
        return table.out.toString();
    }

    private void roles() {
        String format = "%-16s  %-" + shapeWidth + "s  %" + numberWidth + "s";
        line(format + "   share", "role", "shape × count", "parameters");
        for (Group group : tally.groups()) {
            double share = (double) group.parameters() / tally.total();
            line(format + "  %5.1f%%  %s", name(group.role()), shape(group), grouped(group.parameters()), 100 * share, bar(share));
        }
        line(format + "  100.0%%", "total", "in " + grouped(tally.matrices()) + " matrices", grouped(tally.total()));
    }

    private void rest() {
        Other other = tally.other();
        GptConfig config = tally.config();
        out.append('\n');
        restLine("+", "positions, " + config.positions().name().toLowerCase(Locale.ROOT), other.positions());
        restLine("+", config.norm().kind() == Norm.LAYER_NORM ? "layer norms" : "RMS norms", other.layerNorms());
        restLine("+", "biases", other.biases());
        restLine("−", config.tieEmbeddings() ? "tied: unembedding is the embedding" : "untied", tally.tied());
        restLine("=", "stored and trained", tally.parameters());
    }

    private void restLine(String sign, String label, long value) {
        line("%-" + (16 + 2 + shapeWidth) + "s  %" + numberWidth + "s", sign + " " + label, grouped(value));
    }

    private void cost() {
        Cost cost = tally.cost();
        out.append('\n');
        costLine("training, a token at context " + grouped(tally.config().contextLength()), scaled(cost.trainingFlops(), 1000, FLOP_UNITS));
        costLine("forward only, a token", scaled(cost.forwardFlops(), 1000, FLOP_UNITS));
        costLine("KV cache, a token in F32", scaled(cost.kvCacheBytes(), 1024, BYTE_UNITS));
        costLine("weights in F32", scaled(cost.float32Bytes(), 1024, BYTE_UNITS));
        costLine("weights in BF16", scaled(cost.bfloat16Bytes(), 1024, BYTE_UNITS));
        costLine("AdamW's two moments in F32", scaled(cost.adamBytes(), 1024, BYTE_UNITS));
    }

    private void costLine(String label, String value) {
        line("%-" + (16 + 2 + shapeWidth) + "s  %" + numberWidth + "s", label, value);
    }

    private void line(String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args).stripTrailing()).append('\n');
    }

    /** A role's name in tables, e.g. {@code up-projection}. */
    public static String name(Role role) {
        return role.key().replace('_', '-');
    }

    /** The shape and number of a role's matrices: {@code 768 × 64 × 144} is 144 matrices (768, 64). */
    public static String shape(Group group) {
        return grouped(group.rows()) + " × " + grouped(group.columns()) + (group.count() == 1 ? "" : " × " + grouped(group.count()));
    }

    /** {@code 124,439,808} */
    public static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** {@code value} with three significant digits and the largest unit that keeps it at 1 or more: {@code 475 MiB}. */
    static String scaled(long value, int base, String[] units) {
        double scaled = value;
        int unit = 0;
        while (scaled >= base - 0.5 && unit < units.length - 1) {
            scaled /= base;
            unit++;
        }
        int decimals = unit == 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f %s", scaled, units[unit]);
    }

    private static String bar(double share) {
        int eighths = (int) Math.round(share * BAR_CELLS * 8);
        return "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
    }
}
