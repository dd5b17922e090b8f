package inkling.run;

import inkling.errors.ConfigException;
import inkling.formats.ModelDirectory;
import inkling.inspect.RunHistory;
import inkling.inspect.page.ReportPage;
import inkling.io.text.TextFiles;
import inkling.perf.ParameterTally;
import inkling.tasks.TaskLog;
import inkling.train.MetricsCsv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The HTML page of {@code report RUN}: curves, figures and results of one run.
 *
 * @param directory of the run
 * @param html the page
 */
public record RunReport(Path directory, String html) {
    /**
     * Makes the report of a run.
     *
     * @param name a run directory, or a run's name in the folder {@code runs}
     * @throws ConfigException if {@code name} is not a run directory
     */
    public static RunReport of(String name, Path runs) {
        Path run = ModelLocation.existing(name, runs);
        Path config = run.resolve(TrainRun.CONFIG_FILE);
        if (!Files.isRegularFile(config)) {
            throw new ConfigException("%s is no run directory: it has no %s. A report needs a run that Inkling trained.".formatted(run,
                TrainRun.CONFIG_FILE));
        }
        ParameterTally tally = ParameterTally.of(ModelDirectory.config(ModelLocation.of(run, Optional.empty()).directory()));
        return new RunReport(run, ReportPage.html(run.toAbsolutePath().normalize().getFileName().toString(),
            RunHistory.read(run.resolve(MetricsCsv.FILE_NAME)), tally, TextFiles.readAll(config).content(), SampleLog.read(run),
            TaskLog.read(run)));
    }
}
