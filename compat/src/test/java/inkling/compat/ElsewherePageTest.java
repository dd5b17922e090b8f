package inkling.compat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.engine.ComputeContext;
import inkling.io.gguf.GgufType;
import inkling.run.LoadedModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs Inkling's commands, the program for Node and the program for Java of docs/elsewhere.md, in the order of the page. What the page
 * marks as not run is left out.
 */
class ElsewherePageTest {
    private static final Path PAGE = Needs.ROOT.resolve("docs/elsewhere.md");
    private static final Pattern BLOCK = Pattern.compile("(?m)^```(sh|js|java)\n(.*?)^```", Pattern.DOTALL);
    private static final String CLASS_PATH = classPath();

    @TempDir
    Path directory;

    @Test void eachCommandOfInklingAndTheProgramsForNodeAndJavaDoWhatThePageSays() throws IOException, InterruptedException {
        LlamaCpp.install();
        prepare();
        List<String> done = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(Files.readString(PAGE));
        while (blocks.find()) {
            done.add(blocks.group(1));
            switch (blocks.group(1)) {
                case "sh" -> {
                    for (String line : blocks.group(2).strip().split("\n")) {
                        assertTrue(line.startsWith("./inkling "), line);
                        inkling(words(line).subList(1, words(line).size()));
                    }
                }
                case "js" -> node(blocks.group(2));
                default -> java(blocks.group(2));
            }
        }
        assertEquals(List.of("sh", "js", "java", "sh", "sh", "sh", "sh"), done);
        assertRunsAreTheSame();
        for (String file : List.of("dickens.gguf", "dickens.Modelfile", "from-gguf/config.json", "dickens-hf/model.safetensors",
            "tuned-adapter/adapter_model.safetensors", "tuned-merged/config.json", "tuned.gguf")) {
            assertTrue(Files.exists(directory.resolve(file)), file);
        }
    }

    /** Asserts that llama.cpp gives the ids, probabilities and greedy text of two runs, one of them with a tokenizer of characters. */
    private void assertRunsAreTheSame() throws IOException, InterruptedException {
        inkling(List.of("train", Needs.ROOT.resolve("configs/macbeth-char.yaml").toString(), "--run", "characters", "--set",
            "data.train=text.txt", "--set", "train.max_steps=20", "--set", "train.eval_batches=2", "--set", "train.sample=null"));
        ComputeContext context = ComputeContext.of("cpu");
        context.enter();
        List<String> texts = List.of("It was the old", "and, said the");
        List<Subject> runs = new ArrayList<>();
        for (String run : List.of("dickens", "characters")) {
            LoadedModel model = LoadedModel.open(directory.resolve("checkpoints").resolve(run), context);
            runs.add(new Subject(run, model.gpt(), model.beside(), texts, model.requireTokenizer("it").encode("It was the old man"), 4e-3));
        }
        List<LlamaCpp.Answer> answers = LlamaCpp.ask(directory, runs.stream().map(run -> run.question(run.export(directory, GgufType.F32)))
            .toList());
        for (int i = 0; i < runs.size(); i++) {
            Subject run = runs.get(i);
            for (int text = 0; text < texts.size(); text++) {
                assertEquals(Arrays.stream(run.tokenizer().encode(texts.get(text))).boxed().toList(), answers.get(i).ids().get(text));
            }
            double[][] ours = run.logprobs(run.sequence());
            for (int t = 0; t < ours.length; t++) {
                assertArrayEquals(ours[t], answers.get(i).logprobs()[t], run.bound(), run.name());
            }
            assertEquals(run.greedy(), answers.get(i).greedy(), run.name());
            run.gpt().close();
        }
    }

    /** Trains the two runs that the page uses: a short one of the quickstart's run file, and one that adds adapters to a model. */
    private void prepare() throws IOException {
        Files.writeString(directory.resolve("text.txt"), dickens().substring(0, 60_000));
        inkling(List.of("train", Needs.ROOT.resolve("configs/dickens.yaml").toString(), "--set", "data.train=text.txt", "--set",
            "train.max_steps=20", "--set", "train.eval_batches=2", "--set", "train.sample=null", "--set", "train.batch_size=4", "--set",
            "schedule.warmup_steps=2"));
        inkling(List.of("train", Needs.ROOT.resolve("configs/finetune-macbeth.yaml").toString(), "--run", "tuned", "--set",
            "data.train=text.txt", "--set", "model.init_from=" + Needs.own("llama"), "--set", "finetune.lora={rank: 2}", "--set",
            "train.max_steps=3", "--set", "train.batch_size=2", "--set", "train.context_length=32", "--set",
            "train.sample=null", "--set", "train.eval_batches=1"));
    }

    private static List<String> words(String line) {
        return Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line).results()
            .map(word -> word.group(1) == null ? word.group(2) : word.group(1)).toList();
    }

    private void inkling(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx512m", "-cp", CLASS_PATH, "inkling.cli.Main"));
        command.addAll(arguments);
        run(command);
    }

    private void node(String program) throws IOException {
        Files.writeString(directory.resolve("example.mjs"), program);
        Files.createSymbolicLink(directory.resolve("node_modules"), Path.of("node_modules").toAbsolutePath());
        run(List.of("node", "example.mjs"));
    }

    private void java(String program) throws IOException {
        Path source = Files.writeString(directory.resolve("Example.java"), program);
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-cp", CLASS_PATH, "-d",
            directory.toString(), source.toString()));
        String out = run(List.of(java(), "-cp", directory + ":" + CLASS_PATH, "Example"));
        assertTrue(out.contains("It was"), out);
    }

    private String run(List<String> command) {
        try {
            Path log = Files.createTempFile(directory, "out", ".txt");
            Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " took more than 180 s");
            }
            int exit = process.exitValue();
            String out = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            assertEquals(0, exit, String.join(" ", command.subList(Math.max(0, command.size() - 6), command.size())) + "\n" + out);
            return out;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The class path with absolute entries, because the programs run in another directory. */
    private static String classPath() {
        return String.join(":", Arrays.stream(System.getProperty("java.class.path").split(":"))
            .map(entry -> Path.of(entry).toAbsolutePath().toString()).toList());
    }

    private static String dickens() throws IOException {
        try (InputStream in = ElsewherePageTest.class.getResourceAsStream("/dickens.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
