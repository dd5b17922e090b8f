package inkling.inspect.page;

import inkling.inspect.RunHistory;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.RunHistory.Row;
import inkling.inspect.RunHistory.Series;
import inkling.inspect.page.SvgChart.Line;
import inkling.inspect.page.SvgChart.Scale;
import inkling.inspect.page.SvgChart.Stroke;
import inkling.perf.ParameterTally;
import inkling.perf.TallyTable;
import inkling.tasks.TaskLog;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** A training run on one HTML page: its curves, its samples, a table of its parameters, its run file. */
public final class ReportPage {
    /** What the model wrote after {@code step} updates. */
    public record Sample(long step, String text) {}

    private static final int PREVIEW = 90;          // how many characters a folded sample shows

    private final RunHistory history;
    private final StringBuilder body = new StringBuilder();

    private ReportPage(RunHistory history) {
        this.history = history;
    }

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param name the run's name
     * @param history the run's metrics
     * @param tally the parameters of the run's architecture
     * @param config the run's config.yaml, as text
     * @param samples in any order; may be empty
     */
    public static String html(String name, RunHistory history, ParameterTally tally, String config, List<Sample> samples) {
        return html(name, history, tally, config, samples, List.of());
    }

    /** As {@link #html(String, RunHistory, ParameterTally, String, List)}, with the results of the run's checkpoints in tasks. */
    public static String html(String name, RunHistory history, ParameterTally tally, String config, List<Sample> samples,
                              List<TaskLog.Row> measured) {
        ReportPage report = new ReportPage(history);
        TaskTable tasks = new TaskTable(measured);
        List<SvgChart> charts = Stream.concat(report.charts().stream(), Stream.of(tasks.chart()))
            .filter(chart -> !chart.isEmpty()).toList();
        report.figures(tally);
        report.add("<div class=\"charts\">%n");
        charts.forEach(chart -> report.body.append(ChartFigure.html(chart)));
        report.add("</div>%n");
        if (!charts.isEmpty() && !history.learnsPreferences()) {
            report.body.append(ChartFigure.WORDS);
        }
        report.body.append(tasks.html());
        report.samples(samples);
        report.tally(tally);
        report.add("<h2>Configuration</h2>%n<pre class=\"config\">%s</pre>", HtmlPage.escape(config));
        HtmlPage page = new HtmlPage(name, report.lead(tally)).style(HtmlPage.resource("report.css")).body(report.body.toString());
        charts.forEach(chart -> page.data(chart.id(), chart.data()));
        return page.module("chart.js").render();
    }

    private String lead(ParameterTally tally) {
        if (history.rows().isEmpty()) {
            return "A run of %s parameters that has not logged anything yet.".formatted(grouped(tally.parameters()));
        }
        Row last = history.rows().get(history.rows().size() - 1);
        return "%s updates on %s tokens, %s parameters.".formatted(grouped(last.step()), grouped(last.tokens()),
            grouped(tally.parameters()));
    }

    private List<SvgChart> charts() {
        return List.of(
            new SvgChart("loss", "Loss, " + RunHistory.lossUnits(List.of(history)), List.of(line("train", Stroke.THIN, Metric.TRAIN_LOSS),
                line("validation", Stroke.STRONG, Metric.VAL_LOSS)), List.of(Scale.LINEAR, Scale.LOG)),
            new SvgChart("right", "Pairs ranked correctly, share", List.of(line("train", Stroke.THIN, Metric.REWARD_ACCURACY),
                line("validation", Stroke.STRONG, Metric.VAL_REWARD_ACCURACY)), List.of(Scale.FROM_ZERO)),
            new SvgChart("margin", "Reward margin, chosen minus rejected answer", List.of(line("train", Stroke.THIN, Metric.REWARD_MARGIN),
                line("validation", Stroke.STRONG, Metric.VAL_REWARD_MARGIN)), List.of(Scale.LINEAR)),
            new SvgChart("gain", "Log-probability of chosen answers minus the reference’s, nats per token",
                List.of(line("validation", Stroke.STRONG, Metric.VAL_CHOSEN_GAIN)), List.of(Scale.LINEAR)),
            new SvgChart("rate", "Learning rate", List.of(line("learning rate", Stroke.THIN, Metric.LEARNING_RATE)),
                List.of(Scale.FROM_ZERO, Scale.LOG)),
            new SvgChart("norm", "Gradient norm", List.of(line("norm", Stroke.THIN, Metric.GRAD_NORM)),
                List.of(Scale.LOG, Scale.LINEAR)),
            new SvgChart("speed", "Tokens per second", List.of(line("tokens/s", Stroke.THIN, Metric.TOKENS_PER_SECOND)),
                List.of(Scale.FROM_ZERO)))
            .stream().filter(chart -> !chart.isEmpty()).toList();
    }

