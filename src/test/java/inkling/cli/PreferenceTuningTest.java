package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.TinyRun;
import inkling.data.chat.OwnChatTemplate;
import inkling.formats.ChatTemplate;
import inkling.own.Manners;
import inkling.run.TrainOutcome;
import inkling.run.TrainRun;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.Ending;
import inkling.train.MetricsCsv;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learning from pairs of answers as a user does it: the result, adapters, resumes, what is refused. */
@Tag("process")
class PreferenceTuningTest {
    private static final List<String> COLUMNS = Stream.concat(MetricsCsv.COLUMNS.stream(), MetricsCsv.PREFERENCE_COLUMNS.stream()).toList();
    private static final String LORA = "finetune={lora: {rank: 2, targets: [attn.c_attn, mlp.c_proj]}, preference: {beta: 0.2}}";

    @TempDir
    static Path directory;
    private static Shell shell;

    @BeforeAll
    static void trainABase() throws IOException {
        shell = Shell.in(directory);
        shell.write("talk.jsonl", Manners.conversations(400, 1));
        shell.write("pairs.jsonl", Manners.pairs(200, 2));
        shell.write("held-out.jsonl", Manners.pairs(50, 3));
        shell.write("talk.yaml", """
            name: talk
            threads: 1
            data: {train: talk.jsonl, format: messages}
            model: {init_from: %s}
            schedule: {learning_rate: 2.0e-3, min_learning_rate: 2.0e-4, warmup_steps: 10}
            train: {max_steps: 120, batch_size: 8, eval_interval: 120, sample: null}
            """.formatted(Fixtures.own("gpt2")));
        shell.write("manners.yaml", """
            name: manners
            threads: 1
            data: {train: pairs.jsonl, format: preferences, val: held-out.jsonl}
            model: {init_from: talk}
            finetune: {preference: {beta: 0.1}}
            schedule: {learning_rate: 1.0e-4, min_learning_rate: 1.0e-5, warmup_steps: 10}
            train: {max_steps: 40, batch_size: 8, log_interval: 10, eval_interval: 20, checkpoint_interval: 20, sample: null}
            """);
        ok("train", "talk.yaml");
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    private static Shell.Result ok(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    private static void refused(int exit, String part, String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(exit, result.exit(), result.err());
        assertTrue(result.err().contains(part), result.err());
    }

    private static double last(String run, String column) throws IOException {
        List<String> rows = Files.readAllLines(directory.resolve("checkpoints").resolve(run).resolve("metrics.csv"));
        assertEquals(String.join(",", COLUMNS), rows.get(0));
        return Double.parseDouble(rows.get(rows.size() - 1).split(",", -1)[COLUMNS.indexOf(column)]);
    }

    private static byte[] file(String name) throws IOException {
        return Files.readAllBytes(directory.resolve("checkpoints").resolve(name));
    }

    @Test
    void pairsThatWereHeldOutAreToldApartAndTheChosenAnswersStayLikely() throws IOException {
        Shell.Result trained = ok("train", "manners.yaml");
        assertTrue(trained.err().contains("200 training and 50 validation pairs"), trained.err());
        assertTrue(last("manners", "val_reward_accuracy") > 0.9, trained.err());
        assertTrue(last("manners", "val_reward_margin") > 0, trained.err());
        assertTrue(last("manners", "val_chosen_gain") > -0.5, trained.err());
        assertEquals(2 * 8 * 250, Files.size(directory.resolve("checkpoints/manners/reference.safetensors"))
            - header("checkpoints/manners/reference.safetensors"), "16 bytes a pair");
        assertTrue(trained.out().contains("nats/pair") && trained.out().contains("./inkling chat"), trained.out());
        ok("report", "manners", "--html", "report.html");
        String page = shell.read("report.html");
        assertTrue(Stream.of("Pairs ranked correctly", "Reward margin", "Log-probability of chosen answers", "pairs ranked correctly")
            .allMatch(page::contains), page);
    }

    private static long header(String file) throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve(file));
        return 8 + (bytes[0] & 0xFF) + ((bytes[1] & 0xFF) << 8);
    }

