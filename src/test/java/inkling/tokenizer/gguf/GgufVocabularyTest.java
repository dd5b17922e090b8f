package inkling.tokenizer.gguf;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.gguf.GgufFile;
import inkling.io.gguf.GgufMetadata;
import inkling.io.gguf.GgufValue;
import inkling.io.gguf.GgufWriter;
import inkling.io.json.StrictJson;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.Kinds;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** GGUF's keys alone, without our tokenizer.json, must describe the same tokenizer. What keys cannot express is refused or remarked on. */
class GgufVocabularyTest {
    /**
     * The kinds of tokenizers that keys can express, each with parts of texts. A text that has such a part may get other ids than before,
     * and the export remarks on it; a blank part counts only at the beginning of a text.
     */
    private static final Map<String, List<String>> EXPRESSIBLE = Map.of("llama 2", List.of(),
        "llama 2 with normalized marks", List.of("<s>"), "mistral", List.of("<s>", " Mac", " "), "gemma", List.of(), "qwen", List.of(),
        "pythia", List.of("é"),
        "phi 3", List.of("cat", "reading", " ", "the"));
    private static final List<String> TEXTS = List.of("the cat and you", " Macbeth standing", "", " ", "12 cats é漢 ß😊\n\n\nthe <table>",
        "reading,\tbeth-eth 3.14!", "<s>the</s> and<|im_start|>you");

    @TempDir
    Path directory;

    static Stream<String> kinds() {
        return Kinds.all().keySet().stream();
    }

    private Tokenizer kind(String name) throws IOException {
        return TokenizerFiles.read(Files.write(directory.resolve("tokenizer.json"), StrictJson.bytes(Kinds.all().get(name))));
    }

    private static GgufVocabulary vocabulary(Tokenizer tokenizer, int rows) {
        return GgufVocabulary.of(tokenizer, TokenizerFiles.json(tokenizer), SpecialIds.of(tokenizer), OptionalInt.empty(), rows);
    }

