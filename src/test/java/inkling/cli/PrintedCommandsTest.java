package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.own.MadeTasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Runs the commands that a training prints at its end, and the examples in the help of each command. A shell splits each into words. The
 * examples that take long are parsed; a test of the tag {@code long} runs them.
 */
@DisabledOnOs(OS.WINDOWS)
@Tag("training")
@Tag("process")
class PrintedCommandsTest {
    /** A run so small that any number of updates takes seconds. It learns nothing, so early stopping ends it soon. */
    private static final String CONFIG = """
        name: %s
        data: {train: %s, tokenizer: {type: bpe, vocab_size: 600}}
        model: {n_layer: 2, n_head: 4, n_embd: 16, context_length: 64}
        schedule: {type: constant, learning_rate: 1.0e-30}
        train: {max_steps: 4, batch_size: 2, eval_interval: 2, eval_batches: 2, early_stopping_patience: 2, sample: null}
        """;

    @TempDir static Path directory;
    private static final List<String> EXAMPLES = new ArrayList<>();   // see examples()
    private static Shell shell;

    @BeforeAll static void prepare() throws Exception {
        shell = Shell.in(directory);
        done(shell.run("data", "fetch"));
        for (String name : List.of("dickens", "gpt2-124m")) {
            shell.write("configs/" + name + ".yaml", CONFIG.formatted(name, "datasets/dickens/dickens.txt"));
        }
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static Shell.Result done(Shell.Result result) {
        assertEquals(0, result.exit(), result.err() + result.out());
        return result;
    }

    private static void run(String line) throws Exception {
        PrintedCommand.run(shell, line);
    }

    private static List<String> next(Shell.Result training) {
        List<String> lines = training.out().lines().dropWhile(line -> !line.equals("Next:")).skip(1).takeWhile(line -> !line.isEmpty())
            .toList();
        assertTrue(lines.size() > 1, training.out() + training.err());
        assertTrue(lines.stream().allMatch(line -> line.startsWith("  ./inkling ")), training.out());
        return lines;
    }

    private static void runNext(Shell.Result training) throws Exception {
        for (String line : next(done(training))) {
            run(line);
        }
    }

    @Test void afterATraining() throws Exception {
        Shell.Result training = shell.run("train", "configs/dickens.yaml", "--run", "whole");
        assertTrue(training.out().contains("train --resume checkpoints/whole --set train.max_steps=8 "), training.out());
        String browser = "\n\nLook at it in the browser: ";
        assertTrue(training.out().contains(browser), "what does not end by itself stands on a line of its own: " + training.out());
        run(training.out().substring(training.out().indexOf(browser) + browser.length()).strip());
        runNext(training);
    }

    @Test void afterATrainingThatRanOutOfTime() throws Exception {
        Shell.Result training = shell.run("train", "configs/dickens.yaml", "--run", "short", "--set", "train.max_minutes=1e-9",
            "--set", "train.max_steps=3");
        assertTrue(done(training).out().contains("Time is up after 0 updates"), training.out());
        assertEquals(List.of("  ./inkling train --resume checkpoints/short    # continues to the end"),
            training.out().lines().dropWhile(line -> !line.equals("Next:")).skip(1).toList());
        run("./inkling train --resume checkpoints/short");
        assertEquals("step-000003", shell.read("checkpoints/short/last").strip());
    }

    @Test void afterATrainingThatNoLongerImproved() throws Exception {
        Shell.Result training = shell.run("train", "configs/dickens.yaml", "--run", "early", "--set", "train.max_steps=6");
        assertTrue(done(training).out().contains("Stopped early"), training.out());
        runNext(training);
        assertEquals("step-000006", shell.read("checkpoints/early/last").strip());
    }

    /** The printed prompts come from the text: a tokenizer of Chinese characters knows no "It was". */
    @Test void afterATextOfOtherLettersAndQuotes() throws Exception {
        shell.write("zh.txt", "“床前明月光，疑是地上霜。”\n举头望明月，低头思故乡。\n".repeat(40));
        shell.write("zh.yaml", CONFIG.formatted("zh", "zh.txt").replace("{type: bpe, vocab_size: 600}", "{type: char}"));
        runNext(shell.run("train", "zh.yaml"));
        shell.write("odd.txt", "$1 `2` 3! 4?\n".repeat(400));
        shell.write("odd.yaml", CONFIG.formatted("odd", "odd.txt").replace("{type: bpe, vocab_size: 600}", "{type: char}"));
        runNext(shell.run("train", "odd.yaml"));
    }

    @Test void afterATrainingOnConversations() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            lines.append(("{\"messages\": [{\"role\": \"user\", \"content\": \"what is %d?\"}, {\"role\": \"assistant\", "
                + "\"content\": \"%d\"}]}\n")
                .formatted(i, i));
        }
        shell.write("talk.jsonl", lines.toString());
        shell.write("talk.yaml", CONFIG.formatted("talk", "talk.jsonl").replace("vocab_size: 600}", "vocab_size: 260}, format: messages"));
        Shell.Result training = shell.run("train", "talk.yaml");
        assertTrue(next(done(training)).get(0).startsWith("  ./inkling chat checkpoints/talk "), training.out());
        runNext(training);
    }

    /** Whether an example measures this machine for seconds, or trains hundreds of updates. */
    private static boolean takesLong(String example) {
        return example.matches("  inkling (bench|estimate|new|sweep)\\b.*");
    }

    @Test void theExamplesOfEveryHelp() throws Exception {
        for (String line : examples()) {
            if (takesLong(line)) {
                Main.commandLine().parseArgs(PrintedCommand.words(line));
            } else {
                run(line);
            }
        }
    }

    @Test @Tag("long") void theExamplesThatTakeLong() throws Exception {
        for (String line : examples()) {
            if (takesLong(line)) {
                run(line);
            }
        }
    }

    /**
     * The examples of all help texts, except those that begin with {@code inkling train configs}. The first call runs these, and writes the
     * other files that the examples read.
     */
    private static List<String> examples() throws Exception {
        if (!EXAMPLES.isEmpty()) {
            return EXAMPLES;
        }
        List<String> examples = new ArrayList<>();
        collect(Main.commandLine(), examples);
        assertTrue(examples.size() > 25, examples.toString());
        List<String> first = examples.stream().filter(line -> line.startsWith("  inkling train configs")).toList();
        assertFalse(first.isEmpty());
        for (String line : first) {
            run(line);
        }
        copy(Fixtures.own("gpt2"), directory.resolve("path/to/model"));
        shell.write("configs/adapters.yaml", """
            name: finetune-macbeth
            data: {train: datasets/macbeth/macbeth.txt}
            model: {init_from: checkpoints/dickens}
            finetune: {lora: {rank: 2}}
            schedule: {learning_rate: 1.0e-3}
            train: {max_steps: 1, eval_batches: 1, batch_size: 2, sample: null}
            """);
        done(shell.run("train", "configs/adapters.yaml"));
        done(shell.run("train", "configs/dickens.yaml", "--run", "assistant"));
        StringBuilder vectors = new StringBuilder();
        for (String word : List.of("king", "woman", "man", "queen", "cat", "cats", "one", "two", "three", "four")) {
            vectors.append(word).append(' ').append(word.length()).append(' ').append((int) word.charAt(0)).append(" 1\n");
        }
        shell.write("vectors.txt", vectors.toString());
        shell.write("my-book.txt", Fixtures.tales());
        shell.write("letters/first.txt", Fixtures.tales());
        shell.write("talk.json", "{\"messages\": [{\"role\": \"user\", \"content\": \"Who wrote Hamlet?\"}]}");
        shell.write("hellaswag_val.jsonl", MadeTasks.hellaswag(4, 1));
        shell.write("valid.jsonl", MadeTasks.piqa(4, 1));
        shell.write("valid-labels.lst", MadeTasks.piqaLabels(4, 1));
        examples.removeAll(first);
        examples.sort(Comparator.comparing(line -> line.startsWith("  inkling runs remove")));   // last: the others need those runs
        EXAMPLES.addAll(examples);
        return EXAMPLES;
    }

    private static void collect(CommandLine command, List<String> examples) {
        Arrays.stream(command.getCommandSpec().usageMessage().footer()).filter(line -> line.startsWith("  inkling "))
            .forEach(examples::add);
        command.getSubcommands().values().stream().distinct().forEach(sub -> collect(sub, examples));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
