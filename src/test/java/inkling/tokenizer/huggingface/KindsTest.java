package inkling.tokenizer.huggingface;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.IncrementalDecoder;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.PostProcessor;
import inkling.tokenizer.split.TextPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Details that are easy to get wrong in the tokenizers of model families, mostly on the small tokenizers of {@link Kinds}. */
class KindsTest {
    @TempDir
    Path directory;

    private Tokenizer kind(String name) {
        return TokenizerFiles.read(Kinds.write(directory, name, Kinds.all().get(name)));
    }

    private static List<String> tokens(Tokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids).mapToObj(tokenizer::token).toList();
    }

    private static List<String> tokens(Tokenizer tokenizer, String text) {
        return tokens(tokenizer, tokenizer.encode(text));
    }

    /** The file of a tokenizer, and a file with texts and the ids and decoded texts that Hugging Face's library gives for them. */
    private record Real(Path file, Path vectors) {
        @Override
        public String toString() {
            return file.getFileName().toString();
        }
    }

    /**
     * The tokenizers for which ../shared has texts and ids. Their own files lie in data/tokenizers there or, if they are too large for
     * that, in the folder that INKLING_TOKENIZERS names.
     */
    static Stream<Real> realTokenizers() {
        Path far = Path.of(Optional.ofNullable(System.getenv("INKLING_TOKENIZERS")).orElse("."));
        return Stream.of("llama2", "mistral01", "mistral03", "phi3mini", "gpt_neox", "qwen3", "llama3_1", "gemma3").flatMap(name -> {
            Stream<Path> near = Fixtures.sharedIfThere("data/tokenizers/" + name + ".json");
            Stream<Path> vectors = Fixtures.sharedIfThere("data/tokenizer-vectors/" + name + ".json");
            return vectors.flatMap(of -> Stream.concat(near, Stream.of(far.resolve(name + ".json"))).filter(Files::exists).limit(1)
                .map(file -> new Real(file, of)));
        });
    }

    @Tag("thorough")
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("realTokenizers")
    void realTokenizersGiveTheIdsAndTheTextOfTheirVectors(Real real) {
        JsonNode vectors = StrictJson.parse(real.vectors());
        Tokenizer tokenizer = TokenizerFiles.read(real.file());
        for (JsonNode row : vectors.get("rows")) {
            String text = row.get("text").textValue();
            int[] ids = IntStream.range(0, row.get("ids").size()).map(i -> row.get("ids").get(i).intValue()).toArray();
            assertArrayEquals(ids, tokenizer.encode(text), text);
            assertEquals(row.get("decoded").textValue(), tokenizer.decode(ids));
            IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
            StringBuilder streamed = new StringBuilder();
            Arrays.stream(ids).forEach(id -> streamed.append(decoder.next(id)));
            assertEquals(row.get("decoded").textValue(), streamed.append(decoder.end()).toString());
        }
    }

    @Test
    void llama2PutsABlankBeforeEachPartOfATextAndMistralOnlyBeforeTheFirst() {
        assertEquals(List.of("▁the", "<s>", "▁the"), tokens(kind("llama 2"), "the<s>the"));
        assertEquals(List.of("▁the", "<s>", "the"), tokens(kind("mistral"), "the<s>the"));
        assertEquals(List.of("<s>", "▁the"), tokens(kind("llama 2"), "<s>the"));
        assertEquals(List.of("<s>", "the"), tokens(kind("mistral"), "<s>the"));
        assertEquals(List.of("<s>"), tokens(kind("llama 2"), "<s>"), "no blank is put before an empty text");
        assertEquals(List.of(), tokens(kind("llama 2"), ""));
    }

    @Test
    void aBlankAtTheBeginningIsKeptByLlama2AndLostByMistral() {
        assertEquals(" the", kind("llama 2").decode(kind("llama 2").encode(" the")));
        assertEquals("the", kind("mistral").decode(kind("mistral").encode(" the")));
        assertEquals(" the", kind("gemma").decode(kind("gemma").encode(" the")));
        assertEquals("the", kind("gemma").decode(kind("gemma").encode("the")));
    }

    @Test
    void normalizedSpecialTokensAreFoundInTheirNormalizedForm() {
        Tokenizer tokenizer = kind("llama 2 with normalized marks");
        assertEquals(List.of("<s>", "the"), tokens(tokenizer, "<s>the"), "the normalized form that it looks for is ▁<s>");
        assertTrue(tokens(tokenizer, "the<s>").size() > 2, "no ▁ stands before this one");
    }

    @Test
    void addedTokensTakeWhiteSpaceAsTheySayAndSingleWordsStandAlone() {
        Tokenizer tokenizer = kind("phi 3");
        assertEquals(List.of("▁the", "<|end|>", "▁the"), tokens(tokenizer, "the<|end|> \n\t the"));
        assertEquals(List.of("▁the", "<mask>", "▁▁", "the"), tokens(tokenizer, "the \n<mask> the"));
        assertEquals(List.of("▁the", "<both>", "▁the"), tokens(tokenizer, "the <both> the"));
        assertEquals(List.of("cat", "▁", ".", "cat"), tokens(tokenizer, "cat.cat"));
        assertTrue(tokens(tokenizer, "concat cats").stream().noneMatch("cat"::equals), tokens(tokenizer, "concat cats").toString());
    }

    @Test
    void bytesStandForMissingCharactersAndEachByteOfARunThatIsNoTextBecomesAReplacementCharacter() {
        Tokenizer tokenizer = kind("gemma");
        assertEquals(List.of("<0xF0>", "<0x9F>", "<0x98>", "<0x80>", "é"), tokens(tokenizer, "😀é"));
        int a = tokenizer.id("<0x41>").orElseThrow();
        int broken = tokenizer.id("<0xFF>").orElseThrow();
        assertEquals("A", tokenizer.decode(new int[] {a}));
        assertEquals("\uFFFD\uFFFD", tokenizer.decode(new int[] {a, broken}), "as the library does: the whole run is no text");
        assertEquals("<0xF0>", tokenizer.piece(tokenizer.id("<0xF0>").orElseThrow()));
        assertEquals(" the", tokenizer.piece(tokenizer.id("▁the").orElseThrow()));
        assertEquals(4, tokenizer.bytes(tokenizer.id("▁the").orElseThrow()).length);
    }

    /**
     * Lets the library decode each token between two tokens "the": what stands there is the token's text. Left out are byte-level kinds,
     * special tokens, and bytes above 0x7F, since one alone is no text.
     */
    @Test
    void theBytesOfATokenAreItsTextInTheMiddleOfOthers() {
        Kinds.all().forEach((name, json) -> {
            Path file = Kinds.write(directory, name, json);
            Tokenizer tokenizer = TokenizerFiles.read(file);
            if (tokenizer.stream(TextPlace.START).isEmpty()) {
                return;
            }
            Set<String> special = ((BpeTokenizer) tokenizer).model().added().stream().filter(BpeModel.AddedToken::special)
                .map(BpeModel.AddedToken::content).collect(Collectors.toSet());
            int the = tokenizer.id("the").orElseThrow();
            try (HuggingFaceOracle library = new HuggingFaceOracle(file)) {
                for (int id = 0; id < tokenizer.vocabSize(); id++) {
                    String token = tokenizer.token(id);
                    if (!special.contains(token) && !token.matches("<0x[89A-F].>")) {
                        assertEquals(library.decode(new int[] {the, id, the}), "the" + new String(tokenizer.bytes(id), UTF_8) + "the",
                            name + ": " + token);
                    }
                }
            }
        });
    }

    @Test
    void missingCharactersAreUnknownOneByOneOrTogether() {
        assertEquals(List.of("a", "<unk>", "<unk>", "▁", "<unk>"), tokens(kind("without bytes"), "aßß ß"));
        assertEquals(List.of("a", "<unk>", "▁", "<unk>"), tokens(kind("without bytes, fused"), "aßß ß"));
        assertEquals(List.of("<0xC3>", "<0xA9>", "<unk>", "a"), tokens(withoutE(), "ß\u00E9a"),
            "as in the library: the id of ß stands after those of é");
        ObjectNode json = Kinds.all().get("without bytes");
        ((ObjectNode) json.get("model")).putNull("unk_token");
        Tokenizer none = TokenizerFiles.read(Kinds.write(directory, "none", json));
        String said = assertThrows(ConfigException.class, () -> none.encode("a ß")).getMessage();
        assertEquals("1 character is not in the vocabulary: \"ß\" (U+00DF). Use a vocabulary with <0x00> to <0xFF> and byte_fallback, or"
            + " other text.", said);
    }

    /** A tokenizer that has the bytes of é, but no token é. */
    private Tokenizer withoutE() {
        ObjectNode json = Kinds.all().get("with some bytes, fused");
        ObjectNode vocab = (ObjectNode) json.at("/model/vocab");
        vocab.set("Ö", vocab.remove("é"));
        json.withArray("/model/merges").removeAll();
        return TokenizerFiles.read(Kinds.write(directory, "without e", json));
    }

    /**
     * Inkling's character tokenizer has no unknown token, no byte fallback and no beginning, so a file with one of them is not read as a
     * {@link CharTokenizer}.
     */
    @Test
    void charactersWithAnUnknownTokenBytesOrABeginningAreReadAsTheLibraryReadsThem() {
        assertTrue(TokenizerFiles.read(Kinds.write(directory, "plain", characters())) instanceof CharTokenizer);
        ObjectNode unknown = characters();
        ((ObjectNode) unknown.get("model")).put("unk_token", "?");
        ObjectNode bytes = characters();
        ((ObjectNode) bytes.get("model")).put("byte_fallback", true);
        ((ObjectNode) bytes.at("/model/vocab")).put("<0x7A>", 4);
        for (ObjectNode json : List.of(unknown, bytes)) {
            Path file = Kinds.write(directory, "more", json);
            try (HuggingFaceOracle library = new HuggingFaceOracle(file)) {
                Tokenizer tokenizer = TokenizerFiles.read(file);
                assertArrayEquals(library.encode("abz?"), tokenizer.encode("abz?"), json.toString());
                assertEquals(library.decode(library.encode("abz?")), tokenizer.decode(tokenizer.encode("abz?")));
            }
        }
        ObjectNode begun = characters();
        begun.set("post_processor", PostProcessor.template(Optional.of("a"), Optional.empty(), Map.of("a", 1)));
        assertEquals(List.of(1), TokenizerFiles.read(Kinds.write(directory, "begun", begun)).beginning());
        begun.set("post_processor", PostProcessor.template(Optional.empty(), Optional.of("a"), Map.of("a", 1)));
        Path ended = Kinds.write(directory, "ended", begun);
        assertTrue(assertThrows(ModelFormatException.class, () -> TokenizerFiles.read(ended).beginning()).getMessage()
            .contains("after every text"));
    }

    private static ObjectNode characters() {
        return (ObjectNode) StrictJson.parse("characters", TokenizerFiles.json(CharTokenizer.fit("?abc")));
    }

    @Test
    void aTextThatGoesOnKeepsTheBlankBeforeItsFirstToken() {
        Tokenizer tokenizer = kind("llama 2");
        int the = tokenizer.id("▁the").orElseThrow();
        assertEquals("the", new IncrementalDecoder(tokenizer).next(the));
        assertEquals(" the", new IncrementalDecoder(tokenizer, TextPlace.WITHIN).next(the));
        assertEquals(List.of("▁the"), tokens(tokenizer, tokenizer.encodeRest(" the")));
        assertEquals(List.of("the"), tokens(tokenizer, tokenizer.encodeRest("the")));
    }

    @Test
    void textIsNormalizedBeforeItIsCut() {
        Tokenizer tokenizer = kind("qwen");
        assertArrayEquals(tokenizer.encode("caf\u00E9"), tokenizer.encode("cafe\u0301"));
        assertEquals("caf\u00E9", tokenizer.decode(tokenizer.encode("cafe\u0301")));
        assertEquals("\uAC01", tokenizer.decode(tokenizer.encode("\u1100\u1161\u11A8")));
    }

    @Tag("thorough")
    @Test
    void tokenizerJsonIsWrittenAsItWasRead() throws IOException {
        for (String name : Kinds.all().keySet()) {
            ObjectNode json = Kinds.all().get(name);
            json.putObject("truncation").put("max_length", 5);
            Path model = Files.createDirectories(directory.resolve(name));
            byte[] written = json.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            Files.write(model.resolve("tokenizer.json"), written);
            Tokenizer tokenizer = TokenizerFiles.find(model).orElseThrow();
            assertArrayEquals(written, TokenizerFiles.files(tokenizer).get("tokenizer.json"), name);
            assertArrayEquals(written, TokenizerFiles.json(tokenizer), name);
        }
    }

    @Test
    void addedTokensBeyondAModelsRowsArePlainText() {
        ObjectNode json = Kinds.all().get("gemma");
        int beyond = Kinds.added(json, "<image>", true).get("id").intValue();
        Tokenizer tokenizer = TokenizerFiles.read(Kinds.write(directory, "beyond", json));
        assertEquals(List.of("the", "<image>"), tokens(tokenizer, "the<image>"));
        Tokenizer within = tokenizer.within(beyond).orElseThrow();
        assertEquals(beyond, within.vocabSize());
        assertEquals("the<image>", within.decode(within.encode("the<image>")));
        assertTrue(Arrays.stream(within.encode("the<image>")).allMatch(id -> id < beyond));
        assertArrayEquals(TokenizerFiles.json(tokenizer), TokenizerFiles.json(within), "the file keeps all tokens");
        assertTrue(tokenizer.within(300).isEmpty(), "a vocabulary that does not fit does not belong to the model");
    }

    @Test
    void aLongTextWithoutAnyCutTakesNoQuadraticTime() {
        Tokenizer tokenizer = kind("with some bytes, fused");
        String text = "the cat and ".repeat(30_000);
        assertEquals(text, org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(java.time.Duration.ofSeconds(120),
            () -> tokenizer.decode(tokenizer.encode(text))));
    }
}
