package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.runfile.ConfigFile;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a page offers a command that writes more samples. The command continues the run or, if the run is finished, begins another. */
class RunSamplesTest {
    @TempDir Path folder;

    /** With interval 13 the eight samples of 100 updates are 13, 26 … 91 and the last step, 100. */
    @ParameterizedTest
    @CsvSource({"13, 100, false", "14, 100, false", "15, 100, true", "12, 96, false", "13, 91, true"})
    void theSampleAtTheEndCounts(int interval, int updates, boolean offered) throws IOException {
        Path run = RunFiles.begin(folder, "a", updates);
        RunStanding standing = new RunStanding("a", run, RunState.STOPPED, OptionalLong.empty(), 50, false,
            ConfigFile.read(run.resolve("config.yaml"), List.of("train.sample.interval=" + interval)));
        assertEquals(offered, RunSamples.more(standing).isPresent());
    }

    /** A run of workers, which makes rounds of 60 updates. */
    private RunStanding ofWorkers(RunState state, long updates, String... settings) throws IOException {
        Path run = RunFiles.begin(folder, "w", updates);
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("cluster.inner_steps=60");
        return new RunStanding("w", run, state, OptionalLong.empty(), 0, true, ConfigFile.read(run.resolve("config.yaml"), all));
    }

    @Test void runsOfWorkersAreOfferedTheirOwnCommands() throws IOException {
        String finished = RunSamples.more(ofWorkers(RunState.FINISHED, 1_000, "train.sample.interval=500")).orElseThrow().command();
        assertTrue(finished.startsWith("./inkling cluster train ") && finished.contains(" --run w-samples --set "), finished);
        String stopped = RunSamples.more(ofWorkers(RunState.STOPPED, 1_000, "train.sample.interval=500")).orElseThrow().command();
        assertTrue(stopped.startsWith("./inkling cluster train --resume "), stopped);
        String alone = RunSamples.more(new RunStanding("a", RunFiles.begin(folder, "a", 100), RunState.FINISHED, OptionalLong.empty(), 100,
            false, ConfigFile.read(folder.resolve("a/config.yaml"), List.of()))).orElseThrow().command();
        assertTrue(alone.startsWith("./inkling train " + folder), alone);
    }

    /** 300 updates in rounds of 60 have room for 5 samples, 1,000 updates for 17. At an interval of 70, the last round has two of 300. */
    @Test void workersWriteAtMostOneSampleInARound() throws IOException {
        assertEquals(Optional.empty(), RunSamples.more(ofWorkers(RunState.STOPPED, 300, "train.sample.interval=50")));
        assertEquals(60, RunSamples.more(ofWorkers(RunState.STOPPED, 300, "train.sample.interval=100")).orElseThrow().interval());
        assertEquals(60, RunSamples.more(ofWorkers(RunState.STOPPED, 300, "train.sample.interval=70")).orElseThrow().interval());
        assertEquals(Optional.empty(), RunSamples.more(ofWorkers(RunState.STOPPED, 1_000, "train.sample.interval=10")));
        assertEquals(60, RunSamples.interval(ofWorkers(RunState.STOPPED, 1_000, "train.sample.interval=10")).orElseThrow());
        assertEquals(130, RunSamples.interval(ofWorkers(RunState.STOPPED, 1_000, "train.sample.interval=130")).orElseThrow());
    }
}
