package inkling.tokenizer.huggingface;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokenizer files in the form that other programs write. The ids must equal those of Hugging Face's library. */
@Tag("thorough")
class TokenizerFilesTest {
    private static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        BpeTokenizer trained = trained();
        TokenizerFiles.write(trained, directory);
        assertEquals(Set.of("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"), names(directory));
        BpeTokenizer again = (BpeTokenizer) TokenizerFiles.find(directory).orElseThrow();
        assertEquals(trained.model().tokens(), again.model().tokens());
        assertEquals(trained.model().merges(), again.model().merges());
        assertArrayEquals(TokenizerFiles.json(trained), TokenizerFiles.json(again));
        Files.delete(directory.resolve("tokenizer.json"));
        BpeTokenizer fromPair = (BpeTokenizer) TokenizerFiles.find(directory).orElseThrow();
        assertArrayEquals(TokenizerFiles.json(trained), TokenizerFiles.json(fromPair));
    }

    @Test
    void theChatTemplateBesideATokenizerIsKept() throws IOException {
        TokenizerFiles.write(trained(), directory);
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"chat_template\": \"{{ messages }}\", \"eos_token\": \"x\"}");
        Map<String, byte[]> files = TokenizerFiles.files(TokenizerFiles.find(directory).orElseThrow());
        assertTrue(new String(files.get("tokenizer_config.json"), StandardCharsets.UTF_8).contains("{{ messages }}"));
    }

    private static Stream<Path> models() {
        return Fixtures.models("data/tiny-random-gpt2", "pretrained/dickens-gpt2");
    }

    @ParameterizedTest
    @MethodSource("models")
    void directoriesOfHuggingFaceGiveTheLibrarysIds(Path model) {
        Tokenizer tokenizer = TokenizerFiles.find(model).orElseThrow();
        try (HuggingFaceOracle oracle = new HuggingFaceOracle(model.resolve("tokenizer.json"))) {
            for (String text : List.of(Fixtures.macbeth(), Fixtures.dickens().substring(0, 200_000), "a<|endoftext|>b")) {
                assertArrayEquals(oracle.encode(text), tokenizer.encode(text));
            }
        }
    }

    /**
     * Some vocabularies lack bytes. Hugging Face's library drops characters that such a vocabulary cannot express; Inkling refuses them by
     * name.
     */
    @Test
    void charactersBeyondAnIncompleteVocabularyAreNamed() {
        Tokenizer tokenizer = TokenizerFiles.read(jsonFile(json -> {
            ((ObjectNode) json.at("/model/vocab")).removeAll().put("a", 0).put("b", 1).put("ab", 2);
            ((ArrayNode) json.at("/model/merges")).removeAll().add("a b");
            ((ArrayNode) json.at("/added_tokens")).removeAll();
        }));
        assertArrayEquals(new int[] {2, 0}, tokenizer.encode("aba"));
        ConfigException e = assertThrows(ConfigException.class, () -> tokenizer.encode("abé\na"));
        says(e.getMessage(), "2 characters are not in the vocabulary", "\"é\" (U+00E9) at offset 2", "U+000A at offset 3", "all 256 bytes");
    }

    @Test
    void llama3sKindGivesTheLibrarysIds() {
        assertEqualIds(jsonFile(json -> {
            ArrayNode stages = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
            stages.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false).putObject("pattern").put("Regex",
                LLAMA3);
            stages.addObject().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", false);
            ((ObjectNode) json.get("model")).put("ignore_merges", true);
            mergesAsArrays(json);
            ((ObjectNode) json.at("/model/vocab")).remove("<|endoftext|>");
            ((ObjectNode) json.at("/model/vocab")).put("Ġxylophone", 511); // no merge leads there
            ArrayNode added = json.putArray("added_tokens");
            for (String token : List.of("<|begin_of_text|>", "<|eot_id|>", "<|endoftext|>")) {
                added(added, 512 + added.size(), token, true);
            }
            json.putObject("post_processor").put("type", "TemplateProcessing").putArray("single").addObject().putObject("Sequence")
                .put("id", "A").put("type_id", 0);
            ((ObjectNode) json.get("post_processor")).putArray("pair").addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
            ((ObjectNode) json.at("/post_processor/pair/0")).removeAll().putObject("Sequence").put("id", "A").put("type_id", 0);
            ((ArrayNode) json.at("/post_processor/pair")).addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
            ((ObjectNode) json.get("post_processor")).putObject("special_tokens");
        }), "<|begin_of_text|>Hi<|eot_id|> xylophone DON'T I'LL 12345 x\n\n  y<|endoftext|>");
        assertEquals(7, TokenizerFiles.read(directory.resolve("any-name.json")).safeCut("one two three!\n"));
        assertTrue(StrictJson.parse(directory.resolve("written/tokenizer.json")).at("/model/vocab").path("<|eot_id|>").isMissingNode(),
            "an added token outside of model.vocab must stay outside: ignore_merges would find it in plain text");
    }

    @Test
    void smolLm2sKindGivesTheLibrarysIds() {
        assertEqualIds(jsonFile(json -> {
            ArrayNode stages = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
            stages.addObject().put("type", "Digits").put("individual_digits", true);
            stages.addObject().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
        }), "In 1984 there were 12 and ½ of ١٢٣ ");
        assertEquals(7, TokenizerFiles.read(directory.resolve("any-name.json")).safeCut("one two three!"));
    }

    @Test
    void runsOfDigitsAsOnePiece() {
        assertEqualIds(jsonFile(json -> {
            ArrayNode stages = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
            stages.addObject().put("type", "Digits").put("individual_digits", false);
            stages.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false).putObject("pattern").put("String",
                "a");
            stages.addObject().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", false);
        }), "In 1984 there were 12");
    }

    /**
     * The leftmost added token counts; of several that begin there, the longest. Normalized ones are looked for after the others. Other
     * text stays plain.
     */
    @Test
    void addedTokensThatOverlap() {
        Path file = jsonFile(json -> {
            ArrayNode added = (ArrayNode) json.get("added_tokens");
            added(added, 512, "<|a|>", true);
            added(added, 513, "<|a|><|b|>", true);
            added(added, 514, "he", false);
            added(added, 515, "    ", false);
            added(added, 516, "x<|a|>", false);
            ((ObjectNode) added.get(4)).put("normalized", true);
            ((ObjectNode) added.get(5)).put("normalized", true);
        });
        assertEqualIds(file, "<|a|><|b|><|a|><|a the hehe<|a|>     x<|endoftext|>x<|a|>");
        Tokenizer tokenizer = TokenizerFiles.read(file);
        assertArrayEquals(new int[] {514, 514}, tokenizer.encodePlain("hehe"));
        assertEquals("<|a|>", tokenizer.decode(tokenizer.encodePlain("<|a|>")));
        assertTrue(tokenizer.encodePlain("<|a|>").length > 1);
        assertEquals(0, tokenizer.bytes(512).length);
        assertEquals(2, tokenizer.bytes(514).length);
        assertEquals(3, tokenizer.safeCut("a b c"), "no added token has a letter before a blank");
        assertEquals(1, tokenizer.safeCut("a   > "), "an added token could end with the >");
    }

    /** A hostile vocabulary could spell a special token by merges. What a user types must stay plain all the same. */
    @Test
    void mergesNeverMakeASpecialToken() {
        String word = trained().model().tokens().stream().skip(256).filter(token -> token.matches("[a-z]+")).findFirst().orElseThrow();
        Tokenizer tokenizer = TokenizerFiles.read(jsonFile(json -> {
            ((ArrayNode) json.get("added_tokens")).removeAll();
            added((ArrayNode) json.get("added_tokens"), json.at("/model/vocab/" + word).intValue(), word, true);
        }));
        int special = tokenizer.id(word).orElseThrow();
        assertArrayEquals(new int[] {special}, tokenizer.encode(word));
        assertTrue(Arrays.stream(tokenizer.encodePlain(word + " " + word)).noneMatch(id -> id == special));
    }

    @Test
    void directoriesWithoutATokenizer() throws IOException {
        assertTrue(TokenizerFiles.find(directory).isEmpty());
        ModelFormatException none = assertThrows(ModelFormatException.class, () -> TokenizerFiles.read(directory));
        says(none.getMessage(), directory, "tokenizer.json", "vocab.json", "merges.txt", "Name a directory");
        ConfigException absent = assertThrows(ConfigException.class, () -> TokenizerFiles.read(directory.resolve("absent")));
        assertTrue(absent.getMessage().endsWith("no such file or directory; expected a tokenizer.json or a directory that has one."));
        Files.writeString(directory.resolve("vocab.json"), "{\"a\": 0}");
        ModelFormatException half = assertThrows(ModelFormatException.class, () -> TokenizerFiles.find(directory));
        assertEquals(ExitCode.BAD_MODEL, half.exitCode());
        says(half.getMessage(), directory.resolve("merges.txt"), "is missing", "vocab.json");
    }

    @Test
    void faultsOfMergesTxtNameTheLineOrTheMerge() throws IOException {
        Files.writeString(directory.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        for (var fault : Map.of("#version: 0.2\na b\nab\n", "merges.txt:3: merge 1 is \"ab\", expected two tokens with a space between.",
            "a b\n\nb a\n", "merges.txt:2: merge 1 is \"\", expected two tokens with a space between.",
            "a b\na b\n", "merges.txt: merge 1 (a b) is the same as merge 0; each pair may merge once.",
            "a c\n", "merges.txt: merge 0 (a c) names \"c\", which the vocabulary does not have.").entrySet()) {
            Files.writeString(directory.resolve("merges.txt"), fault.getKey());
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> TokenizerFiles.find(directory), fault.getKey());
            assertTrue(e.getMessage().endsWith(fault.getValue()), e.getMessage());
        }
        Files.write(directory.resolve("merges.txt"), new byte[] {'a', ' ', (byte) 0xFF});
        assertTrue(assertThrows(ModelFormatException.class, () -> TokenizerFiles.find(directory)).getMessage()
            .contains("merges.txt: byte 2 (line 1) is not UTF-8: found FF."));
    }

    private void assertEqualIds(Path file, String extraText) {
        Tokenizer tokenizer = TokenizerFiles.read(file);
        List<String> texts = new ArrayList<>(NastyStrings.all());
        texts.add(extraText);
        texts.add(Fixtures.macbeth());
        Tokenizer again = readAgain(tokenizer);
        try (HuggingFaceOracle oracle = new HuggingFaceOracle(file)) {
            for (String text : texts) {
                int[] ids = tokenizer.encode(text);
                assertArrayEquals(oracle.encode(text), ids, text);
                assertArrayEquals(ids, again.encode(text), text);
                assertEquals(text, tokenizer.decode(ids));
                int cut = tokenizer.safeCut(text);
                assertArrayEquals(ids, IntStream.concat(Arrays.stream(tokenizer.encode(text.substring(0, cut))),
                    Arrays.stream(tokenizer.encode(text.substring(cut)))).toArray());
            }
        }
    }

    private Tokenizer readAgain(Tokenizer tokenizer) {
        Path written = directory.resolve("written");
        TokenizerFiles.write(tokenizer, written);
        return TokenizerFiles.read(written);
    }

    private Path jsonFile(Consumer<ObjectNode> change) {
        try {
            ObjectNode json = (ObjectNode) StrictJson.parse("trained", TokenizerFiles.json(trained()));
            change.accept(json);
            return Files.write(directory.resolve("any-name.json"), StrictJson.bytes(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void added(ArrayNode tokens, int id, String content, boolean special) {
        tokens.addObject().put("id", id).put("content", content).put("single_word", false).put("lstrip", false).put("rstrip", false)
            .put("normalized", false).put("special", special);
    }

    private static void mergesAsArrays(ObjectNode json) {
        ArrayNode merges = (ArrayNode) json.at("/model/merges");
        for (int i = 0; i < merges.size(); i++) {
            String[] pair = merges.get(i).textValue().split(" ");
            merges.set(i, merges.arrayNode().add(pair[0]).add(pair[1]));
        }
    }

    /** 512 tokens learned from Macbeth, {@code <|endoftext|>} the last. */
    private static BpeTokenizer trained() {
        return new BpeTrainer(512).add(Fixtures.macbeth()).train();
    }

    private static Set<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
