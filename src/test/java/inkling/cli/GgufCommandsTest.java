package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.formats.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A GGUF file is a MODEL like any other: it is sampled, scored, fine-tuned and exported again. The adapters of that fine-tuning are
 * exported, evaluated and merged.
 */
@Tag("process")
@Tag("training")
class GgufCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;
    private static Shell shell;

    @BeforeAll
    static void begin() throws IOException {
        shell = Shell.in(directory);
        shell.write("text.txt", Fixtures.tales().substring(0, 3000));
        for (String model : List.of("gpt2", "llama")) {
            ok("export", Fixtures.own(model).toString(), "--to", model + ".gguf", "--format", "gguf", "--type", "f32");
        }
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    private static Shell.Result ok(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), String.join(" ", arguments) + "\n" + result.err());
        return result;
    }

    private static JsonNode answer(String... arguments) throws IOException {
        return JSON.readTree(ok(arguments).out());
    }

    private static String ids(String model) throws IOException {
        return answer("sample", model, "--prompt", "Bruno", "--temperature", "0", "--max-tokens", "40", "--json")
            .at("/samples/0/ids").toString();
    }

    @Test void aFileComputesTheSameAsItsOriginal() throws IOException {
        for (String model : List.of("gpt2", "llama")) {
            String original = Fixtures.own(model).toString();
            String file = model + ".gguf";
            assertEquals(ids(original), ids(file));
            assertEquals(answer("score", original, "--prompt", "The old house", "--json"), answer("score", file, "--prompt",
                "The old house", "--json"));
            assertEquals(answer("eval", original, "--data", "text.txt", "--json"), answer("eval", file, "--data", "text.txt", "--json"));
            assertEquals(answer("params", original, "--json"), answer("params", file, "--json"));
            assertEquals(answer("tokenize", original, "--text", "Bruno é", "--json"), answer("tokenize", file, "--text", "Bruno é",
                "--json"));
            ok("embed", "neighbors", file, "h", "--top", "2");
            ok("export", file, "--to", model + "-again");
            assertEquals(Directories.bytes(Fixtures.own(model)), Directories.bytes(directory.resolve(model + "-again")));
        }
    }

    @Test void aFileIsFineTunedAndTheAdaptersAreExportedAndMerged() throws IOException {
        shell.write("tune.yaml", """
            name: tuned
            threads: 1
            data: {train: text.txt}
            model: {init_from: llama.gguf}
            finetune: {lora: {rank: 2, targets: [attn.c_attn, mlp.c_fc]}}
            schedule: {type: constant, learning_rate: 1.0e-2}
            train: {max_steps: 3, batch_size: 2, context_length: 16, eval_batches: 1, sample: null}
            """);
        ok("train", "tune.yaml");
        String out = ok("export", "tuned/last", "--adapter", "--to", "adapter").out();
        says(out, "adapter: adapters of rank 2 for llama", "llama.gguf");
        double loss = answer("eval", "tuned/last", "--data", "text.txt", "--json").get("loss").doubleValue();
        assertEquals(loss, answer("eval", "adapter", "--data", "text.txt", "--json").get("loss").doubleValue(), 1e-5);
        ok("merge", "adapter", "--to", "merged");
        assertEquals(loss, answer("eval", "merged", "--data", "text.txt", "--json").get("loss").doubleValue(), 1e-5);
        assertTrue(Math.abs(loss - answer("eval", "llama.gguf", "--data", "text.txt", "--json").get("loss").doubleValue()) > 1e-3);
        ok("export", "merged", "--to", "merged.gguf", "--format", "gguf");
    }

    @Test void faultsAreTold() throws IOException {
        Shell.Result there = shell.run("export", Fixtures.own("gpt2").toString(), "--to", "gpt2.gguf", "--format", "gguf");
        assertEquals(2, there.exit());
        says(there.err(), "gpt2.gguf", "exists already");
        Shell.Result type = shell.run("export", "gpt2.gguf", "--to", "x.gguf", "--format", "gguf", "--type", "q4_k");
        assertEquals(2, type.exit());
        says(type.err(), "--type q4_k", "f32, f16, q8_0, bf16");
        assertEquals(2, shell.run("export", "gpt2.gguf", "--to", "x", "--type", "f16").exit());
        assertEquals(2, shell.run("export", "gpt2.gguf", "--to", "x", "--adapter").exit());
        assertEquals(2, shell.run("export", "gpt2.gguf", "--to", "x.gguf", "--adapter", "--format", "gguf").exit());
        byte[] good = Files.readAllBytes(directory.resolve("gpt2.gguf"));
        Files.write(directory.resolve("short.gguf"), Arrays.copyOf(good, good.length - 5000));
        Shell.Result cut = shell.run("sample", "short.gguf", "--prompt", "x");
        assertEquals(4, cut.exit());
        says(cut.err(), "short.gguf", "may be cut off");
    }
}
