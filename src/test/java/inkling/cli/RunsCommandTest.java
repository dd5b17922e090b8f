package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.TinyRun;
import inkling.io.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runs} and its subcommands, reports of runs, and how misspelled names of runs and commands are guessed. */
@Tag("process")
class RunsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void trainAFew() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        train(0, "finished");
        train(0, "early", "train.early_stopping_patience=1", "schedule.learning_rate=1.0e-9", "schedule.min_learning_rate=0",
            "train.max_steps=80",
            "train.eval_interval=1", "model.dropout=0");
        train(0, "brief", "train.max_minutes=1.0e-9", "train.max_steps=1000000");
        train(5, "diverged", "schedule={type: constant, learning_rate: 1.0e+30}", "optimizer={type: adamw, max_grad_norm: 1.0e+30}");
        shell.write("checkpoints/damaged/config.yaml", "name: damaged\nsede: 1\n");
        shell.write("checkpoints/notes/readme.txt", "no run");
    }

    private static void train(int exit, String name, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("train", "tiny.yaml", "--run", name));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        Shell.Result trained = shell.run(arguments.toArray(String[]::new));
        assertEquals(exit, trained.exit(), name + ": " + trained.err());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static JsonNode list() throws IOException {
        Shell.Result result = shell.run("runs", "--json");
        assertEquals(0, result.exit(), result.err());
        assertEquals("", result.err());
        return JSON.readTree(result.out());
    }

    private static JsonNode run(String name) throws IOException {
        return StreamSupport.stream(list().get("runs").spliterator(), false)
            .filter(run -> run.get("name").textValue().equals(name)).findFirst()
            .orElseThrow();
    }

    @Test void eachRunTellsWhereItStandsAndHowItEnded() throws IOException {
        assertEquals("finished", run("finished").get("state").textValue());
        assertEquals("stopped_early", run("early").get("state").textValue());
        assertEquals("out_of_time", run("brief").get("state").textValue());
        assertEquals("diverged", run("diverged").get("state").textValue());
    }

    @Test void stepsLossesAndSizeAreThoseOfItsFiles() throws IOException {
        JsonNode run = run("finished");
        assertEquals(8, run.get("step").intValue());
        assertEquals(8, run.get("max_steps").intValue());
        List<String> rows = Files.readAllLines(directory.resolve("checkpoints/finished/metrics.csv"));
        String[] last = rows.get(rows.size() - 1).split(",", -1);
        assertEquals(8, run.get("last_val_loss").get("step").intValue());
        assertEquals(Double.parseDouble(last[3]), run.get("last_val_loss").get("loss").doubleValue());
        assertEquals(Double.parseDouble(last[2]), run.get("last_train_loss").get("loss").doubleValue());
        double best = rows.stream().skip(1).map(row -> row.split(",", -1)[3]).filter(loss -> !loss.isEmpty())
            .mapToDouble(Double::parseDouble)
            .min().orElseThrow();
        assertEquals(best, run.get("best_val_loss").get("loss").doubleValue());
        try (var files = Files.walk(directory.resolve("checkpoints/finished"))) {
            assertEquals(files.map(Path::toFile).filter(java.io.File::isFile).mapToLong(java.io.File::length).sum(),
                run.get("bytes").longValue());
        }
        assertTrue(run.get("seconds").doubleValue() > 0);
        assertEquals("char", run.get("tokenizer").textValue());
        assertTrue(run.get("init_from").isNull());
    }

    @Test void aRunWhoseLockIsHeldIsRunningAndOneThatIsKilledIsStopped() throws IOException {
        Path run = directory.resolve("checkpoints/killed");
        Files.createDirectories(run);
        for (String name : List.of("config.yaml", "run.json", "metrics.csv", "last")) {
            Files.copy(directory.resolve("checkpoints/finished").resolve(name), run.resolve(name));
        }
        Files.writeString(run.resolve("last"), "step-000004\n");
        Files.createDirectories(run.resolve("step-000004"));
        Files.writeString(run.resolve("run.json"), Files.readString(run.resolve("run.json")).replaceAll(",\\s*\"ended\"[^}]*", ""));
        try (DirectoryLock lock = DirectoryLock.acquire(run)) {
            assertEquals("running", run("killed").get("state").textValue());
            assertEquals(8, run("killed").get("step").intValue(), "the last logged step");
        }
        assertEquals("stopped", run("killed").get("state").textValue());
        assertEquals(4, run("killed").get("step").intValue(), "the last saved step");
    }

    @Test void theTableNamesEachRunAndWhatCannotBeRead() {
        Shell.Result result = shell.run("runs");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().lines().anyMatch(line ->
            line.matches("finished +finished +8 of 8 +\\d\\.\\d{4} at 8 +\\d\\.\\d{4} at 8 +\\d+ s +\\d\\.\\d MB +char")),
            result.out());
        assertTrue(result.out().contains("stopped early"), result.out());
        assertTrue(!result.out().contains("notes"), "a folder without config.yaml is no run");
        says(result.err(), "damaged", "sede", "seed");
    }

    @Test void aRunThatGoesOnForgetsHowItEnded() throws IOException {
        train(0, "again");
        Shell.Result resumed = shell.run("train", "--resume", "again", "--set", "train.max_steps=9", "--set", "train.max_minutes=1.0e-9");
        assertEquals(0, resumed.exit(), resumed.err());
        assertEquals("out_of_time", run("again").get("state").textValue());
    }

    @Test void aMisspelledRunIsGuessed() {
        Shell.Result result = shell.run("train", "--resume", "finishd");
        assertEquals(2, result.exit());
        says(result.err(), "finishd does not exist", "Did you mean finished?");
    }

    @Test void comparedRunsHaveALetterEachAndTheKeysThatDiffer() throws IOException {
        Shell.Result result = shell.run("runs", "compare", "finished", "checkpoints/diverged", "--html", "both.html");
        assertEquals(0, result.exit(), result.err());
        says(result.out(), "a  finished", "b  diverged", "validation loss", "step 0", "What differs:",
            "schedule.learning_rate   a: 0.003   b: 1.0e+30");
        assertFalse(result.out().contains("seed"), "what is the same is not told");
        assertTrue(result.out().lines().filter(line -> line.contains("|")).anyMatch(line -> line.endsWith("a")), result.out());
        says(shell.read("both.html"), "finished", "diverged", "schedule.learning_rate");
        JsonNode document = JSON.readTree(shell.run("runs", "compare", "finished", "diverged", "--json").out());
        assertEquals(2, document.get("runs").size());
        assertEquals("optimizer.max_grad_norm", document.get("differences").get(0).get("key").textValue());
        assertEquals(2, shell.run("runs", "compare", "finished").exit(), "one run has nothing to be compared with");
    }

    /** With this learning rate each update makes the model worse: step 0 has the lowest loss. */
    @Test void theLossBeforeTheFirstUpdateIsNotCalledBest() throws IOException {
        Shell.Result worse = shell.run("train", "tiny.yaml", "--run", "worse", "--set", "schedule={type: constant, learning_rate: 3}");
        assertEquals(0, worse.exit(), worse.err());
        says(worse.out(), "nats/token before the first update; none after it is lower");
        assertFalse(worse.out().contains("best"), worse.out());
        int best = run("worse").at("/best_val_loss/step").intValue();
        assertTrue(best > 0, "step " + best);
        assertFalse(shell.run("runs", "compare", "worse", "finished").out().contains(" at 0"));
        assertEquals(0, shell.run("report", "worse", "--html", "worse.html").exit());
        assertFalse(shell.read("worse.html").contains("at step 0, perplexity"));
        assertEquals(0, shell.run("report", "worse", "finished", "--html", "worse.html").exit());
        assertFalse(shell.read("worse.html").contains(" at 0</td>"));
    }

    @Test void severalRunsMakeOneReport() throws IOException {
        assertEquals(0, shell.run("report", "finished", "early", "--html", "two.html").exit());
        says(shell.read("two.html"), "finished, early", "best validation loss", "train.early_stopping_patience");
    }

    @Test void removingTakesTheRunsThatAreNamedAndNothingElse() throws IOException {
        train(0, "old-1");
        train(0, "old-2");
        Path elsewhere = shell.write("elsewhere/kept.txt", "kept");
        Files.createSymbolicLink(directory.resolve("checkpoints/old-1/link"), elsewhere.getParent());
        Path kept = directory.resolve("checkpoints/finished");
        String before = TinyRun.listing(kept);

        Shell.Result unasked = shell.run("runs", "remove", "old-1");
        assertEquals(2, unasked.exit());
        says(unasked.err(), "old-1", "MB", "--yes");
        try (DirectoryLock lock = DirectoryLock.acquire(directory.resolve("checkpoints/old-2"))) {
            Shell.Result held = shell.run("runs", "remove", "old-1", "old-2", "--yes");
            assertEquals(3, held.exit());
            says(held.err(), "old-2 is being trained", "Nothing was removed");
        }
        assertTrue(Files.exists(directory.resolve("checkpoints/old-1")), "all named runs are removed, or none");

        Shell.Result removed = shell.run("runs", "remove", "old-1", "checkpoints/old-2", "--yes");
        assertEquals(0, removed.exit(), removed.err());
        assertFalse(Files.exists(directory.resolve("checkpoints/old-1")) || Files.exists(directory.resolve("checkpoints/old-2")));
        assertTrue(Files.exists(elsewhere), "what a link leads to stays");
        assertEquals(before, TinyRun.listing(kept));
        try (var left = Files.list(directory.resolve("checkpoints"))) {
            assertEquals(List.of(), left.map(path -> path.getFileName().toString()).filter(name -> name.contains("old")).toList());
        }
    }

    @Test void onATerminalRemovingAsks() throws Exception {
        train(0, "asked");
        Path run = directory.resolve("checkpoints/asked");
        for (String no : List.of("", "yess")) {
            try (Terminal terminal = Terminal.of(shell, "runs", "remove", "asked")) {
                terminal.waitFor("Remove checkpoints/asked (");
                terminal.waitFor("MB)? [y/N] ");
                terminal.type(no + "\r");
                terminal.waitFor("Nothing was removed.");
                assertEquals(0, terminal.end());
            }
            assertTrue(Files.exists(run), no);
        }
        try (Terminal terminal = Terminal.of(shell, "runs", "remove", "asked")) {
            terminal.waitFor("[y/N] ");
            terminal.type("y\r");
            terminal.waitFor("removed: checkpoints/asked");
            assertEquals(0, terminal.end());
        }
        assertFalse(Files.exists(run));
    }

    @Test void whatIsNoRunOfTheFolderIsNotRemoved() throws IOException {
        shell.write("project/config.yaml", "mine: 1\n");
        shell.write("project/finished/config.yaml", "mine: 1\n");
        says(shell.run("runs", "remove", "project", "--yes").err(), "project is no run in checkpoints", "Nothing was removed");
        says(shell.run("runs", "remove", "notes", "--yes").err(), "notes is no run in checkpoints");
        says(shell.run("runs", "remove", "finishd", "--yes").err(), "Did you mean finished?");
        for (String way : List.of("project", ".", "..", "checkpoints", "checkpoints/finished/step-000008", "checkpoints/../project",
            "project/finished")) {
            assertEquals(2, shell.run("runs", "remove", way, "--yes").exit(), way);
        }
        assertTrue(Files.exists(directory.resolve("project/config.yaml"))
            && Files.exists(directory.resolve("checkpoints/notes/readme.txt")));
    }

    @Test void theAdviceOfARefusedResumeWorks() {
        String message = shell.run("train", "--resume", "finished", "--set", "schedule.learning_rate=1.0e-2").err();
        Matcher command = Pattern.compile("`train ([^`]*)`").matcher(message);
        assertTrue(command.find(), message);
        String[] arguments = ("train " + command.group(1).replace("NAME", "from-finished")
            .replace("'model={init_from: ", "model={init_from:_")
            .replace(", dropout: ", ",_dropout:_").replace("}'", "}")).split(" ");
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace(":_", ": ").replace(",_", ", ");
        }
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), message + result.err());
    }

    @Test void helpGuessesToo() {
        assertEquals(shell.run("train", "--help").out(), shell.run("help", "train").out());
        says(shell.run("help", "embed", "neighbors").out(), "inkling embed neighbors");
        says(shell.run("help").out(), "Usage: inkling");
        Shell.Result unknown = shell.run("help", "tarin");
        assertEquals(2, unknown.exit());
        says(unknown.err(), "no command tarin", "Did you mean train?");
        says(shell.run("help", "embed", "neighbours").err(), "Did you mean neighbors?");
        says(shell.run("smaple").err(), "smaple", "sample");
    }
}
