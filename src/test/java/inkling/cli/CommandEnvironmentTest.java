package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.TinyRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
class CommandEnvironmentTest {
    @TempDir Path directory;

    private static final String LINE = "Running without the settings of the script ./inkling (OMP_WAIT_POLICY), so slower: start it as "
        + "./inkling, or source"
        + " src/main/resources/inkling/environment.sh first.";

    private String output(Shell shell, boolean settings, String... arguments) throws Exception {
        ProcessBuilder builder = shell.process(List.of(), arguments);
        if (!settings) {
            builder.environment().remove("OMP_WAIT_POLICY");
        }
        Shell.Result result = Shell.finish(builder);
        assertEquals(0, result.exit(), result.out());
        return result.out();
    }

    /** The regions write 1.024 and ١٬٠٢٤. */
    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "ar-EG"})
    void numbersAreWrittenAlikeInEveryLocale(String locale) throws Exception {
        List<String> java = List.of("-Duser.language=" + locale.substring(0, 2), "-Duser.country=" + locale.substring(3));
        try (Shell shell = Shell.in(directory)) {
            Shell.Result done = Shell.finish(shell.process(java, "export", Fixtures.own("gpt2").toString(), "--to", "exported"));
            says(done.out(), "exported: 103,344 parameters");
        }
    }

    @Test void aCommandThatComputesSaysOnceThatTheSettingsAreMissing() throws Exception {
        TinyRun.files(directory);
        try (Shell shell = Shell.in(directory)) {
            String trained = output(shell, false, "train", "tiny.yaml", "--set", "train.max_steps=1");
            assertEquals(1, trained.split("Running without", -1).length - 1, trained);
            assertTrue(trained.contains(LINE), trained);
            String computesNothing = output(shell, false, "params", "tiny");
            assertTrue(!computesNothing.contains("Running without"), computesNothing);
            String launched = output(shell, true, "sample", "tiny", "--prompt", "a", "--max-tokens", "1");
            assertTrue(!launched.contains("Running without"), launched);
        }
    }
}
