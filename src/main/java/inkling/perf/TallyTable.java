package inkling.perf;

import inkling.model.config.GptConfig;
import inkling.model.config.Norm;
import inkling.perf.ParameterTally.Cost;
import inkling.perf.ParameterTally.Group;
import inkling.perf.ParameterTally.Other;
import inkling.perf.ParameterTally.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A {@link ParameterTally} as aligned text, up to 100 columns wide for usual models. It lists each role, then the other parameters. A bar
 * shows the share of the stored parameters; an unembedding that is the same matrix as the embedding has none. The cost comes last.
 */
public final class TallyTable {
    /** Shown instead of a number for an unembedding that is the same matrix as the embedding. */
    public static final String AGAIN = "the embedding";

    private static final int BAR_CELLS = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
    private static final String[] FLOP_UNITS = {"FLOPs", "kFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs", "EFLOPs"};
    private static final String[] BYTE_UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private final ParameterTally tally;
    private final StringBuilder out = new StringBuilder();
    private final List<Row> rows;
    private final int nameWidth;
    private final int numberWidth;
    private final int shapeWidth;

    /**
     * A line of the tally.
     *
     * @param shape of a role: rows × columns, then × count unless that is 1; of positions and norms: their kind, e.g. {@code RMSNorm}; of
     *     biases: ""
     * @param parameters stored for this row
     * @param again whether an earlier row counts this matrix already; {@code parameters} is 0 then
     */
    public record Row(String name, String shape, long parameters, boolean again) {}

    private TallyTable(ParameterTally tally) {
        this.tally = tally;
        this.rows = rows(tally);
        this.nameWidth = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        this.numberWidth = Math.max(AGAIN.length(), grouped(tally.parameters()).length());
        this.shapeWidth = Math.max("shape × count".length(), rows.stream().mapToInt(row -> row.shape().length()).max().orElse(0));
    }

    /**
     * What is stored, each parameter once: the eight roles, then positions, norms and biases if the model has any. The rows add up to
     * {@link ParameterTally#parameters}.
     */
    public static List<Row> rows(ParameterTally tally) {
        List<Row> rows = new ArrayList<>();
        for (Group group : tally.groups()) {
            boolean again = group.role() == Role.UNEMBEDDING && tally.tied() > 0;
            rows.add(new Row(group.role().key().replace('_', '-'), shape(group), again ? 0 : group.parameters(), again));
        }
        GptConfig config = tally.config();
        Other other = tally.other();
        Stream.of(new Row("positions", config.positions().name().toLowerCase(Locale.ROOT), other.positions(), false),
                new Row("norms", config.norm().kind() == Norm.LAYER_NORM ? "LayerNorm" : "RMSNorm", other.layerNorms(), false),
                new Row("biases", "", other.biases(), false))
            .filter(row -> row.parameters() > 0).forEach(rows::add);
        return rows;
    }

    static String of(ParameterTally tally) {
        TallyTable table = new TallyTable(tally);
        table.rows();
        table.cost();
        return table.out.toString();
    }

    private void rows() {
        String format = "%-" + nameWidth + "s  %-" + shapeWidth + "s  %" + numberWidth + "s";
        line(format + "   share", "role", "shape × count", "parameters");
        for (Row row : rows) {
            double share = (double) row.parameters() / tally.parameters();
            line(row.again() ? format : format + "  %5.1f%%  %s", row.name(), row.shape(), row.again() ? AGAIN : grouped(row.parameters()),
                100 * share, bar(share));
        }
        line(format + "  100.0%%", "stored", "", grouped(tally.parameters()));
        line("%nThe eight roles%s: %s parameters in %s matrices", tally.tied() == 0 ? "" : ", the tied unembedding counted too",
            grouped(tally.total()), grouped(tally.matrices()));
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
        line("%-" + (nameWidth + 2 + shapeWidth) + "s  %" + numberWidth + "s", label, value);
    }

    private void line(String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args).stripTrailing()).append('\n');
    }

    /** The shape and number of a role's matrices: {@code 768 × 64 × 144} is 144 matrices (768, 64). */
    private static String shape(Group group) {
        return grouped(group.rows()) + " × " + grouped(group.columns()) + (group.count() == 1 ? "" : " × " + grouped(group.count()));
    }

    /** {@code 124,439,808} */
    public static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Writes {@code value} with about three significant digits, in the largest unit in which it is 1 or more: {@code 475 MiB}. */
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
