package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.Says;
import inkling.TinyRun;
import inkling.own.MadeTasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code eval --tasks} as a user meets it. */
@Tag("process")
class TasksCommandTest {
    private static final int KILLS = 4;

    @TempDir
    static Path directory;
    private static Shell shell;

    @BeforeAll
    static void files() throws IOException {
        shell = Shell.in(directory);
        shell.write("arc.jsonl", MadeTasks.arc(70, 1));
        shell.write("lambada.jsonl", MadeTasks.lambada(40, 2));
        shell.write("mine.jsonl", MadeTasks.own(40, 3));
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    private static String gpt2() {
        return Fixtures.own("gpt2").toString();
    }

    private static void refused(String part, String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(2, result.exit(), result.err());
        assertTrue(result.err().contains(part), result.err());
    }

    @Test
    void theDocumentHasAFigureForEachTaskAndMetric() throws IOException {
        Shell.Result result = shell.run("eval", gpt2(), "--tasks", "arc=arc.jsonl", "lambada=lambada.jsonl", "--tasks",
            "mine=mine.jsonl", "--json");
        assertEquals(0, result.exit(), result.err());
        JsonNode tasks = new ObjectMapper().readTree(result.out()).get("tasks");
        assertEquals(List.of("arc acc 70", "arc acc_norm 70", "lambada acc 40", "lambada perplexity 40", "mine acc 40", "mine acc_norm 40"),
            Stream.of(0, 1, 2, 3, 4, 5).map(tasks::get)
            .map(t -> t.get("name").asText() + " " + t.get("metric").asText() + " " + t.get("items")).toList());
        tasks.forEach(task -> assertTrue(task.get("value").isDouble() && task.get("stderr").isDouble(), task.toString()));
        assertTrue(result.err().contains("arc: 70 of 70 items"), result.err());
        assertFalse(Files.exists(directory.resolve("checkpoints/.tasks")), "a finished evaluation leaves nothing behind");
    }

    @Test
    void figuresOfOneTaskWithTwoFilesNameTheFiles() throws IOException {
        shell.write("more.jsonl", MadeTasks.own(20, 4));
        Shell.Result result = shell.run("eval", gpt2(), "--tasks", "mine=mine.jsonl", "mine=more.jsonl", "lambada=lambada.jsonl");
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("mine (mine.jsonl)", "mine (mine.jsonl)", "mine (more.jsonl)", "mine (more.jsonl)", "lambada", "lambada"),
            result.out().lines().map(line -> line.replaceFirst(" +(acc|acc_norm|perplexity) .*", "")).toList());
        Says.says(result.err(), "mine (mine.jsonl): 40 items", "mine (more.jsonl): 20 items", "mine (more.jsonl): 20 of 20 items",
            "lambada: 40 of 40 items");
    }

    @Test
    void aRunKeepsTheFiguresOfItsCheckpointsForTheReport() throws IOException {
        TinyRun.files(directory);
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "measured", "--set", "data.tokenizer={type: bpe, vocab_size: 300}")
            .exit());
        for (List<String> asked : List.of(List.of("4", "mine.jsonl"), List.of("8", "./mine.jsonl"),
                List.of("8", directory.resolve("mine.jsonl").toString()))) {   // one file, however its path is written
            Shell.Result result = shell.run("eval", "measured", "--checkpoint", asked.get(0), "--tasks", "mine=" + asked.get(1));
            assertEquals(0, result.exit(), result.err());
            assertTrue(result.out().contains("guessing gives"), result.out());
        }
        List<String> rows = Files.readAllLines(directory.resolve("checkpoints/measured/tasks.csv"));
        assertEquals(List.of("4,mine,acc", "4,mine,acc_norm", "8,mine,acc", "8,mine,acc_norm"),
            rows.stream().skip(1).map(row -> String.join(",", List.of(row.split(",")).subList(0, 3))).toList());
        assertEquals(0, shell.run("report", "measured", "--html", "measured.html").exit());
        Says.says(shell.read("measured.html"), "Right answers, share", "<h2>Tasks</h2>");
        assertEquals(0, shell.run("train", "--resume", "measured", "--set", "train.max_steps=9").exit(), "the run still resumes");
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        refused("a text (--data PATH) or tasks (--tasks NAME=FILE), not both", "eval", gpt2());
        refused("not both", "eval", gpt2(), "--data", "arc.jsonl", "--tasks", "arc=arc.jsonl");
        refused("name a text (--data), or leave out --stride.", "eval", gpt2(), "--tasks", "arc=arc.jsonl", "--stride", "3");
        refused("no item of hellaswag, which has activity_label", "eval", gpt2(), "--tasks", "hellaswag=arc.jsonl");
        refused("only piqa has a second file", "eval", gpt2(), "--tasks", "arc=arc.jsonl,mine.jsonl");
    }

    /** Scoring a task can take hours. */
    @Test
    void theFaultsOfAllTasksAreToldBeforeTheFirstIsScored() throws IOException {
        shell.write("bad.jsonl", MadeTasks.own(1, 1) + "{\"context\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 2}\n");
        shell.write("worse.jsonl", "{\"context\": \"a\", \"endings\": [\"b\"], \"label\": 0}\n");
        shell.write("uneven.jsonl", "{\"question\": \"Where?\", \"choices\": {\"text\": [\"the mill\", \"the cup\"], \"label\": [\"A\"]},"
            + " \"answerKey\": \"A\"}\n");
        Shell.Result result = shell.run("eval", gpt2(), "--tasks", "arc=arc.jsonl", "mine=bad.jsonl", "other=worse.jsonl",
            "arc=uneven.jsonl");
        assertEquals(2, result.exit(), result.err());
        Says.says(result.err(), "bad.jsonl:2: label = 2", "worse.jsonl:1: endings", "at least 2 endings", "uneven.jsonl:1: choices",
            "has 2 texts and 1 labels");
        assertFalse(result.err().contains("70 items"), result.err());
    }

    /** Kills an evaluation of ten thousand items again and again. */
    @Test
    @Tag("long")
    void anEvaluationThatIsKilledGoesOnToTheSameNumbers() throws Exception {
        shell.write("many.jsonl", MadeTasks.hellaswag(10_000, 7));
        String[] command = {"eval", gpt2(), "--tasks", "hellaswag=many.jsonl", "--json"};
        String whole = shell.run(command).out();
        Path journals = directory.resolve("checkpoints/.tasks");
        int kills = 0;
        Process process = shell.process(List.of(), command).redirectErrorStream(false).start();
        for (long before = kept(journals); process.isAlive(); ) {
            if (kills < KILLS && kept(journals) > before) {   // more items are on disk than at the last kill
                process.destroyForcibly().waitFor();
                before = kept(journals);
                process = shell.process(List.of(), command).redirectErrorStream(false).start();
                kills++;
            }
            Thread.onSpinWait();
        }
        assertEquals(KILLS, kills);
        assertEquals(whole, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** The bytes of all journals together. */
    private static long kept(Path journals) throws IOException {
        if (!Files.exists(journals)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(journals)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9a-f]{16}") && Files.isRegularFile(file))
                .mapToLong(file -> file.toFile().length()).sum();
        } catch (UncheckedIOException | NoSuchFileException e) {
            return 0;   // an evaluation deletes its journal at its end
        }
    }
}
