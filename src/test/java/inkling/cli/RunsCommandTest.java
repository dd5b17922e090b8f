package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runs}: what a folder of runs tells of each. */
@Tag("process")
class RunsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void trainAFew() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        train(0, "finished");
        train(0, "early", "train.early_stopping_patience=1", "schedule.learning_rate=1.0e-9", "schedule.min_learning_rate=0", "train.max_steps=80",
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
        return StreamSupport.stream(list().get("runs").spliterator(), false).filter(run -> run.get("name").textValue().equals(name)).findFirst()
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
        double best = rows.stream().skip(1).map(row -> row.split(",", -1)[3]).filter(loss -> !loss.isEmpty()).mapToDouble(Double::parseDouble)
            .min().orElseThrow();
        assertEquals(best, run.get("best_val_loss").get("loss").doubleValue());
        try (var files = Files.walk(directory.resolve("checkpoints/finished"))) {
            assertEquals(files.map(Path::toFile).filter(java.io.File::isFile).mapToLong(java.io.File::length).sum(), run.get("bytes").longValue());
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
            assertEquals(8, run("killed").get("step").intValue(), "of what is logged");
        }
        assertEquals("stopped", run("killed").get("state").textValue());
        assertEquals(4, run("killed").get("step").intValue(), "of what is saved");
    }

    @Test void theTableNamesEachRunAndWhatCannotBeRead() {
        Shell.Result result = shell.run("runs");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().lines().anyMatch(line -> line.matches("finished +finished +8 of 8 +\\d\\.\\d{4} at 8 +\\d\\.\\d{4} at 8 +\\d+ s +\\d\\.\\d MB +char")),
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
}