    /** A resume reads the base from the checkpoint. It needs neither the run that the base came from nor reference.safetensors. */
    @Test
    void adaptersAreResumedExactlyWithoutTheModelTheyBeganWith() throws IOException {
        ok("train", "talk.yaml", "--run", "parent", "--set", "train.max_steps=5");
        for (String run : new String[] {"whole", "parts"}) {
            ok("train", "manners.yaml", "--run", run, "--set", "model.init_from=parent", "--set", LORA, "--set", "train.log_interval=1",
                "--set", "schedule={learning_rate: 1.0e-2, decay_steps: 12, warmup_steps: 2}", "--set", "train.checkpoint_interval=6",
                "--set", "train.eval_interval=6", "--set", "train.max_steps=" + (run.equals("parts") ? 6 : 12));
        }
        assertEquals(0, Arrays.compare(file("whole/reference.safetensors"), file("parts/reference.safetensors")));
        Files.delete(directory.resolve("checkpoints/parts/reference.safetensors"));
        Files.move(directory.resolve("checkpoints/parent"), directory.resolve("moved away"));
        ok("train", "--resume", "parts", "--set", "train.max_steps=12");
        assertEquals(0, Arrays.compare(file("whole/reference.safetensors"), file("parts/reference.safetensors")),
            "the base without its adapters gives the bits of the model that the run began with");
        assertEquals(TinyRun.metrics(directory.resolve("checkpoints/whole")), TinyRun.metrics(directory.resolve("checkpoints/parts")));
        assertEquals(0, Arrays.compare(file("whole/step-000012/adapter_model.safetensors"),
            file("parts/step-000012/adapter_model.safetensors")));
        assertNotEquals(0, Arrays.compare(file("whole/step-000006/adapter_model.safetensors"),
            file("whole/step-000012/adapter_model.safetensors")));
    }

    @Test
    void aRunThatIsStoppedWhileItsReferenceIsComputedAgainTellsHowFarItIs() throws IOException {
        ok("train", "manners.yaml", "--run", "halted", "--set", LORA, "--set", "train.max_steps=3", "--set",
            "data.train=" + directory.resolve("pairs.jsonl"), "--set", "data.val=" + directory.resolve("held-out.jsonl"));
        Files.delete(directory.resolve("checkpoints/halted/reference.safetensors"));
        TrainOutcome outcome = TrainRun.resume("halted", directory.resolve("checkpoints"), List.of("train.max_steps=5"),
            new TrainingListener() { }, () -> true);
        assertEquals(Ending.STOPPED, outcome.ending());
        assertEquals(3, outcome.progress().step());
    }

    /** For pairs as for conversations, and also where adapters have to be merged before an export. */
    @Test
    void theOwnFormOfConversationsGoesOutAsAChatTemplate() throws IOException {
        ok("train", "manners.yaml", "--run", "preferring", "--set", "train.max_steps=1");
        ok("train", "manners.yaml", "--run", "adapted", "--set", "model.init_from=" + Fixtures.own("gpt2"), "--set", LORA, "--set",
            "train.max_steps=1");
        ok("merge", "adapted", "--to", "merged");
        for (String model : List.of("talk", "preferring", "merged")) {
            ok("export", model, "--to", model + "-hf");
            String template = shell.read(model + "-hf/chat_template.jinja");
            assertTrue(template.contains("<|assistant|>") && template.contains("<|endoftext|>"), template);
            ok("export", model, "--to", model + ".gguf", "--format", "gguf", "--type", "f32");
            assertEquals(Optional.of(template), ChatTemplate.read(directory.resolve(model + ".gguf")).text());
            assertTrue(shell.read(model + ".Modelfile").contains("TEMPLATE \"\"\"{{ range .Messages }}"), shell.read(model + ".Modelfile"));
        }
        ok("export", "adapted", "--adapter", "--to", "tuned-adapter");
        ok("merge", "tuned-adapter", "--to", "merged again");
        assertEquals(shell.read("merged/chat_template.jinja"), shell.read("merged again/chat_template.jinja"));
        ok("export", Fixtures.own("gpt2").toString(), "--to", "untaught");
        assertFalse(Files.exists(directory.resolve("untaught/chat_template.jinja")));
    }

    /** At its beginning, a run chooses a form for its conversations, and it learns that form. Version 0.1 chose by other rules. */
    @Test
    void theFormThatARunLearnedGoesOutInPlaceOfATemplateThatItCouldNotUse() throws IOException {
        Tokenizer tokenizer = TokenizerFiles.read(Fixtures.own("gpt2"));
        String own = OwnChatTemplate.jinja(tokenizer, SpecialIds.of(tokenizer));
        String usable = "{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}<|endoftext|>{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";
        assertEquals(own, exported("endless", "{{ something of their own }}", 2));
        assertEquals(usable, exported("usable", usable, 2));
        assertEquals(own, exported("first-version", usable, 1));
    }

