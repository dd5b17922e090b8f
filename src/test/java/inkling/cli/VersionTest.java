package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --version} loads the engine to name it. Loading takes about a second: a command that computes nothing must not load it. */
@Tag("process")
class VersionTest {
    private static final String ENGINE = "ai.djl.pytorch.jni.JniUtils";

    @TempDir Path directory;

    @Test void onlyWhatComputesLoadsTheEngine() throws Exception {
        TinyRun.files(directory);
        try (Shell shell = Shell.in(directory)) {
            assertFalse(loadsTheEngine(shell, 0, "--help"));
            assertFalse(loadsTheEngine(shell, 2, "sample", "--unknown"));
            assertFalse(loadsTheEngine(shell, 0, "runs"));
            assertTrue(loadsTheEngine(shell, 0, "train", "tiny.yaml", "--set", "train.max_steps=1"));
        }
    }

    /** Every command has the option. */
    @Test void theVersionNamesTheEngine() throws Exception {
        try (Shell shell = Shell.in(directory)) {
            Shell.Result version = shell.run("--version");
            assertEquals(0, version.exit());
            assertTrue(version.out().startsWith("Inkling " + Version.INKLING + "\nengine: PyTorch "), version.out());
            assertEquals(version.out(), shell.run("tokenizer", "train", "--version").out());
        }
    }

    private boolean loadsTheEngine(Shell shell, int exit, String... arguments) throws Exception {
        Path loaded = directory.resolve("loaded.txt");
        Shell.Result result = Shell.finish(shell.process(List.of("-Xlog:class+load:file=" + loaded), arguments));
        assertEquals(exit, result.exit(), result.out());
        return Files.readString(loaded).contains(ENGINE);
    }
}
