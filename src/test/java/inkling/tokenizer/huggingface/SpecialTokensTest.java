package inkling.tokenizer.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens are special, and which ids are added around a text, according to the files beside a vocabulary. */
class SpecialTokensTest {
    private static final int FIRST = 256;

    @TempDir
    Path directory;

    private void file(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    /** Writes a vocab.json with one token for each of the 256 bytes, then these tokens; and its merges.txt. */
    private void pair(String... more) throws IOException {
        ObjectNode vocab = (ObjectNode) StrictJson.parse("vocab", TokenizerFiles.files(new BpeTrainer(257).add("a").train())
            .get("vocab.json"));
        vocab.remove("<|endoftext|>");
        for (String token : more) {
            vocab.put(token, vocab.size());
        }
        file("vocab.json", vocab.toString());
        file("merges.txt", "#version: 0.2\n");
    }

    /** Writes a tokenizer.json with one token for each of the 256 bytes, these special tokens, and a post-processor. */
    private void whole(String postProcessor, String... marks) throws IOException {
        ObjectNode json = (ObjectNode) StrictJson.parse("trained", TokenizerFiles.json(new BpeTrainer(257).add("a").train()));
        ((ObjectNode) json.at("/model/vocab")).remove("<|endoftext|>");
        ArrayNode added = json.putArray("added_tokens");
        for (int i = 0; i < marks.length; i++) {
            added.addObject().put("id", FIRST + i).put("content", marks[i]).put("special", true);
        }
        json.set("post_processor", StrictJson.parse("post", postProcessor.getBytes(StandardCharsets.UTF_8)));
        file("tokenizer.json", json.toString());
    }

    private Tokenizer found() {
        return TokenizerFiles.find(directory).orElseThrow();
    }

    private String refused() {
        return assertThrows(ModelFormatException.class, this::found).getMessage();
    }

    @Test
    void specialTokensOfTheVocabularyAreNamedInFilesBesideIt() throws IOException {
        pair("<s>", "</s>");
        file("special_tokens_map.json", "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}, \"pad_token\": \"<nowhere>\"}");
        assertArrayEquals(new int[] {FIRST, 71, FIRST + 1}, found().encode("<s>h</s>"));
        assertEquals(8, found().encodePlain("<s>h</s>").length);
        assertEquals(OptionalInt.of(FIRST + 1), found().endToken());
        assertEquals(FIRST + 2, found().vocabSize(), "a token without an id in any file does not exist");
        assertEquals(0, found().bytes(FIRST).length);
    }

    @Test
    void addedTokensDecoderOfNewerFilesCountsAsAddedTokensDo() throws IOException {
        pair("<|endoftext|>");
        file("tokenizer_config.json", """
            {"eos_token": "<|im_end|>", "added_tokens_decoder": {"256": {"content": "<|endoftext|>", "special": true},
             "257": {"content": "<|im_end|>", "special": true}, "258": {"content": "<tool>", "special": false}}}""");
        file("special_tokens_map.json", "{\"eos_token\": \"<|endoftext|>\"}");
        assertArrayEquals(new int[] {258, 257, 256}, found().encode("<tool><|im_end|><|endoftext|>"));
        assertEquals(258, found().encodePlain("<tool>")[0], "a token that is not special is found in plain text, too");
        assertEquals(OptionalInt.of(257), found().endToken());
        Path again = directory.resolve("again");
        TokenizerFiles.write(found(), again);
        assertArrayEquals(TokenizerFiles.json(found()), TokenizerFiles.json(TokenizerFiles.find(again).orElseThrow()));
    }

    @Test
    void filesBesideTokenizerJsonAddSpecialTokensToo() throws IOException {
        whole("null", "<a>");
        file("added_tokens.json", "{\"<b>\": 257}");
        assertArrayEquals(new int[] {FIRST, 257}, found().encode("<a><b>"));
        assertEquals(3, TokenizerFiles.findWritten(directory).orElseThrow().encode("<b>").length,
            "a checkpoint's tokenizer.json has all tokens, so files beside it do not count");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "added_tokens.json | {\"<s>\": 300} | and the added tokens beside it: token \"<s>\" has id 300",
        "added_tokens.json | {\"a\": 300} | added_tokens.json: a = 300 has the id 300 here and",
        "added_tokens.json | {\"a\": \"x\"} | added_tokens.json: a is \"x\" (a string), expected an integer",
        "added_tokens.json | {\"\": 256} | is empty.",
        "tokenizer_config.json | {\"added_tokens_decoder\": {\"x\": {\"content\": \"<s>\"}}} | x = {\"content\":\"<s>\"} must have an "
        + "id as its name",
        "tokenizer_config.json | {\"tokenizer_class\": \"Qwen2Tokenizer\"} | tokenizer_class = \"Qwen2Tokenizer\" is not known to split "
        + "text as GPT-2 does",
        "tokenizer_config.json | {\"add_prefix_space\": true} | add_prefix_space = true is not supported",
        "special_tokens_map.json | {\"eos_token\": 5} | special_tokens_map.json: eos_token is 5, expected a string",
        "special_tokens_map.json | {\"additional_special_tokens\": [5]} | additional_special_tokens: is 5, expected an object"})
    void whatWouldGiveOtherIdsIsRefusedByName(String name, String content, String message) throws IOException {
        pair();
        file(name, content);
        assertTrue(refused().contains(message), refused());
    }

