package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.engine.Devices;
import inkling.formats.Directories;
import inkling.formats.FamilyConfigs;
import inkling.perf.ParameterTally;
import inkling.run.RunArchitecture;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model directory of each family is fine-tuned, frozen, adapted, merged, looked into, and exported with the keys that it came with. */
@Tag("process")
class FamilyRoundTripTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll
    static void begin() throws IOException {
        shell = Shell.in(directory);
        shell.write("text.txt", Fixtures.macbeth().substring(0, 3000));
        shell.write("tune.yaml", """
            name: tuned
            threads: 1
            data: {train: text.txt}
            model: {init_from: base}
            schedule: {type: constant, learning_rate: 1.0e-2}
            train: {max_steps: 1, batch_size: 2, context_length: 16, eval_batches: 1, sample: null}
            """);
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    static Set<String> families() {
        return FamilyConfigs.all().keySet();
    }

    private static Shell.Result ok(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), String.join(" ", arguments) + "\n" + result.err());
        return result;
    }

    private static void train(String from, String run, String... more) {
        ok(Stream.concat(Stream.of("train", "tune.yaml", "--run", run, "--set", "model.init_from=" + from), Stream.of(more))
            .toArray(String[]::new));
    }

    private static double loss(String model) throws IOException {
        return JSON.readTree(ok("eval", model, "--data", "text.txt", "--json").out()).get("loss").doubleValue();
    }

    private static JsonNode config(Path model) throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
        config.remove("inkling");
        return config;
    }

    @ParameterizedTest
    @MethodSource("families")
    void commandsTakeEachFamily(String family) throws IOException {
        String name = "m" + new ArrayList<>(families()).indexOf(family);
        ObjectNode json = FamilyConfigs.all().get(family);
        Path base = directory.resolve(name);
        try (NDManager manager = Devices.manager(Device.cpu())) {
            FamilyConfigs.write(base, json, manager);
        }
        for (Map.Entry<String, byte[]> file : TokenizerFiles.files(new BpeTrainer(257).add("a").train()).entrySet()) {
            Files.write(base.resolve(file.getKey()), file.getValue());
        }
        json.put("torch_dtype", "float32");

        // the commands below take a run's last checkpoint, even if another one has the lowest validation loss
        train(name, name + "-still", "--set", "schedule.learning_rate=1.0e-30", "--set", "optimizer.weight_decay=0", "--set",
            "model.dropout=0.1");
        ok("export", name + "-still/last", "--to", name + "-still-hf");
        Path still = directory.resolve(name + "-still-hf");
        assertEquals(Directories.bytes(base), Directories.bytes(still));
        assertEquals(json.put("attention_dropout", 0.1), config(still), "every key as it came, but for what changed");

        train(name, name + "-full");
        ok("export", name + "-full/last", "--to", name + "-hf");
        Map<String, ByteBuffer> changed = Directories.bytes(directory.resolve(name + "-hf"));
        assertEquals(Directories.bytes(base).keySet(), changed.keySet());
        assertEquals(loss(name + "-full/last"), loss(name + "-hf"));
        assertNotEquals(loss(name), loss(name + "-hf"), 1e-4);

        train(name, name + "-frozen", "--set", "finetune.freeze=[\"h.0.*\"]");
        ok("export", name + "-frozen/last", "--to", name + "-frozen-hf");
        Map<String, ByteBuffer> before = Directories.bytes(base);
        Directories.bytes(directory.resolve(name + "-frozen-hf")).forEach((tensor, bytes) ->
            assertEquals(tensor.contains("layers.0."), bytes.equals(before.get(tensor)), tensor));

        train(name, name + "-lora", "--set", "finetune.lora={rank: 2, targets: [attn.c_attn, attn.c_proj, mlp.c_fc, mlp.c_proj]}",
            "--set", "train.max_steps=3");
        ok("merge", name + "-lora/last", "--to", name + "-merged");
        assertEquals(json.put("attention_dropout", 0.0), config(directory.resolve(name + "-merged")));
        assertEquals(loss(name + "-lora/last"), loss(name + "-merged"), 1e-5);
        assertNotEquals(Directories.bytes(base), Directories.bytes(directory.resolve(name + "-merged")));

        for (String view : List.of("attention", "lens")) {
            ok(view, name + "-hf", "--prompt", "Enter the", "--json");
        }
        ok("trace", name + "-hf", "--word", "the", "--in", "Enter the", "--in", "the", "--json");
        ok("compare", name + "-hf", "--prompt", "the", "--with", "Enter ", "--json");
        ok("embed", "neighbors", name + "-hf", "a", "--json");
        JsonNode params = JSON.readTree(ok("params", name, "--json").out());
        RunConfig tuned = ConfigFile.read(directory.resolve("tune.yaml"), List.of("model.init_from=" + base));
        assertEquals(params.get("parameters").longValue(),
            ParameterTally.of(RunArchitecture.of(tuned, directory, OptionalInt.empty())).parameters(), "what estimate tells");
        if (name.equals("m0")) {   // estimate measures this machine's speed for seconds, whatever the family
            JsonNode estimate = JSON.readTree(ok("estimate", "tune.yaml", "--set", "model.init_from=" + name, "--json").out());
            assertEquals(params.get("parameters"), estimate.get("parameters"));
        }
        JsonNode sampled = JSON.readTree(ok("sample", name + "-hf", "--prompt", "Enter", "--max-tokens", "20", "--temperature", "0",
            "--ignore-eos",
            "--json").out());
        assertGreedy(sampled, name + "-hf");
    }

    /** Checks that each token that was drawn with the key/value cache also has rank 1 in one pass over the whole text. */
    private static void assertGreedy(JsonNode sampled, String model) throws IOException {
        List<String> ids = new ArrayList<>();
        sampled.get("prompt_ids").forEach(id -> ids.add(id.asText()));
        int prompt = ids.size();
        sampled.at("/samples/0/ids").forEach(id -> ids.add(id.asText()));
        JsonNode scored = JSON.readTree(ok("score", model, "--prompt-ids", String.join(",", ids), "--json").out());
        assertTrue(ids.size() >= prompt + 20);
        for (int at = prompt; at < ids.size(); at++) {
            assertEquals(1, scored.get("positions").get(at).get("rank").intValue(), "token " + at + " of " + ids);
        }
    }
}
