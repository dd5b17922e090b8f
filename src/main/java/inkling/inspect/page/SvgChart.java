package inkling.inspect.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * Curves over steps as inline SVG: axes, ticks at round values, and one or more scales of the y axis to switch between. The picture is
 * readable without scripts. With chart.js, the reader can see the values at a step, chosen with the mouse, a finger or the arrow keys.
 *
 * @param id names the chart's data and elements in the page: {@code [a-z][a-z0-9-]*}
 * @param title plain text without characters that HTML must escape
 * @param lines the curves; those without points are left out
 * @param scales the scales of the y axis, the first of which is shown at first. LOG is left out if a value is not positive; if no scale is
 *     left, LINEAR is used
 */
public record SvgChart(String id, String title, List<Line> lines, List<Scale> scales) {
    private static final int MARGIN_LEFT = 50;
    private static final int MARGIN_RIGHT = 14;
    private static final int MARGIN_TOP = 12;
    private static final int MARGIN_BOTTOM = 44;
    private static final int MOST_POINTS = 1_600;
    private static final int MOST_MARKERS = 60;

    /** The y axis: linear over the values, linear from zero, or logarithmic. */
    public enum Scale { LINEAR, FROM_ZERO, LOG }

    /**
     * How a line is drawn. A line of one point is a marker.
     * <ul>
     * <li>{@code THIN}: a thin line.
     * <li>{@code STRONG}: a strong line, with a marker at each point if there are few points.
     * <li>{@code RUN_1} to {@code RUN_8}: for the lines of several runs; they differ in colour or dashes.
     * </ul>
     */
    public enum Stroke {
        THIN, STRONG, RUN_1, RUN_2, RUN_3, RUN_4, RUN_5, RUN_6, RUN_7, RUN_8;

        private static final List<Stroke> RUNS = List.of(RUN_1, RUN_2, RUN_3, RUN_4, RUN_5, RUN_6, RUN_7, RUN_8);

        /** The stroke of run {@code index}, from 0; after eight runs the strokes repeat. */
        public static Stroke ofRun(int index) {
            return RUNS.get(index % RUNS.size());
        }

        /** The stroke's class in report.css. */
        String css() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A curve through the points (x[i], y[i]). The x rise, and all numbers are finite. */
    public record Line(String name, Stroke stroke, double[] x, double[] y) {
        public Line {
            if (x.length != y.length) {
                throw new IllegalArgumentException("%d x for %d y".formatted(x.length, y.length));
            }
        }

        /**
         * This line with at most {@link SvgChart#MOST_POINTS} points. A longer line is cut into equal sections; the first, the least, the
         * greatest and the last point of each section are kept.
         */
        Line thinned() {
            if (x.length <= MOST_POINTS) {
                return this;
            }
            int buckets = MOST_POINTS / 4;
            List<Integer> kept = new ArrayList<>();
            for (int bucket = 0; bucket < buckets; bucket++) {
                int from = (int) ((long) bucket * x.length / buckets);
                int to = (int) ((long) (bucket + 1) * x.length / buckets);
                int least = from;
                int most = from;
                for (int i = from; i < to; i++) {
                    least = y[i] < y[least] ? i : least;
                    most = y[i] > y[most] ? i : most;
                }
                DoubleStream.of(from, least, most, to - 1).sorted().distinct().forEach(i -> kept.add((int) i));
            }
            return new Line(name, stroke, kept.stream().mapToDouble(i -> x[i]).toArray(), kept.stream().mapToDouble(i -> y[i]).toArray());
        }
    }

    /** The values at the two ends of an axis. Values between them are mapped linearly, or by their logarithms if {@code log} is true. */
    private record Axis(double least, double most, boolean log) {
        double share(double value) {
            return log ? (Math.log(value) - Math.log(least)) / (Math.log(most) - Math.log(least)) : (value - least) / (most - least);
        }
    }

    public SvgChart {
        lines = lines.stream().filter(line -> line.x().length > 0).map(Line::thinned).toList();
        boolean positive = lines.stream().flatMapToDouble(line -> Arrays.stream(line.y())).allMatch(y -> y > 0);
        List<Scale> possible = scales.stream().filter(scale -> scale != Scale.LOG || positive).toList();
        scales = possible.isEmpty() ? List.of(Scale.LINEAR) : possible;
    }

    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** The data that chart.js reads: names and points of the lines. */
    public Map<String, Object> data() {
        return Map.of("lines", lines.stream().map(line -> Map.of("name", line.name(), "x", line.x(), "y", line.y())).toList());
    }

    /** The picture, {@code width} × {@code height} units. The page stretches it to the available space. */
    public String svg(int width, int height) {
        StringBuilder svg = new StringBuilder();
        Axis x = xAxis();
        add(svg, "<svg viewBox=\"0 0 %d %d\" tabindex=\"0\" role=\"img\" aria-label=\"%s\" data-chart=\"%s\" data-left=\"%d\""
            + " data-right=\"%d\" data-top=\"%d\" data-bottom=\"%d\" data-least=\"%s\" data-most=\"%s\">%n", width, height,
            HtmlPage.escape(summary()), id, MARGIN_LEFT, width - MARGIN_RIGHT, MARGIN_TOP, height - MARGIN_BOTTOM, x.least(), x.most());
        for (double tick : ticks(x.least(), x.most(), width / 90)) {
            add(svg, "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n", acrossTo(x, tick, width),
                height - MARGIN_BOTTOM + 18, number(tick));
        }
        add(svg, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">updates</text>%n", width - MARGIN_RIGHT, height - 6);
        for (Scale scale : scales) {
            scale(svg, scale, x, width, height);
        }
        return svg.append("</svg>\n").toString();
    }

