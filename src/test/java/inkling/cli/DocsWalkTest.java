package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.docs.PageProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Walks through pages of the documentation as a reader does: every {@code ./inkling …} of a page in its order, in one folder. The quick
 * walk has the same commands with shipped run files of a tiny model and at most four updates; the long one has them exactly as printed.
 * What is not Inkling's ({@code mvn}, the scripts of {@code bench/}) is left to the build that runs it.
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
    private static final Pattern FENCED = Pattern.compile("(?ms)^```([a-z]*)\n(.*?)^```");
    private static final Pattern COMMAND = Pattern.compile("(?m)^(?:    |\\$ )?(\\./inkling (?:.*\\\\\n)*.*)$");
    private static final Pattern INLINE = Pattern.compile("`(?:time )?(\\./inkling [^`]+)`");
    private static final Pattern UPDATES = Pattern.compile("(train\\.max_steps=)[0-9]+");

    @TempDir Path directory;

    /** The commands of a page in their order, each once; those of a table apart, since they are measurements, not steps. */
    private static List<String> commands(String page) {
        List<String> found = new ArrayList<>();
        for (String paragraph : page.split("(?m)^(?=\\s*$|```)")) {
            Matcher lines = COMMAND.matcher(paragraph);
            while (lines.find()) {
                found.add(lines.group(1).replace("\\\n", " "));
            }
            Matcher inline = INLINE.matcher(paragraph);
            while (inline.find()) {
                found.add(inline.group(1).replace("\n", " "));
            }
        }
        Set<String> once = new LinkedHashSet<>(found);
        once.remove("./inkling estimate");                      // a name of a command in a sentence
        return List.copyOf(once);
    }

    private static List<String> blocks(String page, String language) {
        return FENCED.matcher(page).results().filter(block -> block.group(1).equals(language)).map(block -> block.group(2)).toList();
    }

    private static String page(String name) throws IOException {
        return Files.readString(Path.of(name), StandardCharsets.UTF_8);
    }

    private static boolean isMeasurement(String command) {
        return command.contains("inkling bench ") || command.contains("shakespeare");
    }

    /** What a reader has who follows the pages: the shipped run files, a text, a model, conversations. */
    private Shell reader(boolean quick) throws Exception {
        Shell shell = Shell.in(directory);
        PrintedCommand.run(shell, "./inkling data fetch");
        for (String name : List.of("dickens", "gpt2-124m", "shakespeare-char", "shakespeare-char-gpu", "finetune-macbeth")) {
            shell.write("configs/" + name + ".yaml", page("configs/" + name + ".yaml"));
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
            shell.write("configs/finetune-macbeth.yaml", page("configs/finetune-macbeth.yaml").replace("max_steps: 300", "max_steps: 4")
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
        String page = page(name);
        List<String> commands = commands(page).stream().filter(command -> !quick || !isMeasurement(command)).toList();
        assertTrue(commands.size() >= least, name + ": " + commands);
        for (String block : blocks(page, "json")) {
            new ObjectMapper().readTree(block);
        }
        for (String command : commands) {
            PrintedCommand.run(shell, quick ? UPDATES.matcher(command).replaceAll("$14") : command);
            if (command.startsWith("./inkling new mine ")) {       // "Or write one yourself": the page's own file takes its place
                String written = blocks(page, "yaml").get(0);
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
            for (String run : List.of("mine", "finetune-macbeth")) {   // names that the next page uses anew
                PrintedCommand.run(shell, "./inkling runs remove " + run + " --yes");
            }
            walk(shell, "docs/fine-tuning.md", 10, quick);
            String shortest = blocks(page("docs/config.md"), "yaml").get(0);
            shell.write("shortest.yaml", shortest);
            PrintedCommand.run(shell, "./inkling train shortest.yaml --set train.max_steps=2 --set train.eval_batches=1 --set "
                + "train.sample=null");
        }
    }

    @Test void everyCommandOfThePagesRuns() throws Exception {
        walkAll(true);
    }

    /** Half an hour. */
    @Test @Tag("long") void everyCommandOfThePagesRunsExactlyAsPrinted() throws Exception {
        walkAll(false);
    }
}
