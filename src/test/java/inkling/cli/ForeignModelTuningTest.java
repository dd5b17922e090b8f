package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.formats.ChatTemplate;
import inkling.formats.ModelDirectory;
import inkling.io.tensors.SafetensorsFile;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What came with a foreign model comes out again after fine-tuning. */
@Tag("process")
class ForeignModelTuningTest extends ForeignModels {
    @Test
    void aModelGoesThroughFineTuningAsItCame() throws IOException {
        llama("whole", "<|begin|>").configured("bos_token_id", "256").configured("eos_token_id", "[257, 258]")
            .configured("pad_token_id", "-1")
            .with("generation_config.json", "{\"eos_token_id\": [258, 257], \"temperature\": 0.6, \"transformers_version\": \"4.44.0\"}")
            .with("tokenizer_config.json", "{\"eos_token\": \"<|eot|>\", \"model_max_length\": 32}")
            .with("special_tokens_map.json", "{\"eos_token\": {\"content\": \"<|eot|>\"}}")
            .with("chat_template.jinja", "{{ messages }}");
        assertUnchanged("whole");
        ForeignModel.write(directory.resolve("paired"), ForeignModel.GPT2, 260).pair("<|endoftext|>")
            .with("added_tokens.json", "{\"<|im_start|>\": 257, \"<|im_end|>\": 258, \"<tool>\": 259}")
            .with("special_tokens_map.json", "{\"eos_token\": \"<|endoftext|>\","
                + " \"additional_special_tokens\": [\"<|im_start|>\", \"<|im_end|>\"]}")
            .with("tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\", \"chat_template\": \"{{ messages }}\"}");
        assertUnchanged("paired");
    }

    private static Stream<Path> trained() {
        return Fixtures.models("data/tiny-random-gpt2", "pretrained/dickens-gpt2");
    }

    @ParameterizedTest
    @MethodSource("trained")
    void trainedModelsGoThroughFineTuningAsTheyCame(Path model) throws IOException {
        assertUnchanged(model.toString());
    }

    /** Imports a model, trains one update that changes nothing, exports and imports again: logits, settings and files are the same. */
    private static void assertUnchanged(String model) throws IOException {
        assertUnchanged(model, TokenizerFiles.find(directory.resolve(model)).orElseThrow());
        assertEquals(sample(model, "Hello", "--show-distribution", "5"),
            sample("out-still-" + Path.of(model).getFileName(), "Hello", "--show-distribution", "5"));
    }

    private static void assertUnchanged(String model, Tokenizer tokenizer, String... settings) throws IOException {
        String run = "still-" + Path.of(model).getFileName();
        List<String> train = new ArrayList<>(List.of("train", "still.yaml", "--run", run, "--set", "model.init_from=" + model));
        List.of(settings).forEach(setting -> train.addAll(List.of("--set", setting)));
        ok(train.toArray(String[]::new));
        ok("export", run, "--to", "out-" + run);
        Path before = directory.resolve(model);
        Path after = directory.resolve("out-" + run);
        assertEquals(ModelDirectory.config(before).withDropout(0), ModelDirectory.config(after).withDropout(0));
        assertWeights(before, after);
        ObjectNode config = ForeignModel.read(after, "config.json");
        for (String key : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
            JsonNode came = ForeignModel.read(before, "config.json").path(key);
            assertTrue(config.path(key).equals(came) || came.isMissingNode(), key + " " + config.path(key));
        }
        for (String file : List.of("generation_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer_config.json")) {
            if (Files.exists(before.resolve(file))) {
                assertEquals(ForeignModel.read(before, file), ForeignModel.read(after, file), file);
            }
        }
        Tokenizer again = TokenizerFiles.find(after).orElseThrow();
        String text = tokenizer instanceof CharTokenizer ? "012"
            : "Hello<|im_start|>hi<|im_end|> <tool>\n<|begin|>naïve<|end|><|endoftext|> world";
        assertArrayEquals(tokenizer.encode(text), again.encode(text));
        assertArrayEquals(tokenizer.encodePlain(text), again.encodePlain(text));
        assertEquals(tokenizer.beginning(), again.beginning());
        assertEquals(ModelDirectory.generation(before).special(Optional.of(tokenizer)), ModelDirectory.generation(after)
            .special(Optional.of(again)));
        assertEquals(ChatTemplate.read(before), ChatTemplate.read(after));
        assertEquals(logits(model), logits("out-" + run));
    }

    /** The three largest logits, with their ids, after a prompt of ids that every fixture has. */
    private static List<JsonNode> logits(String model) throws IOException {
        JsonNode step = json("sample", model, "--prompt-ids", "1,0,2,1", "--max-tokens", "1", "--temperature", "0", "--json",
            "--show-distribution", "3").at("/samples/0/steps/0");
        List<JsonNode> logits = new ArrayList<>();
        step.get("top").forEach(top -> logits.addAll(List.of(top.get("id"), top.get("logit"))));
        assertEquals(6, logits.size());
        return logits;
    }

    private static Stream<Path> idsAlone() throws IOException {
        Path silent = Files.createDirectories(directory.resolve("silent"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.own("llama").resolve(file), silent.resolve(file));
        }
        return Stream.concat(Stream.of(silent), Fixtures.sharedIfThere("data/gpt-nano-sort", "data/llama-stories260k"));
    }

    /** Models without a tokenizer: a setting names one, and the export has it. */
    @ParameterizedTest
    @MethodSource("idsAlone")
    void modelsWithoutATokenizerGoThroughWithOneThatIsNamed(Path without) throws IOException {
        String model = without.toString();
        CharTokenizer digits = CharTokenizer.fit("012");
        Files.write(directory.resolve("digits.json"), TokenizerFiles.json(digits));
        shell.write("digits.txt", "012021102210".repeat(4));
        String[] settings = {"data.train=digits.txt", "data.val=digits.txt", "data.tokenizer={type: huggingface, path: digits.json}"};
        assertUnchanged(model, digits, settings);
        String out = "out-still-" + Path.of(model).getFileName();
        assertTrue(Files.exists(directory.resolve(out).resolve("tokenizer.json")), "the export has the named tokenizer");
        Shell.Result nameless = shell.run("train", "still.yaml", "--run", "nameless", "--set", "model.init_from=" + model);
        assertEquals(4, nameless.exit());
        assertTrue(nameless.err().contains("has no tokenizer (tokenizer.json, or vocab.json and merges.txt), and training needs "
            + "the one that"
            + " the model was trained with. Put its files there, or name them: --set data.tokenizer='{type: huggingface, path: …}'."),
            nameless.err());
        Shell.Result fitted = shell.run("train", "still.yaml", "--run", "nameless", "--set", "model.init_from=" + model, "--set",
            "data.tokenizer={type: char}");
        assertEquals(4, fitted.exit(), "the ids of a tokenizer fitted here mean nothing to the model");
    }

    private static void assertWeights(Path before, Path after) {
        try (SafetensorsFile first = SafetensorsFile.open(before.resolve("model.safetensors"));
             SafetensorsFile second = SafetensorsFile.open(after.resolve("model.safetensors"))) {
            for (String tensor : second.tensors().keySet()) {
                assertTrue(first.tensors().containsKey(tensor), tensor);
                assertEquals(first.map(tensor), second.map(tensor), tensor);
            }
            assertFalse(second.tensors().isEmpty());
        }
    }
}
