package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.runfile.ConfigFile;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a page offers to continue a run with more samples. */
class RunSamplesTest {
    @TempDir Path folder;

    /** With interval 13 the eight samples of 100 updates are 13, 26 … 91 and the last step, 100. */
    @ParameterizedTest
    @CsvSource({"13, 100, false", "14, 100, false", "15, 100, true", "12, 96, false", "13, 91, true"})
    void theSampleAtTheEndCounts(int interval, int updates, boolean offered) throws IOException {
        Path run = RunFiles.begin(folder, "a", updates);
        RunStanding standing = new RunStanding("a", run, RunState.STOPPED, OptionalLong.empty(), 50,
            ConfigFile.read(run.resolve("config.yaml"), List.of("train.sample.interval=" + interval)));
        assertEquals(offered, RunSamples.more(standing).isPresent());
    }
}
