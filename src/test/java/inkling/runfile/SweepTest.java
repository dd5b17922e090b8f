package inkling.runfile;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.TinyRun;
import inkling.errors.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
    @TempDir Path directory;
    private Path file;

    @BeforeEach void write() throws IOException {
        TinyRun.files(directory);
        file = directory.resolve("tiny.yaml");
    }

    private List<String> names(String... over) {
        return Sweep.of(file, List.of(), List.of(over)).runs().stream().map(run -> run.name().text()).toList();
    }

    @Test void everyCombinationIsARun() {
        List<RunConfig> runs = Sweep.of(file, List.of("train.max_steps=5"), List.of("seed=1,2", "schedule.learning_rate=1e-2,3e-3")).runs();
        assertEquals(List.of("tiny-seed-1-learning_rate-1e-2", "tiny-seed-1-learning_rate-3e-3", "tiny-seed-2-learning_rate-1e-2",
            "tiny-seed-2-learning_rate-3e-3"), runs.stream().map(run -> run.name().text()).toList());
        assertEquals(List.of(1L, 1L, 2L, 2L), runs.stream().map(RunConfig::seed).toList());
        assertEquals(List.of(0.01, 0.003, 0.01, 0.003), runs.stream().map(run -> run.learningRate().at(2)).toList());
        assertEquals(List.of(5L), runs.stream().map(run -> run.train().maxSteps()).distinct().toList());
    }

    @Test void commasInsideAValueDoNotCutIt() {
        assertEquals(List.of("tiny-optimizer-type-adamw-beta2-0.9", "tiny-optimizer-type-muon"),
            names("optimizer={type: adamw, beta2: 0.9},{type: muon}"));
    }

    @Test void runsAreNumberedIfANameIsTooLong() {
        assertEquals(List.of("tiny-1", "tiny-2"), names("seed=1234567890123456,1234567890123457", "train.early_stopping_patience=1234567",
            "train.checkpoint_interval=123456"));
    }

    @Test void whatCannotBeTriedIsRefusedBeforeAnythingIsTrained() {
        says(assertThrows(ConfigException.class, () -> names("seed")).getMessage(), "--over seed", "e.g.");
        says(assertThrows(ConfigException.class, () -> names("seed=")).getMessage(), "--over seed=", "no value");
        says(assertThrows(ConfigException.class, () -> names("seed=1,1")).getMessage(), "twice");
        says(assertThrows(ConfigException.class, () -> names("sede=1,2")).getMessage(), "sede", "Did you mean seed?");
        says(assertThrows(ConfigException.class, () -> names("model.n_head=2,3")).getMessage(), "n_head = 3");
        assertThrows(ConfigException.class, () -> names("seed=[1"));
    }

    @Test void differencesAreTheKeysThatAreNotTheSame() {
        List<RunConfig> runs = Sweep.of(file, List.of(), List.of("seed=1,2", "train.sample=null,{interval: 7}")).runs();
        List<ConfigDifference> found = ConfigDifference.among(runs);
        assertEquals(new ConfigDifference("seed", List.of("1", "1", "2", "2")), found.get(0));
        assertEquals(new ConfigDifference("train.sample", List.of("null", "-", "null", "-")), found.get(1));
        assertEquals(new ConfigDifference("train.sample.interval", List.of("-", "7", "-", "7")), found.get(2));
        assertEquals(List.of(), ConfigDifference.among(List.of(runs.get(0), runs.get(0))));
    }
}