    private String summary() {
        StringBuilder summary = new StringBuilder(title);
        for (Line line : lines) {
            int last = line.x().length - 1;
            summary.append("; ").append(line.name()).append(' ').append(number(line.y()[0])).append(" at step ").append(number(line.x()[0]))
                .append(", ").append(number(line.y()[last])).append(" at step ").append(number(line.x()[last]));
        }
        return summary.toString();
    }

    private void scale(StringBuilder svg, Scale scale, Axis x, int width, int height) {
        Axis y = yAxis(scale);
        String name = scale.name().toLowerCase(Locale.ROOT);
        add(svg, "<g class=\"scale\" data-scale=\"%s\" data-least=\"%s\" data-most=\"%s\"%s>%n", name, y.least(), y.most(),
            scale == scales.get(0) ? "" : " style=\"display:none\"");
        for (double tick : y.log() ? logTicks(y.least(), y.most()) : ticks(y.least(), y.most(), height / 45)) {
            double at = downTo(y, tick, height);
            add(svg, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                MARGIN_LEFT, at, width - MARGIN_RIGHT, MARGIN_LEFT - 6, at + 4, number(tick));
        }
        for (Line line : lines) {
            String stroke = line.stroke().css();
            StringBuilder path = new StringBuilder();
            StringBuilder markers = new StringBuilder();
            boolean marked = line.x().length == 1 || line.stroke() == Stroke.STRONG && line.x().length <= MOST_MARKERS;
            for (int i = 0; i < line.x().length; i++) {
                double px = acrossTo(x, line.x()[i], width);
                double py = downTo(y, line.y()[i], height);
                add(path, "%s%.1f %.1f", i == 0 ? "M" : "L", px, py);
                if (marked) {
                    add(markers, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>", stroke, px, py);
                }
            }
            add(svg, "<path class=\"curve %s\" vector-effect=\"non-scaling-stroke\" d=\"%s\"/>%s%n", stroke, path, markers);
        }
        svg.append("</g>\n");
    }

    /** The x coordinate of a value in the picture. */
    private double acrossTo(Axis x, double value, int width) {
        return MARGIN_LEFT + x.share(value) * (width - MARGIN_RIGHT - MARGIN_LEFT);
    }

    /** The y coordinate of a value in the picture; it grows downwards. */
    private double downTo(Axis y, double value, int height) {
        return height - MARGIN_BOTTOM - y.share(value) * (height - MARGIN_BOTTOM - MARGIN_TOP);
    }

    private Axis xAxis() {
        double most = lines.stream().flatMapToDouble(line -> Arrays.stream(line.x())).max().orElse(0);
        double least = lines.stream().flatMapToDouble(line -> Arrays.stream(line.x())).min().orElse(0);
        double start = least <= 0.1 * most ? 0 : least;
        return new Axis(start, most > start ? most : start + 1, false);
    }

    /** The y axis, a little longer than the values need, so that no curve runs along its end. FROM_ZERO has this margin only at the top. */
    private Axis yAxis(Scale scale) {
        double least = lines.stream().flatMapToDouble(line -> Arrays.stream(line.y())).min().orElse(0);
        double most = lines.stream().flatMapToDouble(line -> Arrays.stream(line.y())).max().orElse(1);
        double spread = most > least ? most - least : Math.max(1e-12, Math.abs(most));
        return switch (scale) {
            case LINEAR -> new Axis(least - 0.05 * spread, most + 0.05 * spread, false);
            case FROM_ZERO -> new Axis(Math.min(0, least), most > 0 ? 1.05 * most : 1, false);
            case LOG -> {
                double margin = Math.pow(most > least ? most / least : 1e6, 0.05);
                yield new Axis(least / margin, most * margin, true);
            }
        };
    }

    /** The multiples of a step in the range. The step is 1, 2 or 5 times a power of ten, such that there are about {@code wanted} ticks. */
    static double[] ticks(double least, double most, int wanted) {
        double rough = (most - least) / Math.max(1, wanted);
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
        double[] ticks = new double[(int) (Math.floor(most / step + 1e-9) - Math.ceil(least / step - 1e-9)) + 1];
        for (int i = 0; i < ticks.length; i++) {
            ticks[i] = (Math.ceil(least / step - 1e-9) + i) * step;
        }
        return ticks;
    }

    /**
     * The powers of ten in the range, and on an axis of at most four decades also 2 and 5 times each power. If these are fewer than 3, they
     * are replaced by the positive {@link #ticks}.
     */
    static double[] logTicks(double least, double most) {
        double decades = Math.log10(most / least);
        double[] steps = decades > 4 ? new double[] {1} : new double[] {1, 2, 5};
        double[] found = DoubleStream.iterate(Math.pow(10, Math.floor(Math.log10(least))), power -> power <= most, power -> power * 10)
            .flatMap(power -> Arrays.stream(steps).map(step -> step * power)).filter(tick -> tick >= least && tick <= most).toArray();
        return found.length >= 3 ? found : Arrays.stream(ticks(least, most, 8)).filter(tick -> tick > 0).toArray();
    }

    /** A number as a tick shows it, short and exact enough: 0.003, 12.5, 1200, 50k, 3e-6. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size != 0 && size < 1e-3 || size >= 1e6) {
            return HtmlPage.number("%.2e", value).replaceFirst("\\.?0*e", "e").replaceFirst("e([-+])0*", "e$1")
                .replace("e+", "e");
        }
        if (size >= 1e4) {
            return HtmlPage.number("%.1f", value / 1000).replaceFirst("\\.0$", "") + "k";
        }
        return HtmlPage.number("%.4f", value).replaceFirst("\\.?0+$", "");
    }

    private static void add(StringBuilder out, String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args).replace("\r\n", "\n"));
    }
}
