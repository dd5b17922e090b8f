package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.docs.PageProgram;
import inkling.own.MadeTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Walks through pages of the documentation as a reader does: runs every {@code ./inkling …} of a page in its order, in one folder.
 * <ul>
 * <li>The long walk runs the commands exactly as printed.
 * <li>The quick walk leaves out benchmarks and the Shakespeare models. Its run files have tiny models and at most four updates.
 * </ul>
 * Both walks also train the shortest run file of docs/config.md for two updates.
 *
 * <p>Other programs ({@code mvn}, the scripts of {@code bench/}) are left to the build that runs them. On the pages that {@link #NOT_RUN}
 * names, every line is run, or {@code NOT_RUN} has the reason why it is not.
 */
@DisabledOnOs(OS.WINDOWS)
@Tag("training")
@Tag("process")
class DocsWalkTest {
    private static final String TINY = """
        name: %s
        data: {train: %s, tokenizer: {type: %s}}
        model: {n_layer: 2, n_head: 4, n_embd: 16, context_length: 128}
        schedule: {learning_rate: 1.0e-3}
        train: {max_steps: 4, batch_size: 2, eval_interval: 2, eval_batches: 2, sample: null}
        """;
    private static final Pattern UPDATES = Pattern.compile("(train\\.max_steps=)[0-9]+");

    /** For each page, the lines that are not run here: the beginning of the line, and the reason. */
    private static final Map<String, Map<String, String>> NOT_RUN = Map.of(
        "docs/serving.md", Map.of(
            "./inkling train CONFIG.yaml --dashboard", "its server outlives it by minutes; SteeredRunTest in pages/ runs it",
            "lm_eval ", "a program in Python"),
        "docs/tasks.md", Map.of(
            "lambada ", "what the command prints",
            "piqa ", "what the command prints"),
        "docs/elsewhere.md", Map.of(
            "llama-cli ", "llama.cpp; its libraries for Node and Java run in compat/",
            "llama-server ", "llama.cpp",
            "npm install node-llama-cpp", "fetched from the network; compat/ has it and runs the page's programs",
            "ollama create ", "Ollama",
            "ollama run ", "Ollama",
            "lms import ", "LM Studio",
            "from transformers import ", "a program in Python",
            "from peft import ", "a program in Python"),
        "docs/cluster.md", Map.of(
            "./inkling cluster ", "the module spark, whose tests train in one process, in several and on a standalone cluster",
            "export INKLING_CLUSTER_SECRET=", "for a cluster of several machines",
            "export SPARK_LOCAL_IP=", "for a cluster of several machines",
            "spark-submit ", "Spark's own distribution, on Kubernetes"));

    @TempDir Path directory;

    private static String text(String file) throws IOException {
        return Files.readString(Path.of(file), StandardCharsets.UTF_8);
    }

    private static boolean isMeasurementOrShakespeare(String command) {
        return command.contains("inkling bench ") || command.contains("shakespeare");
    }

    /** What a reader who follows the pages has: shipped run files, a text, a model, conversations. */
    private Shell reader(boolean quick) throws Exception {
        Shell shell = Shell.in(directory);
        PrintedCommand.run(shell, "./inkling data fetch");
        for (String name : List.of("dickens", "gpt2-124m", "shakespeare-char", "shakespeare-char-gpu", "finetune-macbeth")) {
            shell.write("configs/" + name + ".yaml", text("configs/" + name + ".yaml"));
        }
        String dickens = "datasets/dickens/dickens.txt";
        Path shakespeare = Fixtures.sharedIfThere("data/tinyshakespeare.txt").findFirst().orElse(directory.resolve(dickens));
        Files.createDirectories(directory.resolve("datasets/tinyshakespeare"));
        Files.copy(shakespeare, directory.resolve("datasets/tinyshakespeare/tinyshakespeare.txt"));
        shell.write("tiny-context.yaml", TINY.formatted("small", dickens, "bpe, vocab_size: 600").replace("128", "256"));
        PrintedCommand.run(shell, "./inkling train tiny-context.yaml");
        for (String model : List.of("path/to/model", "path/to/gpt2", "MODEL")) {
            Files.createDirectories(directory.resolve(model).toAbsolutePath().getParent());
            PrintedCommand.run(shell, "./inkling export small --to " + model);
        }
        if (quick) {
            shell.write("configs/dickens.yaml", TINY.formatted("dickens", dickens, "bpe, vocab_size: 1024"));
            shell.write("configs/finetune-macbeth.yaml", text("configs/finetune-macbeth.yaml").replace("max_steps: 300", "max_steps: 4")
                .replace("eval_batches: all", "eval_batches: 2").replace("sample: {interval: 150", "sample: {interval: 4"));
        }
        String text = Files.readString(directory.resolve(dickens));
        shell.write("my-text.txt", text.substring(0, 300_000));
        shell.write("path/to/my-text.txt", text.substring(0, 300_000));
        shell.write("other.txt", Fixtures.tales());
        StringBuilder talk = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            talk.append(("{\"messages\": [{\"role\": \"user\", \"content\": \"Who comes after %d?\"}, {\"role\": \"assistant\", "
                + "\"content\": \"%d.\"}]}\n")
                .formatted(i, i + 1));
        }
        shell.write("talk.jsonl", talk.toString());
        shell.write("other-talk.jsonl", talk.toString());
        shell.write("talk.json", talk.substring(0, talk.indexOf("\n")));
        return shell;
    }

    private void walk(Shell shell, String name, int least, boolean quick) throws Exception {
        DocsPage page = DocsPage.read(name);
        List<String> commands = page.commands().stream().filter(command -> !quick || !isMeasurementOrShakespeare(command)).toList();
        assertTrue(commands.size() >= least, name + ": " + commands);
        for (String block : page.blocks("json")) {
            new ObjectMapper().readTree(block);
        }
        for (String command : commands) {
            PrintedCommand.run(shell, quick ? UPDATES.matcher(command).replaceAll("$14") : command);
            if (command.startsWith("./inkling new mine ")) {       // "Or write mine.yaml yourself": the page's own file takes its place
                String written = page.blocks("yaml").get(0);
                shell.write("mine.yaml", quick ? written.replace("max_steps: 1000", "max_steps: 4")
                    .replace("n_embd: 128", "n_embd: 16") : written);
            }
        }
    }

    private void walkAll(boolean quick) throws Exception {
        try (Shell shell = reader(quick)) {
            walk(shell, "README.md", quick ? 3 : 6, quick);
            walk(shell, "docs/views.md", 14, quick);
            assertTrue(PageProgram.run(Path.of("docs/views.md"), directory).matches("(?s).*0\\.\\d+\\s*"), "an attention weight");
            walk(shell, "docs/tutorial.md", 11, quick);
            for (String run : List.of("mine", "finetune-macbeth")) {   // the next page uses these names again
                PrintedCommand.run(shell, "./inkling runs remove " + run + " --yes");
            }
            walk(shell, "docs/fine-tuning.md", 10, quick);
            String shortest = DocsPage.read("docs/config.md").blocks("yaml").get(0);
            shell.write("shortest.yaml", shortest);
            PrintedCommand.run(shell, "./inkling train shortest.yaml --set train.max_steps=2 --set train.eval_batches=1 --set "
                + "train.sample=null");
        }
    }

    @Test void commandsOfThePagesRunWithTinyModels() throws Exception {
        walkAll(true);
    }

    /** Takes half an hour. */
    @Test @Tag("long") void everyCommandOfThePagesRunsExactlyAsPrinted() throws Exception {
        walkAll(false);
    }

    /** What a reader of the other pages has: runs and models with the names that the pages use, files of tasks, a text. */
    private Shell otherReader() throws Exception {
        Shell shell = Shell.in(directory);
        PrintedCommand.run(shell, "./inkling data fetch dickens");
        shell.write("my-run.yaml", TINY.formatted("my-run", "datasets/dickens/dickens.txt", "bpe, vocab_size: 600"));
        for (String run : List.of("dickens", "other", "mine", "RUN")) {
            PrintedCommand.run(shell, "./inkling train my-run.yaml --run " + run);
        }
        for (String model : List.of("llama", "gpt2")) {
            Path copy = Files.createDirectories(directory.resolve("path/to/" + model));
            try (Stream<Path> files = Files.list(Fixtures.own(model))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        shell.write("text.txt", Fixtures.tales());
        shell.write("finetune.yaml", text("configs/finetune-macbeth.yaml"));
        PrintedCommand.run(shell, "./inkling train finetune.yaml --run tuned --set data.train=text.txt --set "
            + "model.init_from=path/to/llama --set finetune.lora='{rank: 2}' --set train.max_steps=3 "
            + "--set train.sample=null --set train.eval_batches=1");
        shell.write("hellaswag_val.jsonl", MadeTasks.hellaswag(20, 1));
        shell.write("lambada_test.jsonl", MadeTasks.lambada(20, 2));
        shell.write("valid.jsonl", MadeTasks.piqa(20, 3));
        shell.write("valid-labels.lst", MadeTasks.piqaLabels(20, 4));
        shell.write("ARC-Easy-Test.jsonl", MadeTasks.arc(20, 5));
        return shell;
    }

    /** Runs each line of a page that {@link #NOT_RUN} does not list; returns their number. The page must still have the listed lines. */
    private int walkOther(Shell shell, String name) throws Exception {
        DocsPage page = DocsPage.read(name);
        Map<String, String> not = NOT_RUN.get(name);
        List<String> lines = page.lines().stream().filter(line -> not.keySet().stream().noneMatch(line::startsWith)).toList();
        for (String line : lines) {
            assertTrue(line.startsWith("./inkling ") || line.startsWith("curl "), name + ": neither run nor listed: " + line);
        }
        for (String beginning : not.keySet()) {
            assertTrue(page.text().contains(beginning), name + " has no longer: " + beginning);
        }
        for (String block : page.blocks("json")) {
            new ObjectMapper().readTree(block);
        }
        List<String> requests = lines.stream().filter(line -> line.startsWith("curl ")).toList();
        for (String line : lines.stream().distinct().filter(line -> !requests.contains(line)).toList()) {
            boolean first = line.equals(lines.get(0));          // this line starts the server that the requests go to
            PrintedCommand.run(shell, line, address -> requests.stream().filter(r -> first).forEach(request -> answered(request, address)));
        }
        return lines.size();
    }

    /** Sends a request as it is printed, but to the address where this server listens; checks the answer. */
    private static void answered(String request, String address) {
        String asked = request.replace("http://127.0.0.1:8080", address);
        assertTrue(asked.contains(address), request);
        String answer = PrintedCommand.output(asked);
        assertTrue(answer.contains("\"choices\""), request + "\n" + answer);
        assertEquals(request.contains("\"stream\": true"), answer.contains("data: [DONE]"), answer);
    }

    /** Takes some minutes. */
    @Test @Tag("long") void everyLineOfTheOtherPagesRunsOrIsNamedWithTheReason() throws Exception {
        try (Shell shell = otherReader()) {
            assertTrue(walkOther(shell, "docs/serving.md") >= 5, "serving");
            assertTrue(walkOther(shell, "docs/tasks.md") >= 2, "tasks");
            assertTrue(walkOther(shell, "docs/elsewhere.md") >= 8, "elsewhere");
            assertTrue(walkOther(shell, "docs/cluster.md") >= 2, "cluster");
        }
    }
}
