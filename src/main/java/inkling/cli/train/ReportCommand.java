package inkling.cli.train;

import inkling.cli.option.PageOption;
import inkling.cli.terminal.CommandEnvironment;
import inkling.run.RunReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code report RUN}. */
@Command(name = "report",
    description = "A training run on one page: its curves, its samples, its parameters, its run file.",
    footer = {"", "Example:", "  inkling report checkpoints/dickens"})
public final class ReportCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "a run directory, or a run's name under checkpoints/")
    String run;

    @Option(names = "--html", paramLabel = "FILE", description = "the page to write; default: report.html in the run directory")
    Path file;

    @Override
    public Integer call() {
        RunReport report = RunReport.of(run, CommandEnvironment.RUNS);
        PageOption.write(file == null ? report.directory().resolve("report.html") : file, report.html());
        return 0;
    }
}
