package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command that takes a model takes a Hugging Face directory. */
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
        String[][] fixtures = {{"data/tiny-random-gpt2", "111968"}, {"data/gpt-nano-sort", "85728"}, {"data/llama-stories260k", "260032"},
            {"pretrained/dickens-gpt2", "940928"}};
        try (Shell shell = Shell.in(directory)) {
            shell.write("text.txt", Fixtures.macbeth().substring(0, 6000));
            for (String[] fixture : fixtures) {
                String model = Fixtures.shared(fixture[0]).toAbsolutePath().normalize().toString();
                assertEquals(Long.parseLong(fixture[1]), json(shell, "params", model, "--json").get("parameters").longValue());
                JsonNode sample = json(shell, "sample", model, "--prompt-ids", "1,2", "--max-tokens", "4", "--ignore-eos", "--json");
                assertEquals(4, sample.at("/samples/0/ids").size());
                boolean text = Files.exists(Path.of(model, "tokenizer.json"));
                assertEquals(!text, sample.at("/samples/0/text").isNull());
                String to = "exported-" + fixture[1];
                assertEquals(0, shell.run("export", model, "--to", to).exit());
                assertEquals(sample.at("/samples/0/ids").size(), json(shell, "sample", to, "--prompt-ids", "1,2", "--max-tokens", "4",
                    "--ignore-eos", "--seed", sample.get("seed").asText(), "--json").at("/samples/0/ids").size());
                Shell.Result eval = shell.run("eval", model, "--data", "text.txt", "--context", "64");
                assertEquals(text ? 0 : 4, eval.exit(), eval.err());
                assertTrue(text || eval.err().contains("has no tokenizer"), eval.err());
                if (text) {
                    shell.write("tune.yaml", "{name: n%s, threads: 1, data: {train: text.txt}, model: {init_from: '%s'},".formatted(fixture[1], model)
                        + " schedule: {learning_rate: 1.0e-4}, train: {max_steps: 2, batch_size: 2, context_length: 32, eval_batches: 1}}");
                    assertEquals(0, shell.run("train", "tune.yaml", "--set", "train.sample=null").exit());
                }
            }
        }
    }

    @Test
    void anUntaughtModelAnswersInOrder() throws Exception {
        String model = Fixtures.shared("pretrained/dickens-gpt2").toAbsolutePath().normalize().toString();
        try (Shell shell = Shell.in(directory)) {
            Process chat = shell.process(List.of(), "chat", model, "--system", "Be brief.", "--max-tokens", "8", "--seed", "5").start();
            chat.getOutputStream().write("Hello\nWho are you?<|endoftext|>\n".repeat(3).getBytes(StandardCharsets.UTF_8));
            chat.getOutputStream().close();
            String out = new String(chat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, Shell.exitOf(chat), out);
            assertTrue(out.contains("The context of 128 tokens was full"), out);
        }
    }
}