    @Test
    void aBeginningComesFromTemplatesAlsoInASequence() throws IOException {
        String template = """
            {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<a>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": \
            0}}],
             "special_tokens": {"<a>": {"id": "<a>", "ids": [256], "tokens": ["<a>"]}}}""";
        whole(template, "<a>", "<b>");
        assertEquals(List.of(FIRST), found().beginning());
        whole("{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, %s, %s]}".formatted(template,
            template.replace("<a>", "<b>").replace("256", "257")), "<a>", "<b>");
        assertEquals(List.of(257, 256), found().beginning(), "the last processor is the outermost");
        assertArrayEquals(new int[] {257, 256, 71}, SpecialIds.of(found()).withBeginning(found().encode("h")));
        assertArrayEquals(new int[] {257, 256, 71}, SpecialIds.of(found()).withBeginning(found().encode("<b><a>h")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"type\": \"RobertaProcessing\"} | type = \"RobertaProcessing\" is not supported",
        "{\"type\": \"TemplateProcessing\", \"single\": []} | does not name the text",
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"B\"}}]} | must name the text (\"A\") once",
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"<a>\"}}]}"
            + " | it puts \"<a>\" after every text",
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<a>\"}}, {\"Sequence\": {\"id\": \"A\"}}],"
            + " \"special_tokens\": {\"<a>\": {\"ids\": [999]}}} | outside the vocabulary of 257 tokens"})
    void unsupportedPostProcessorsAreRefusedWhenTheBeginningIsAskedFor(String postProcessor, String message) throws IOException {
        whole(postProcessor, "<a>");
        Tokenizer tokenizer = found();
        assertEquals(1, tokenizer.encode("h").length);
        String said = assertThrows(ModelFormatException.class, tokenizer::beginning).getMessage();
        assertTrue(said.contains("tokenizer.json: post_processor") && said.contains(message), said);
    }

    @Test
    void classesThatDecideByAFlagAreFollowed() throws IOException {
        whole("null", "<s>", "</s>");
        file("tokenizer_config.json", "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": true, \"bos_token\": \"<s>\"}");
        assertEquals(List.of(FIRST), found().beginning());
        Tokenizer read = TokenizerFiles.findWritten(written(found())).orElseThrow();
        assertEquals(List.of(FIRST), read.beginning());
        file("tokenizer_config.json", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"add_bos_token\": true, "
            + "\"bos_token\": \"<s>\"}");
        assertEquals(List.of(), found().beginning());
        file("tokenizer_config.json", "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": true, \"add_eos_token\": true,"
            + " \"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        assertTrue(assertThrows(ModelFormatException.class, found()::beginning).getMessage().contains("puts \"</s>\" after every text"));
        Files.delete(directory.resolve("tokenizer.json"));
        pair("</s>");
        file("tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\", \"add_bos_token\": true, \"bos_token\": \"</s>\"}");
        assertEquals(List.of(FIRST), found().beginning());
    }

    private Path written(Tokenizer tokenizer) {
        TokenizerFiles.write(tokenizer, directory.resolve("written"));
        return directory.resolve("written");
    }

    @Test
    void theEndsOfModelAndTokenizerAreJoined() throws IOException {
        pair("<|endoftext|>", "<|im_end|>");
        file("special_tokens_map.json", "{\"eos_token\": \"<|im_end|>\"}");
        SpecialIds both = SpecialIds.of(Optional.of(found()), OptionalInt.of(5), List.of(9, 8));
        assertEquals(List.of(9, 8, 257), both.ends());
        assertEquals(OptionalInt.of(256), both.between(), "<|endoftext|> stands between documents where there is one");
        assertEquals(OptionalInt.of(5), both.start());
        pair("<x>", "<|im_end|>");
        assertEquals(OptionalInt.of(257), SpecialIds.of(Optional.of(found()), OptionalInt.empty(), List.of(9, 8)).between());
        Files.delete(directory.resolve("special_tokens_map.json"));
        SpecialIds first = SpecialIds.of(Optional.of(found()), OptionalInt.of(-1), List.of(50_256, 9, 8));
        assertEquals(OptionalInt.of(9), first.between(), "an id outside of the vocabulary does not count");
        assertEquals(OptionalInt.of(9), first.start());
        assertEquals(new SpecialIds(List.of(), OptionalInt.empty(), OptionalInt.empty(), List.of()), SpecialIds.of(found()));
        pair("<|endoftext|>");
        assertEquals(List.of(256), SpecialIds.of(found()).ends());
        assertEquals(List.of(7), SpecialIds.of(Optional.of(found()), OptionalInt.empty(), List.of(7)).ends());
        assertEquals(List.of(256), SpecialIds.ofFirstVersion(found()).ends());
    }
}