    /** Reads the tokenizer from keys as a file of another program has them. */
    private Tokenizer again(Map<String, GgufValue> keys) {
        Map<String, GgufValue> foreign = new LinkedHashMap<>(keys);
        foreign.remove(GgufKeys.DOCUMENT);
        Path file = directory.resolve("words.gguf");
        DurableFiles.SYSTEM.write(file, GgufWriter.content(foreign, List.of()));
        return TokenizerFiles.find(file).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindIsToldOrRefused(String name) throws IOException {
        Tokenizer tokenizer = kind(name);
        if (!EXPRESSIBLE.containsKey(name)) {
            says(assertThrows(ModelFormatException.class, () -> vocabulary(tokenizer, 2500)).getMessage(), "no GGUF form");
            return;
        }
        GgufVocabulary vocabulary = vocabulary(tokenizer, tokenizer.vocabSize() + 3);
        Tokenizer again = again(vocabulary.keys());
        assertEquals(tokenizer.vocabSize(), again.vocabSize(), "rows without a token do not count as tokens");
        for (String text : TEXTS) {
            if (EXPRESSIBLE.get(name).stream().anyMatch(part -> part.isBlank() ? text.startsWith(part) : text.contains(part))) {
                assertTrue(!vocabulary.remarks().isEmpty(), name);
            } else {
                assertArrayEquals(tokenizer.encode(text), again.encode(text), name + ": " + text);
                assertArrayEquals(tokenizer.encodePlain(text), again.encodePlain(text), name + ": " + text);
            }
        }
    }

    @Test void rowsWithoutATokenHaveANameAndNoUse() {
        Tokenizer tokenizer = new BpeTrainer(260).add("aaabbb").train();
        GgufVocabulary vocabulary = vocabulary(tokenizer, tokenizer.vocabSize() + 2);
        GgufMetadata metadata = new GgufMetadata("x", vocabulary.keys());
        List<String> tokens = metadata.texts(GgufKeys.TOKENS);
        assertEquals("[PAD%d]".formatted(tokenizer.vocabSize()), tokens.get(tokenizer.vocabSize()));
        assertEquals(GgufKeys.KIND_UNUSED, (long) metadata.wholes(GgufKeys.TYPES).get(tokenizer.vocabSize() + 1));
        assertEquals(tokenizer.endOfText().getAsInt(), metadata.requireCount(GgufKeys.END));
        assertEquals(GgufKeys.KIND_CONTROL, (long) metadata.wholes(GgufKeys.TYPES).get(tokenizer.endOfText().getAsInt()));
    }

    @Test void whatLlamaCppTakesOtherwiseIsRemarkedOn() throws IOException {
        says(String.join("; ", vocabulary(kind("qwen"), 3000).remarks()), "composed form (NFC)");
        says(String.join("; ", vocabulary(kind("phi 3"), 3000).remarks()), "white space beside them", "<|end|>");
        says(String.join("; ", vocabulary(kind("mistral"), 3000).remarks()), "before text that begins with one", "a special token");
        says(String.join("; ", vocabulary(CharTokenizer.fit("ab"), 2).remarks()), "character that is not among the 2");
    }

    /** If the model's name tells of Phi-3, llama.cpp knows that white space behind special tokens belongs to them. */
    @Test void phi3sOwnTokensAreToldByTheModelsName() throws IOException {
        ObjectNode json = Kinds.all().get("llama 2");
        for (JsonNode token : json.get("added_tokens")) {
            ((ObjectNode) token).put("rstrip", !List.of("<unk>", "<s>").contains(token.get("content").textValue()));
        }
        for (String token : List.of("<|endoftext|>", "<|user|>", "<|end|>")) {
            ((ArrayNode) json.get("added_tokens")).addObject().put("id", 3000).put("content", token).put("special", true)
                .put("normalized", false).put("rstrip", !token.equals("<|endoftext|>"));
        }
        Tokenizer tokenizer = TokenizerFiles.read(Files.write(directory.resolve("phi.json"), StrictJson.bytes(numbered(json))));
        GgufVocabulary vocabulary = vocabulary(tokenizer, tokenizer.vocabSize());
        assertTrue(vocabulary.likePhi3());
        Map<String, GgufValue> named = new LinkedHashMap<>(vocabulary.keys());
        String text = "<|user|>\nthe<|end|> \t and<|endoftext|> the</s> \n";
        assertFalse(Arrays.equals(tokenizer.encode(text), again(named).encode(text)));
        named.put("general.name", GgufValue.text("Tiny (Phi-3)"));
        assertArrayEquals(tokenizer.encode(text), again(named).encode(text));
        assertFalse(vocabulary(kind("phi 3"), 3000).likePhi3(), "that tokenizer has tokens that take white space before them");
    }

    private static ObjectNode numbered(ObjectNode json) {
        int next = json.at("/model/vocab").size();
        for (JsonNode token : json.get("added_tokens")) {
            JsonNode known = json.at("/model/vocab").path(token.get("content").textValue());
            ((ObjectNode) token).put("id", known.isInt() ? known.intValue() : next++);
        }
        return json;
    }

    /** llama.cpp would take a token of this name for the end of a text, and would also find it in text that people write. */
    @Test void anUnreachableTokenNamedLikeAnEndIsRenamed() throws IOException {
        ObjectNode json = Kinds.all().get("qwen");
        json.putArray("added_tokens");
        int id = json.at("/model/vocab").size();
        ((ObjectNode) json.at("/model/vocab")).put("</s>", id);
        Tokenizer tokenizer = TokenizerFiles.read(Files.write(directory.resolve("qwen.json"), StrictJson.bytes(json)));
        GgufMetadata metadata = new GgufMetadata("x", vocabulary(tokenizer, id + 1).keys());
        assertEquals("[UNUSED%d]".formatted(id), metadata.texts(GgufKeys.TOKENS).get(id));
        assertEquals(GgufKeys.KIND_UNUSED, (long) metadata.wholes(GgufKeys.TYPES).get(id));
        ObjectNode said = Kinds.all().get("qwen");
        said.putArray("added_tokens").addObject().put("id", said.at("/model/vocab").size()).put("content", "<|im_end|>")
            .put("special", false);
        Tokenizer ordinary = TokenizerFiles.read(Files.write(directory.resolve("said.json"), StrictJson.bytes(said)));
        says(String.join("; ", vocabulary(ordinary, id + 1).remarks()), "ends of a text because of their names", "<|im_end|>");
    }

    @Test void aFaultyVocabularyIsRefusedByItsKey() throws IOException {
        Map<String, GgufValue> keys = vocabulary(kind("llama 2"), 3000).keys();
        refused(keys, GgufKeys.MODEL, GgufValue.text("bert"), "tokenizer.ggml.model = bert", "gpt2 and llama");
        refused(keys, GgufKeys.SCORES, GgufValue.reals(new float[3]), "tokenizer.ggml.scores", "one number for each");
        refused(keys, GgufKeys.TYPES, GgufValue.wholes(new int[3]), "tokenizer.ggml.token_type", "one number for each");
        refused(keys, GgufKeys.ADD_END, GgufValue.flag(true), "add_eos_token = true");
        refused(keys, "tokenizer.ggml.precompiled_charsmap", GgufValue.text("x"), "precompiled_charsmap", "--tokenizer PATH");
        refused(vocabulary(kind("qwen"), 3000).keys(), GgufKeys.PRE, GgufValue.text("viking"), "tokenizer.ggml.pre = viking", "llama-bpe");
    }

    /** Without a named split, llama.cpp splits text in a way that no model learned with. */
    @Test void aFileThatDoesNotNameItsSplitIsReadOnlyIfItsArchitectureTellsIt() throws IOException {
        Tokenizer named = kind("pythia");
        Map<String, GgufValue> keys = new LinkedHashMap<>(vocabulary(named, 3000).keys());
        for (Consumer<Map<String, GgufValue>> change : List.<Consumer<Map<String, GgufValue>>>of(
            map -> map.remove(GgufKeys.PRE), map -> map.put(GgufKeys.PRE, GgufValue.text("default")))) {
            change.accept(keys);
            keys.put("general.architecture", GgufValue.text("gptneox"));
            assertArrayEquals(named.encode("In 1859, it's 12345!"), again(keys).encode("In 1859, it's 12345!"));
            keys.put("general.architecture", GgufValue.text("llama"));
            says(assertThrows(ModelFormatException.class, () -> again(keys)).getMessage(), "tokenizer.ggml.pre", "how the model splits",
                "--tokenizer PATH");
        }
    }

    private void refused(Map<String, GgufValue> keys, String key, GgufValue value, String... parts) {
        Map<String, GgufValue> changed = new LinkedHashMap<>(keys);
        changed.put(key, value);
        says(assertThrows(ModelFormatException.class, () -> again(changed)).getMessage(), (Object[]) parts);
    }

    @Test void aFileWithoutTokensHasNoTokenizer() {
        Path file = directory.resolve("none.gguf");
        DurableFiles.SYSTEM.write(file, GgufWriter.content(Map.of("general.architecture", GgufValue.text("llama")), List.of()));
        assertTrue(TokenizerFiles.find(file).isEmpty());
        try (GgufFile gguf = GgufFile.open(file)) {
            assertTrue(GgufTokenizer.read(gguf.metadata()).isEmpty());
        }
    }
}
