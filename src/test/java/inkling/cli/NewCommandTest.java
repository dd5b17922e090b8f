package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @Test void theRunFileHasTheNameOfTheTextAndTrainsAndAnEstimateIsPrinted() throws IOException {
        Shell.Result result = shell.run("new", "--data", "My tales.txt");
        assertEquals(0, result.exit(), result.err());
        says(result.out(), "parameters", "MB of memory", "about", "then: ./inkling train My-tales.yaml");
        assertTrue(shell.read("My-tales.yaml").contains("# "), "the file has comments");
        shell.write("nano.yaml", shell.read("My-tales.yaml").replace("  context_length:", "  block_size:"));
        says(shell.run("train", "nano.yaml").err(), "model: unknown key block_size. Did you mean context_length?");
        Shell.Result trained = shell.run("train", "My-tales.yaml", "--set", "train.max_steps=1", "--set", "schedule.warmup_steps=0");
        assertEquals(0, trained.exit(), trained.err());
        List<String> lines = trained.err().lines().toList();
        int at = lines.indexOf("step 0  before it has learned anything of this text, the model writes (in full: samples.jsonl):");
        assertTrue(at >= 0 && lines.get(at + 1).endsWith("…") && lines.get(at + 1).length() <= 80 && lines.get(at + 2).isEmpty(),
            "one line of noise is enough: " + trained.err());
        assertTrue(shell.read("checkpoints/My-tales/samples.jsonl").lines().findFirst().orElseThrow().length() > 200);
    }

    @Test void aTextWithoutLineBreaksTrainsToo() {
        assertEquals(0, shell.run("new", "plain", "--data", "line.txt").exit());
        Shell.Result trained = shell.run("train", "plain.yaml", "--set", "train.max_steps=1", "--set", "schedule.warmup_steps=0",
            "--set", "train.sample.interval=1");
        assertEquals(0, trained.exit(), trained.err());
    }

    @Test void anExistingFileStays() throws IOException {
        shell.write("mine.yaml", "# mine\n");
        Shell.Result result = shell.run("new", "mine", "--data", "line.txt");
        assertEquals(2, result.exit());
        says(result.err(), "mine.yaml exists already", "nothing was changed", "new OTHER");
        assertEquals("# mine\n", shell.read("mine.yaml"));
        says(shell.run("new", "mine", "--data", "My tales.txt", "--data", "line.txt").err(),
            "`new OTHER --data 'My tales.txt' --data line.txt`");
    }

    @Test void aRunOfAGlobIsNamedAfterItsFolder() throws IOException {
        shell.write("my notes/2026/a.txt", Fixtures.tales());
        for (String glob : List.of("my notes/*/*.txt", "my notes/**/a.txt")) {
            Shell.Result result = shell.run("new", "--data", glob);
            says(result.out() + result.err(), "written: my-notes.yaml");
            Files.delete(directory.resolve("my-notes.yaml"));
        }
    }

    @Test void theRefusalOfAnotherEncodingNamesTheOptionOfThisCommand() throws IOException {
        shell.write("mixed/good.txt", Fixtures.macbeth().substring(0, 2_000));
        Files.write(directory.resolve("mixed/old.txt"), "Grüße aus Köln\n".repeat(100).getBytes(StandardCharsets.ISO_8859_1));
        says(shell.run("new", "m", "--data", "mixed").err(), "mixed/old.txt", "iconv", "one by one", "--data several times for new");
        assertEquals(0, shell.run("new", "m", "--data", "mixed/good.txt", "--data", "line.txt").exit());
    }

    @Test void aMissingTextAndAnImpossibleNameAreRefused() {
        assertEquals(2, shell.run("new", "a", "--data", "nothing.txt").exit());
        says(shell.run("new", "a/b", "--data", "line.txt").err(), "a/b", "no safe directory name");
        assertEquals(2, shell.run("new", "a", "--data", "line.txt", "--minutes", "0").exit());
    }
}
