package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.formats.ModelDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands params, sample, export, eval, train and chat take a Hugging Face directory as a model. */
@Tag("process")
class PretrainedCommandsTest {
    @TempDir
    Path directory;

    private static JsonNode json(Shell shell, String... arguments) throws Exception {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    @Test
    void directoriesOfOthersAreModels() throws Exception {
        Path silent = Files.createDirectory(directory.resolve("silent"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.own("llama").resolve(file), silent.resolve(file));
        }
        Map<String, Long> parameters = Map.of("gpt2", 103_344L, "llama", 79_344L, "silent", 79_344L, "tiny-random-gpt2", 111_968L,
            "gpt-nano-sort", 85_728L, "llama-stories260k", 260_032L, "dickens-gpt2", 940_928L);
        List<Path> models = Stream.concat(Stream.of(silent), Fixtures.models("data/tiny-random-gpt2", "data/gpt-nano-sort",
            "data/llama-stories260k", "pretrained/dickens-gpt2")).toList();
        try (Shell shell = Shell.in(directory)) {
            shell.write("text.txt", Fixtures.macbeth().substring(0, 6000));
            for (Path each : models) {
                String model = each.toString();
                String name = each.getFileName().toString();
                assertEquals(parameters.get(name), json(shell, "params", model, "--json").get("parameters").longValue());
                JsonNode sample = json(shell, "sample", model, "--prompt-ids", "1,2", "--max-tokens", "4", "--ignore-eos", "--json");
                assertEquals(4, sample.at("/samples/0/ids").size());
                boolean text = Files.exists(Path.of(model, "tokenizer.json"));
                assertEquals(!text, sample.at("/samples/0/text").isNull());
                String to = "exported-" + name;
                assertEquals(0, shell.run("export", model, "--to", to).exit());
                assertEquals(sample.at("/samples/0/ids").size(), json(shell, "sample", to, "--prompt-ids", "1,2", "--max-tokens", "4",
                    "--ignore-eos", "--seed", sample.get("seed").asText(), "--json").at("/samples/0/ids").size());
                Shell.Result eval = shell.run("eval", model, "--data", "text.txt", "--context", "64");
                assertEquals(text ? 0 : 4, eval.exit(), eval.err());
                assertTrue(text || eval.err().contains("has no tokenizer"), eval.err());
                if (text) {
                    shell.write("tune.yaml",
                        "{name: tuned-%s, threads: 1, data: {train: text.txt}, model: {init_from: '%s'},".formatted(name, model)
                        + " schedule: {learning_rate: 1.0e-4}, train: {max_steps: 2, batch_size: 2, context_length: 32, eval_batches: 1}}");
                    assertEquals(0, shell.run("train", "tune.yaml", "--set", "train.sample=null").exit());
                }
            }
        }
    }

    private static Stream<Path> withoutChatTraining() {
        return Stream.concat(Stream.of(Fixtures.own("gpt2")), Fixtures.sharedIfThere("pretrained/dickens-gpt2"));
    }

    @ParameterizedTest
    @MethodSource("withoutChatTraining")
    void aModelThatNeverLearnedToChatGoesOnAnsweringWhenItsContextIsFull(Path model) throws Exception {
        try (Shell shell = Shell.in(directory)) {
            Process chat = shell.process(List.of(), "chat", model.toString(), "--system", "Be brief.", "--max-tokens", "8", "--seed", "5")
                .start();
            chat.getOutputStream().write("Hello\nWho are you?<|endoftext|>\n".repeat(3).getBytes(StandardCharsets.UTF_8));
            chat.getOutputStream().close();
            String out = new String(chat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, Shell.exitOf(chat), out);
            assertTrue(out.contains("The context of %d tokens is full".formatted(ModelDirectory.config(model).contextLength())), out);
        }
    }
}
