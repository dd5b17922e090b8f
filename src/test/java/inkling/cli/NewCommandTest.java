package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code new}: a text becomes a run file that trains. */
@Tag("process")
class NewCommandTest {
    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void open() throws IOException {
        shell = Shell.in(directory);
        shell.write("My tales.txt", Fixtures.tales());
        shell.write("line.txt", Fixtures.macbeth().substring(0, 30_000).replace('\n', ' '));
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    @Test void theFileIsNamedAfterTheTextTheEstimateIsPrintedAndItTrains() throws IOException {
        Shell.Result result = shell.run("new", "--data", "My tales.txt");
        assertEquals(0, result.exit(), result.err());
        says(result.out(), "parameters", "MB of memory", "about", "then: ./inkling train My-tales.yaml");
        assertTrue(shell.read("My-tales.yaml").contains("# "), "it has comments");
        shell.write("nano.yaml", shell.read("My-tales.yaml").replace("  context_length:", "  block_size:"));
        says(shell.run("train", "nano.yaml").err(), "model: unknown key block_size. Did you mean context_length?");
        Shell.Result trained = shell.run("train", "My-tales.yaml", "--set", "train.max_steps=1", "--set", "schedule.warmup_steps=0");
        assertEquals(0, trained.exit(), trained.err());
        says(trained.err(), "step 0  a sample:");
    }

    @Test void aTextWithoutLineBreaksTrainsToo() {
        assertEquals(0, shell.run("new", "plain", "--data", "line.txt").exit());
        Shell.Result trained = shell.run("train", "plain.yaml", "--set", "train.max_steps=1", "--set", "schedule.warmup_steps=0",
            "--set", "train.sample.interval=1");
        assertEquals(0, trained.exit(), trained.err());
    }

    @Test void whatIsThereStays() throws IOException {
        shell.write("mine.yaml", "# mine\n");
        Shell.Result result = shell.run("new", "mine", "--data", "line.txt");
        assertEquals(2, result.exit());
        says(result.err(), "mine.yaml exists already", "nothing was changed", "new OTHER");
        assertEquals("# mine\n", shell.read("mine.yaml"));
    }

    @Test void aTextThatIsNotThereAndANameThatCannotBe() {
        assertEquals(2, shell.run("new", "a", "--data", "nothing.txt").exit());
        says(shell.run("new", "a/b", "--data", "line.txt").err(), "a/b", "no safe directory name");
        assertEquals(2, shell.run("new", "a", "--data", "line.txt", "--minutes", "0").exit());
    }
}
