package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.TinyRun;
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

/** Commands on a trained model: fine-tuning, with adapters too, merging, export, chat. */
@Tag("process")
class FineTuningTest {
    private static final String LORA = "finetune.lora={rank: 2, dropout: 0.1, targets: [attn.c_attn, mlp.c_proj]}";

    @TempDir
    static Path directory;
    private static Shell shell;

    @BeforeAll
    static void trainABase() throws IOException {
        shell = Shell.in(directory);
        TinyRun.files(directory);
        shell.write("other.txt", Fixtures.dickens().substring(0, 8000));
        ok("train", "tiny.yaml", "--run", "base", "--set", "data.tokenizer={type: bpe, vocab_size: 300}");
        shell.write("tune.yaml", """
            name: tuned
            threads: 1
            data: {train: other.txt}
            model: {init_from: base}
            schedule: {learning_rate: 3.0e-3, warmup_steps: 2, decay_steps: 8}
            train: {max_steps: 8, batch_size: 2, log_interval: 1, eval_interval: 4, eval_batches: 2, checkpoint_interval: 4,
              keep_checkpoints: 9, sample: null}
            """);
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

    private static String hash(String run, long step, String file) throws IOException {
        return new ObjectMapper().readTree(directory.resolve("checkpoints/%s/step-%06d/manifest.json".formatted(run, step)).toFile())
            .at("/files/" + file + "/sha256").asText();
    }

    @Test
    void adaptersAreTrainedAndResumedExactlyWithoutTheModelTheyBeganWith() throws IOException {
        ok("train", "tiny.yaml", "--run", "parent", "--set", "data.tokenizer={type: bpe, vocab_size: 300}");
        String[] runs = {"whole", "parts"};
        for (String run : runs) {
            ok("train", "tune.yaml", "--run", run, "--set", "model.init_from=parent", "--set", LORA, "--set", "model.dropout=0.2",
                "--set", "train.max_steps=" + (run.equals("parts") ? 4 : 8));
        }
        Files.move(directory.resolve("checkpoints/parent"), directory.resolve("moved away"));
        ok("train", "--resume", "parts", "--set", "train.max_steps=8");
        for (String file : new String[] {"model.safetensors", "adapter_model.safetensors", "optimizer.safetensors", "progress.json"}) {
            assertEquals(hash("whole", 8, file), hash("parts", 8, file), file);
        }
        assertEquals(TinyRun.metrics(directory.resolve("checkpoints/whole")), TinyRun.metrics(directory.resolve("checkpoints/parts")));
        assertEquals(hash("whole", 0, "model.safetensors"), hash("whole", 8, "model.safetensors"), "the base is untouched");
        assertNotEquals(hash("whole", 4, "adapter_model.safetensors"), hash("whole", 8, "adapter_model.safetensors"));
    }

    /** Such a run trains only matrices of blocks. So AdamW, to which Muon leaves all other parameters, has none. */
    @Test
    void adaptersTrainedByMuonAreResumedExactly() throws IOException {
        for (String run : new String[] {"muon-whole", "muon-parts"}) {
            ok("train", "tune.yaml", "--run", run, "--set", LORA, "--set", "optimizer={type: muon}",
                "--set", "train.max_steps=" + (run.equals("muon-parts") ? 4 : 8));
        }
        ok("train", "--resume", "muon-parts", "--set", "train.max_steps=8");
        for (String file : new String[] {"adapter_model.safetensors", "optimizer.safetensors"}) {
            assertEquals(hash("muon-whole", 8, file), hash("muon-parts", 8, file), file);
        }
    }

    @Test
    void mergedWeightsComputeWhatTheAdaptersDo() throws IOException {
        ok("train", "tune.yaml", "--run", "adapted", "--set", LORA, "--set", "schedule.learning_rate=2.0e-2");
        ok("merge", "adapted", "--to", "merged");
        assertFalse(Files.exists(directory.resolve("merged/adapter_config.json")));
        double adapted = loss("adapted");
        assertEquals(adapted, loss("merged"), 1e-5);
        assertNotEquals(adapted, loss("base"), 1e-4);
        refused(2, "`merge MODEL --to DIR`", "export", "adapted", "--to", "never");
        refused(2, "has no adapters to merge", "merge", "base", "--to", "never");
        refused(2, "Merge them into full weights first", "train", "tune.yaml", "--run", "never", "--set", "model.init_from=adapted");
        refused(2, "exists already", "export", "base", "--to", "merged");
        ok("export", "base", "--to", "a/b/exported");
        refused(2, "--to a/b/exported: exists already", "export", "base", "--to", "a/b/exported");
    }

    private static double loss(String model) throws IOException {
        return new ObjectMapper().readTree(ok("eval", model, "--data", "other.txt", "--json").out()).get("loss").doubleValue();
    }

    @Test
    void aLlamaDirectoryIsFineTunedAndExportedAgain() throws IOException {
        ok("train", "tiny.yaml", "--run", "rotary", "--set", "data.tokenizer={type: bpe, vocab_size: 300}", "--set", "model.positions=rope",
            "--set", "model.norm=rms_norm", "--set", "model.activation=swiglu", "--set", "model.bias=false", "--set", "model.n_kv_head=1");
        ok("export", "rotary", "--to", "llama");
        assertEquals("llama", new ObjectMapper().readTree(directory.resolve("llama/config.json").toFile()).get("model_type").asText());
        assertEquals(loss("rotary"), loss("llama"));
        ok("train", "tune.yaml", "--run", "tuned-llama", "--set", "model.init_from=llama", "--set", "finetune.lora={targets: [mlp.c_gate]}",
            "--set", "schedule.learning_rate=2.0e-2");
        ok("merge", "tuned-llama", "--to", "merged-llama");
        assertEquals("llama", new ObjectMapper().readTree(directory.resolve("merged-llama/config.json").toFile())
            .get("model_type").asText());
        assertEquals(loss("tuned-llama"), loss("merged-llama"), 1e-5);
        assertNotEquals(loss("tuned-llama"), loss("llama"), 1e-4);
        Path alone = Files.createDirectory(directory.resolve("alone"));   // only adapters: adapter_config.json names the base
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(directory.resolve("checkpoints/tuned-llama/step-000008").resolve(file), alone.resolve(file));
        }
        assertEquals(new ObjectMapper().readTree(ok("eval", "checkpoints/tuned-llama/last", "--data", "other.txt", "--json").out()),
            new ObjectMapper().readTree(ok("eval", "alone", "--data", "other.txt", "--json").out()));
        ok("train", "tiny.yaml", "--run", "odd", "--set", "model.positions=none");
        refused(4, "the nearest, gpt2, cannot express positions: none.", "export", "odd", "--to", "o");
    }