    /**
     * Trains a run on conversations, from a model with the chat template {@code template}, and returns the chat template of its export.
     *
     * @param version the format version that the run's record names at the export
     */
    private static String exported(String run, String template, int version) throws IOException {
        Path base = Files.createDirectory(directory.resolve("base of " + run));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Fixtures.own("gpt2").resolve(name), base.resolve(name));
        }
        Files.writeString(base.resolve("chat_template.jinja"), template);
        ok("train", "talk.yaml", "--run", run, "--set", "model.init_from=" + base, "--set", "train.max_steps=1");
        Path record = directory.resolve("checkpoints").resolve(run).resolve("run.json");
        String written = Files.readString(record);
        assertTrue(written.contains("\"format_version\" : 2"), written);
        Files.writeString(record, written.replace("\"format_version\" : 2", "\"format_version\" : " + version));
        ok("export", run, "--to", run + "-hf");
        return shell.read(run + "-hf/chat_template.jinja");
    }

    @Test
    void withoutItsReferenceFileAFullTuningReadsItsFirstModelAgain() throws IOException {
        ok("train", "manners.yaml", "--run", "full", "--set", "train.max_steps=20");
        byte[] before = file("full/reference.safetensors");
        Files.delete(directory.resolve("checkpoints/full/reference.safetensors"));
        ok("train", "--resume", "full", "--set", "train.max_steps=21");
        assertEquals(0, Arrays.compare(before, file("full/reference.safetensors")));
        Files.write(directory.resolve("checkpoints/full/reference.safetensors"), Arrays.copyOf(before, before.length - 8));
        String wayOut = "Delete it: the next `train --resume` computes it again, from the model that the run began with.";
        refused(4, wayOut, "train", "--resume", "full", "--set", "train.max_steps=22");
        ok("train", "manners.yaml", "--run", "others", "--set", "data.train=held-out.jsonl", "--set", "train.max_steps=1");
        Files.write(directory.resolve("checkpoints/full/reference.safetensors"), file("others/reference.safetensors"));
        refused(4, "reference.safetensors is of other pairs", "train", "--resume", "full", "--set", "train.max_steps=22");
        refused(4, wayOut, "train", "--resume", "full", "--set", "train.max_steps=22");
    }

    @Test
    void wrongSettingsAndPairsAreRefused() throws IOException {
        refused(2, "Write finetune.preference: {beta: 0.1}", "train", "manners.yaml", "--run", "never", "--set",
            "finetune.preference=null");
        refused(2, "data.format = messages has none", "train", "manners.yaml", "--run", "never", "--set", "data.format=messages");
        refused(2, "preference tunes model.init_from", "train", "manners.yaml", "--run", "never", "--set", "model={n_layer: 1}",
            "--set", "data.tokenizer={type: char}");
        for (String other : List.of("{type: char}", "{type: char, fit: all}", "{type: bpe, vocab_size: 300}")) {
            refused(2, "differs from the tokenizer of model.init_from", "train", "manners.yaml", "--run", "never", "--set",
                "data={train: pairs.jsonl, format: preferences, tokenizer: " + other + "}");
        }
        refused(2, "beta = -1.0 must be positive", "train", "manners.yaml", "--run", "never", "--set", "finetune.preference={beta: -1.0}");
        shell.write("bad.jsonl", "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n{\"prompt\": \"a\", \"chosen\": 3, "
            + "\"rejected\": \"c\"}\n"
            + "{\"question\": \"a\", \"best\": \"b\"}\n{\"chosen\": \"b\", \"rejected\": \"c\"}\n");
        refused(2, "bad.jsonl:2: chosen is 3, expected a string", "train", "manners.yaml", "--run", "never", "--set",
            "data.train=bad.jsonl");
        refused(2, "bad.jsonl:3: has the keys question, best: no pair of answers that is known here. Known are prompt, chosen and rejected",
            "train", "manners.yaml", "--run", "never", "--set", "data.train=bad.jsonl");
        refused(2, "bad.jsonl:4: prompt", "train", "manners.yaml", "--run", "never", "--set", "data.train=bad.jsonl");
        refused(2, "holds pairs of answers", "new", "first", "--data", "pairs.jsonl", "--format", "preferences");
    }
}
