package inkling.cli.runs;

import inkling.cli.option.PageOption;
import inkling.cli.terminal.CommandEnvironment;
import inkling.run.RunReport;
import inkling.run.folder.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code report RUN…}. */
@Command(name = "report",
    description = "A training run on one page: its curves, its samples, its parameters, its run file."
        + " Several runs: their curves in one chart, and the keys in which their run files differ.",
    footer = {"", "Examples:", "  inkling report checkpoints/dickens", "  inkling report dickens wide --html both.html"})
public final class ReportCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "RUN", description = "a run directory, or a run's name under checkpoints/; or several")
    List<String> runs;

    @Option(names = "--html", paramLabel = "FILE",
        description = "the page to write; default: report.html in the run directory; for several runs, comparison.html in the current"
            + " directory")
    Path file;

    @Override
    public Integer call() {
        if (runs.size() > 1) {
            RunFolder folder = new RunFolder(CommandEnvironment.RUNS);
            PageOption.write(file == null ? Path.of("comparison.html") : file,
                RunOverlay.html(String.join(", ", runs), runs.stream().map(folder::run).toList()));
            return 0;
        }
        RunReport report = RunReport.of(runs.get(0), CommandEnvironment.RUNS);
        PageOption.write(file == null ? report.directory().resolve("report.html") : file, report.html());
        return 0;
    }
}
