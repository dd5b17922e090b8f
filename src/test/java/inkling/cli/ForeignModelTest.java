package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files beside a foreign model's weights are obeyed: they say where a text begins and ends and which tokens are special. An export
 * contains these files again.
 */
@Tag("process")
class ForeignModelTest extends ForeignModels {
    @ParameterizedTest
    @ValueSource(strings = {"config.json, a number", "config.json, a list", "generation_config.json", "special_tokens_map.json"})
    void anEndTokenThatOneOfTheFilesNamesEndsASample(String where) throws IOException {
        String name = "ends in " + where;
        ForeignModel model = llama(name);
        int[] all = ids(sample(name, "A", "--ignore-eos").at("/samples/0/ids"));
        int end = all[2];
        int at = 0;
        while (all[at] != end) {
            at++;   // a random model may draw this token earlier, too
        }
        switch (where) {
            case "config.json, a number" -> model.configured("eos_token_id", "" + end);
            case "config.json, a list" -> model.configured("eos_token_id", "[258, " + end + "]");
            case "generation_config.json" -> model.with("generation_config.json", "{\"eos_token_id\": [257, " + end + "]}");
            default -> model.with("special_tokens_map.json", new ObjectMapper().createObjectNode()
                .put("eos_token", TokenizerFiles.find(directory.resolve(name)).orElseThrow().token(end)).toString());
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
        assertTrue(refused.err().contains("generation_config.json: eos_token_id[1] is \"x\" (a string), expected an integer"),
            refused.err());
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
    void addedTokensBesideVocabJsonAreMarks() throws IOException {
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