    @Test
    void frozenWeightsHaveNoMomentsAndTheRunResumes() throws IOException {
        ok("train", "tune.yaml", "--run", "frozen", "--set", "finetune.freeze=[wte, wpe, h.0.attn, \"*.bias\"]");
        Path state = directory.resolve("checkpoints/frozen/step-000008/optimizer.safetensors");
        String moments = Files.readString(state, StandardCharsets.ISO_8859_1);
        assertTrue(moments.contains("exp_avg.h.0.mlp.c_fc.weight"));
        assertFalse(moments.contains("exp_avg.wte") || moments.contains("exp_avg.h.0.attn") || moments.contains(".bias"));
        ok("train", "--resume", "frozen", "--set", "train.max_steps=9");
    }

    @Test
    void whatDoesNotFitTheModelIsRefusedBeforeAnythingIsMade() throws IOException {
        refused(2, "data.tokenizer (290 tokens) differs from the tokenizer of model.init_from (300)",
            "train", "tune.yaml", "--run", "never", "--set", "data.tokenizer={type: bpe, vocab_size: 290}");
        refused(2, "freeze: \"h.9\" matches no weight; there are wte.weight,", "train", "tune.yaml", "--run", "never",
            "--set", "finetune.freeze=[h.9]");
        refused(2, "context_length = 17 is longer than the model's own 16", "train", "tune.yaml", "--run", "never",
            "--set", "train.context_length=17");
        refused(2, "mlp.c_gate is no weight of this model", "train", "tune.yaml", "--run", "never",
            "--set", "finetune.lora={targets: [mlp.c_gate]}");
        refused(2, "model.init_from: nowhere does not exist", "train", "tune.yaml", "--run", "never", "--set", "model.init_from=nowhere");
        ok("export", "base", "--to", "mute");
        for (String file : new String[] {"tokenizer.json", "vocab.json", "merges.txt"}) {
            Files.delete(directory.resolve("mute").resolve(file));
        }
        refused(4, "has no tokenizer", "train", "tune.yaml", "--run", "never", "--set", "model.init_from=mute");
        refused(4, "has no tokenizer", "chat", "mute");
        refused(4, "has no tokenizer", "eval", "mute", "--data", "other.txt");
        ok("sample", "mute", "--prompt-ids", "5,6", "--max-tokens", "3");
        assertFalse(Files.exists(directory.resolve("checkpoints/never")));
    }

