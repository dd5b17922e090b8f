package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Shared by tests of foreign models: a shell, a run file and small models as other programs write them. */
abstract class ForeignModels {
    static final String[] MARKS = {"<|begin|>", "<|end|>", "<|eot|>"};
    static final int BEGIN = 256;

    @TempDir
    static Path directory;

    static Shell shell;

    @BeforeAll
    static void start() throws IOException {
        shell = Shell.in(directory);
        shell.write("text.txt", "abcdefghijklmnopqrstuvwxyz".repeat(3));
        shell.write("hello.txt", "hello");
        shell.write("docs.jsonl", "{\"text\": \"abcd\"}\n{\"text\": \"efgh\"}\n{\"text\": \"ijkl\"}\n");
        shell.write("still.yaml", """
            name: still
            threads: 1
            data: {train: text.txt, val: text.txt}
            model: {init_from: model}
            schedule: {type: constant, learning_rate: 1.0e-60}
            train: {max_steps: 1, batch_size: 1, context_length: 8, eval_batches: 1, sample: null}
            """);   // a rate that is 0 as a float: one update that changes nothing
    }

    @AfterAll
    static void end() throws Exception {
        shell.close();
    }

    static JsonNode json(String... arguments) throws IOException {
        return new ObjectMapper().readTree(ok(arguments).out());
    }

    static Shell.Result ok(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    static ForeignModel llama(String name, String... beginning) throws IOException {
        return ForeignModel.write(directory.resolve(name), ForeignModel.LLAMA, 259).tokenizer(MARKS, beginning);
    }

    static JsonNode sample(String model, String prompt, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of("sample", model, "--prompt", prompt, "--temperature", "0", "--max-tokens", "6",
            "--seed", "1",
            "--json"));
        all.addAll(List.of(more));
        return json(all.toArray(String[]::new));
    }

    static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        Arrays.setAll(ids, i -> array.get(i).intValue());
        return ids;
    }
}