    private Line line(String name, Stroke stroke, Metric metric) {
        Series series = history.series(metric);
        return new Line(name, stroke, series.steps(), series.values());
    }

    private void figures(ParameterTally tally) {
        add("<dl class=\"figures\">%n");
        history.bestValidation().ifPresent(best -> figure("best validation loss", HtmlPage.number("%.4f", best.value()),
            "at step %s%s".formatted(grouped(best.step()),
                history.learnsPreferences() ? "" : ", perplexity " + HtmlPage.number("%.2f", Math.exp(best.value())))));
        Series train = history.series(Metric.TRAIN_LOSS);
        if (train.values().length > 0) {
            int last = train.values().length - 1;
            figure("last training loss", HtmlPage.number("%.4f", train.values()[last]), "at step " + grouped((long) train.steps()[last]));
        }
        history.last(Metric.VAL_REWARD_ACCURACY).ifPresent(right -> figure("pairs ranked correctly",
            HtmlPage.number("%.1f %%", 100 * right.value()),
            "of the validation pairs, at step " + grouped(right.step())));
        median(history.series(Metric.TOKENS_PER_SECOND).values())
            .ifPresent(speed -> figure("tokens per second", grouped(Math.round(speed)), "median of the steps logged"));
        figure("parameters", grouped(tally.parameters()), "of the model, each counted once");
        add("</dl>%n");
        if (history.hasInfinite()) {
            add("<p class=\"note\">Some values were not finite: they are in no curve.</p>%n");
        }
    }

    private void figure(String name, String value, String note) {
        add("<div><dt>%s</dt><dd class=\"number\">%s</dd><dd class=\"note\">%s</dd></div>%n", name, value, note);
    }

    private static OptionalDouble median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(sorted[sorted.length / 2]);
    }

    private void samples(List<Sample> samples) {
        if (samples.isEmpty()) {
            return;
        }
        add("<h2>What the model wrote along the way</h2>%n");
        List<Sample> ordered = samples.stream().sorted(Comparator.comparingLong(Sample::step)).toList();
        for (Sample sample : ordered) {
            String oneLine = sample.text().strip().replaceAll("\\s+", " ");
            String preview = oneLine.codePointCount(0, oneLine.length()) <= PREVIEW ? oneLine
                : oneLine.substring(0, oneLine.offsetByCodePoints(0, PREVIEW)) + "…";
            add("<details class=\"sample\"%s><summary><span class=\"step number\">step %s</span>"
                + " <span class=\"preview\">%s</span></summary><pre>%s</pre></details>%n",
                sample == ordered.get(ordered.size() - 1) ? " open" : "", grouped(sample.step()), HtmlPage.escape(preview),
                HtmlPage.escape("\n" + sample.text()));                         // HTML drops the first newline of a pre
        }
    }

    private void tally(ParameterTally tally) {
        add("<h2>Where the parameters are</h2>%n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Parameter tally\">"
            + "<table class=\"table tally\">%n<thead><tr><th scope=\"col\">role</th><th scope=\"col\">shape × count</th>"
            + "<th scope=\"col\" class=\"number\">parameters</th><th scope=\"col\">share</th></tr></thead>%n<tbody>%n");
        for (TallyTable.Row row : TallyTable.rows(tally)) {
            double share = 100.0 * row.parameters() / tally.parameters();
            add("<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"number\">%s</td><td class=\"share\">%s</td></tr>%n", row.name(),
                row.shape(), row.again() ? TallyTable.AGAIN : grouped(row.parameters()), row.again() ? "" : share(share));
        }
        add("</tbody>%n<tfoot><tr><th scope=\"row\">stored</th><td></td><td class=\"number\">%s</td><td></td></tr></tfoot>%n"
            + "</table></div>%n", grouped(tally.parameters()));
    }

    private static String share(double percent) {
        return String.format(Locale.ROOT,
            "<span class=\"bar\"><span style=\"width:%.2f%%\"></span></span><span class=\"number\">%.1f %%</span>",
            percent, percent);
    }

    private static String grouped(long value) {
        return TallyTable.grouped(value);
    }

    private void add(String format, Object... args) {
        body.append(String.format(Locale.ROOT, format, args).replace("\r\n", "\n"));
    }
}
