package inkling.serve.runs;

import inkling.errors.ConfigException;
import inkling.run.TrainRun;
import inkling.run.folder.RunStanding;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One run of the folder, with what was read from its files. All pages that follow the run share one look at its directory. The run file and
 * the samples are read again only after a change. The run's bytes are counted at most every few seconds. For any number of threads.
 */
final class WatchedRun {
    /** The least time between two counts of the run's bytes, because there may be thousands of files. */
    private static final Duration BETWEEN_COUNTS = Duration.ofSeconds(5);

    private final Path directory;
    private final RunMetrics metrics;
    private final RunSamples samples;
    private final FileContent<RunConfig> config;
    private final Shared<DiskUse> disk;
    private final Shared<Look> look;

    /**
     * What a look at the run found.
     *
     * @param status {@link RunJson#whole}
     * @param history {@link RunMetrics#history}
     * @param last the last step of metrics.csv, or −1
     */
    record Look(Map<String, Object> status, long history, long last) {}

    /** @param between the least time between two looks that {@link #look} makes */
    WatchedRun(Path directory, RunJson status, Duration between) {
        this.directory = directory;
        metrics = new RunMetrics(directory);
        samples = new RunSamples(directory);
        config = new FileContent<>(directory.resolve(TrainRun.CONFIG_FILE),
            () -> ConfigFile.read(directory.resolve(TrainRun.CONFIG_FILE), List.of()));
        disk = new Shared<>(BETWEEN_COUNTS, () -> DiskUse.of(directory));
        look = new Shared<>(between, () -> {
            Map<String, Object> now = status.whole(this);
            return metrics.figures(figures -> new Look(now, metrics.history(), figures.lastStep()));
        });
    }

    /** The run's standing now. @throws inkling.errors.InklingException if one of the files that it reads cannot be read */
    RunStanding standing() {
        return RunStanding.of(directory, config.read().orElseThrow(() -> new ConfigException(directory + " was removed.")));
    }

    RunMetrics metrics() {
        return metrics;
    }

    RunSamples samples() {
        return samples;
    }

    /** How much of the disk the run uses, counted at most some seconds ago. */
    DiskUse disk() {
        return disk.get();
    }

    /** What the last look found. If that is too old, looks again. */
    Look look() {
        return look.get();
    }
}