    @Test
    void aFewConversationsTeachAModelToAnswer() throws Exception {
        String[][] known = {{"Who are you?", "A small model."}, {"What is the sea?", "Salt water."}, {"Say yes.", "No."},
            {"Where is Nell?", "Away."}};
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            String[] pair = known[i % 4];
            lines.append("{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n"
                .formatted(pair[0], pair[1]));
        }
        shell.write("talk.jsonl", lines.toString());
        shell.write("talk.yaml", """
            name: talk
            threads: 1
            data: {train: talk.jsonl, format: messages, tokenizer: {type: bpe, vocab_size: 300}}
            model: {n_layer: 1, n_head: 2, n_embd: 32, context_length: 64}
            schedule: {learning_rate: 1.0e-2, warmup_steps: 5, decay_steps: 120}
            train: {max_steps: 120, batch_size: 8, eval_interval: 60, sample: null}
            """);
        ok("train", "talk.yaml");
        String asTrained = ok("eval", "talk", "--data", "talk.jsonl", "--json").out();
        assertEquals(asTrained, ok("eval", "talk", "--data", "talk.jsonl", "--format", "messages", "--json").out());
        assertTrue(new ObjectMapper().readTree(asTrained).get("loss").doubleValue() < 0.5, asTrained);
        Shell.Result asText = shell.run("eval", "talk", "--data", "talk.jsonl", "--format", "text", "--json");
        assertTrue(new ObjectMapper().readTree(asText.out()).get("loss").doubleValue() > 2, asText.out());
        assertTrue(asText.err().contains("talk.jsonl: JSON that is read as plain text"), asText.err());
        assertTrue(shell.run("eval", "base", "--data", "talk.jsonl").err().contains("Format messages reads the records"),
            "base learned from text");
        refused(2, "(Read as messages, the format that the run learned from; --format names another one.)", "eval", "talk", "--data",
            "other.txt");
        refused(2, "format prose is none of text, jsonl_text, messages", "eval", "talk", "--data", "other.txt", "--format", "prose");
        refused(2, "--stride is for running text", "eval", "talk", "--data", "talk.jsonl", "--stride", "4");
        Process chat = shell.process(List.of(), "chat", "talk", "--temperature", "0").redirectErrorStream(false).start();
        chat.getOutputStream().write("Say yes.\nWho are you?\n".getBytes(StandardCharsets.UTF_8));
        chat.getOutputStream().close();
        String out = new String(chat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("No.", out.lines().findFirst().orElse(""));
        assertEquals(0, Shell.exitOf(chat));
        Shell.Result changed = shell.run("train", "--resume", "talk", "--set", "train.max_steps=121");
        assertEquals(0, changed.exit(), changed.err());
        shell.write("talk.jsonl", lines.toString().replace("Away", "Gone"));
        refused(2, "changed since the run began", "train", "--resume", "talk", "--set", "train.max_steps=122");
    }
}
