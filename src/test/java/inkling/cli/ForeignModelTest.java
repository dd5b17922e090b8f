package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files beside other people's weights are obeyed: they say where a text begins and ends and which tokens are special. They are exported
 * again.
 */
@Tag("process")
class ForeignModelTest {
    private static final String[] MARKS = {"<|begin|>", "<|end|>", "<|eot|>"};
    private static final int BEGIN = 256;

    @TempDir
    static Path directory;
    private static Shell shell;

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

    private static JsonNode json(String... arguments) throws IOException {
        return new ObjectMapper().readTree(ok(arguments).out());
    }

    private static Shell.Result ok(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    private static ForeignModel llama(String name, String... beginning) throws IOException {
        return ForeignModel.write(directory.resolve(name), ForeignModel.LLAMA, 259).tokenizer(MARKS, beginning);
    }

    private static JsonNode sample(String model, String prompt, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of("sample", model, "--prompt", prompt, "--temperature", "0", "--max-tokens", "6", "--seed", "1",
            "--json"));
        all.addAll(List.of(more));
        return json(all.toArray(String[]::new));
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        Arrays.setAll(ids, i -> array.get(i).intValue());
        return ids;
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json, a number", "config.json, a list", "generation_config.json", "special_tokens_map.json"})
    void theEndsThatAnyFileNamesEndASample(String where) throws IOException {
        String name = "ends in " + where;
        ForeignModel model = llama(name);
        int[] all = ids(sample(name, "A", "--ignore-eos").at("/samples/0/ids"));
        int last = all[2];
        int at = 0;
        while (all[at] != last) {
            at++;   // a random model may say it earlier, too
        }
        switch (where) {
            case "config.json, a number" -> model.configured("eos_token_id", "" + last);
            case "config.json, a list" -> model.configured("eos_token_id", "[258, " + last + "]");
            case "generation_config.json" -> model.with("generation_config.json", "{\"eos_token_id\": [257, " + last + "]}");
            default -> model.with("special_tokens_map.json", new ObjectMapper().createObjectNode()
                .put("eos_token", TokenizerFiles.find(directory.resolve(name)).orElseThrow().token(last)).toString());
        }
        JsonNode ended = sample(name, "A").at("/samples/0");
        assertArrayEquals(Arrays.copyOf(all, at + 1), ids(ended.get("ids")));
        assertEquals("eos", ended.get("finish_reason").asText());
        assertEquals(at == 0, ended.get("text").asText().isEmpty(), "the end is not in the text");
        assertEquals(6, sample(name, "A", "--ignore-eos").at("/samples/0/ids").size());
    }

    @Test
    void anEndThatIsNoIdIsNamed() throws IOException {
        llama("bad").with("generation_config.json", "{\"eos_token_id\": [257, \"x\"]}");
        Shell.Result refused = shell.run("sample", "bad", "--prompt", "A");
        assertEquals(4, refused.exit());
        assertTrue(refused.err().contains("generation_config.json: eos_token_id[1] is \"x\" (a string), expected an integer"), refused.err());
    }

    @Test
    void theModelsFirstEndStandsBetweenDocumentsWhereThereIsNoEndOfText() throws IOException {
        llama("several").configured("eos_token_id", "[257, 258]");
        assertTrue(trainedOnDocuments("several", "apart").contains(" 14 training and 14 validation tokens"));
        llama("none");
        assertTrue(trainedOnDocuments("none", "glued").contains(" 12 training and 12 validation tokens"));
        llama("begun", "<|begin|>").configured("eos_token_id", "257");
        assertTrue(trainedOnDocuments("begun", "framed").contains(" 17 training and 17 validation tokens"));
    }

    private static String trainedOnDocuments(String model, String run) {
        return ok("train", "still.yaml", "--run", run, "--set", "model.init_from=" + model, "--set", "data.train=docs.jsonl", "--set",
            "data.val=docs.jsonl", "--set", "data.format=jsonl_text", "--set", "train.context_length=4").err();
    }

    @Test
    void theBeginningIsThereOnce() throws IOException {
        llama("begins", "<|begin|>").configured("bos_token_id", "256").configured("eos_token_id", "257");
        int[] hello = {BEGIN, 71, 68, 75, 75, 78};
        JsonNode first = sample("begins", "hello");
        assertArrayEquals(hello, ids(first.get("prompt_ids")));
        JsonNode written = sample("begins", "<|begin|>hello");
        assertArrayEquals(hello, ids(written.get("prompt_ids")));
        assertEquals(first.get("samples"), written.get("samples"));
        assertArrayEquals(new int[] {BEGIN}, ids(sample("begins", "").get("prompt_ids")));
        assertArrayEquals(hello, ids(json("tokenize", "begins", "--text", "hello", "--json").get("ids")));
        assertEquals(5, json("tokenize", "begins", "--text", "hello", "--plain", "--json").get("ids").size());
        JsonNode eval = json("eval", "begins", "--data", "hello.txt", "--json");
        assertEquals(5, eval.get("tokens").intValue());
        assertEquals(5, eval.get("bytes").intValue());
        Path page = directory.resolve("attention.html");
        ok("attention", "begins", "--prompt", "hello", "--html", page.toString());
        assertTrue(Files.readString(page).contains("begin|"), "views show it too");
    }

    @Test
    void whatATemplatePutsAfterATextIsRefusedByName() throws IOException {
        ForeignModel model = llama("closing", "<|begin|>");
        ObjectNode tokenizer = model.read("tokenizer.json");
        ((com.fasterxml.jackson.databind.node.ArrayNode) tokenizer.at("/post_processor/single")).addObject().putObject("SpecialToken")
            .put("id", "<|end|>").put("type_id", 0);
        model.with("tokenizer.json", tokenizer.toString());
        Shell.Result refused = shell.run("sample", "closing", "--prompt", "A");
        assertEquals(4, refused.exit());
        assertTrue(refused.err().contains("post_processor: single = ") && refused.err().contains("puts \"<|end|>\" after every text"),
            refused.err());
    }

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

    /** Import, one update that changes nothing, export, import: what was said of the model is said of the result. */
    private static void assertUnchanged(String model) throws IOException {
        assertUnchanged(model, TokenizerFiles.find(directory.resolve(model)).orElseThrow());
        assertEquals(sample(model, "Hello", "--show-distribution", "5"),
            sample("out-still-" + Path.of(model).getFileName(), "Hello", "--show-distribution", "5"));
    }

    private static void assertUnchanged(String model, Tokenizer words, String... settings) throws IOException {
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
        String text = words instanceof CharTokenizer ? "012"
            : "Hello<|im_start|>hi<|im_end|> <tool>\n<|begin|>naïve<|end|><|endoftext|> world";
        assertArrayEquals(words.encode(text), again.encode(text));
        assertArrayEquals(words.encodePlain(text), again.encodePlain(text));
        assertEquals(words.beginning(), again.beginning());
        assertEquals(ModelDirectory.generation(before).special(Optional.of(words)), ModelDirectory.generation(after).special(Optional.of(again)));
        assertEquals(ChatTemplate.read(before), ChatTemplate.read(after));
        assertEquals(logits(model), logits("out-" + run));
    }

    /** The largest logits after ids that every fixture has. */
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

    /** Models of ids alone: the run file names a tokenizer, which the result has. */
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
        assertTrue(Files.exists(directory.resolve(out).resolve("tokenizer.json")), "for the next one");
        Shell.Result nameless = shell.run("train", "still.yaml", "--run", "nameless", "--set", "model.init_from=" + model);
        assertEquals(4, nameless.exit());
        assertTrue(nameless.err().contains("has no tokenizer (tokenizer.json, or vocab.json and merges.txt), and training needs the one that"
            + " the model was trained with. Put its files there, or name them: --set data.tokenizer='{type: huggingface, path: …}'."), nameless.err());
        Shell.Result fitted = shell.run("train", "still.yaml", "--run", "nameless", "--set", "model.init_from=" + model, "--set",
            "data.tokenizer={type: char}");
        assertEquals(4, fitted.exit(), "ids of its own mean nothing to the model");
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

    @Test
    void marksBesideAVocabularyAndItsMergesAreMarks() throws IOException {
        ForeignModel.write(directory.resolve("marked"), ForeignModel.GPT2, 259).pair("<|endoftext|>")
            .with("added_tokens.json", "{\"<|im_start|>\": 257, \"<|im_end|>\": 258}")
            .with("special_tokens_map.json", "{\"additional_special_tokens\": [\"<|im_start|>\", {\"content\": \"<|im_end|>\"}]}");
        int[] marked = {257, 71, 72, 258};
        assertArrayEquals(marked, ids(json("tokenize", "marked", "--text", "<|im_start|>hi<|im_end|>", "--json").get("ids")));
        int[] plain = ids(json("tokenize", "marked", "--text", "<|im_start|>hi<|im_end|>", "--plain", "--json").get("ids"));
        assertTrue(Arrays.stream(plain).noneMatch(id -> id > 256), Arrays.toString(plain));
        ok("export", "marked", "--to", "marked again");
        Files.delete(directory.resolve("marked again/tokenizer.json"));
        assertArrayEquals(marked, ids(json("tokenize", "marked again", "--text", "<|im_start|>hi<|im_end|>", "--json").get("ids")));
    }
}
