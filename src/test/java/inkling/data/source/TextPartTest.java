package inkling.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.data.Batches;
import inkling.data.TokenFile;
import inkling.data.Tokens;
import inkling.data.source.DataConfig.Format;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.bpe.ByteTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPartTest {
    private static final String TOKENIZER = Sha256.of("bytes");
    private static final int CONTEXT = 8;

    @TempDir
    Path directory;

    private Corpus corpus(String text) {
        try {
            return Corpus.open(List.of(Files.writeString(directory.resolve("text.txt"), text).toString()), Format.TEXT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> cached() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("cache"))) {
            return files.sorted().toList();
        }
    }

    private TokenFile tokenFile(TextPart part, String tokenizer) {
        return part.tokenFile(new ByteTokenizer(), SpecialIds.of(new ByteTokenizer()), tokenizer, directory.resolve("cache"),
            DurableFiles.SYSTEM);
    }

    @Test
    void aTokenFileHoldsTheIdsOfTheText() {
        TextPart part = corpus("one two\n<|endoftext|>é").whole();
        TokenFile file = tokenFile(part, TOKENIZER);
        Tokens memory = tokens(part, new ByteTokenizer());
        assertEquals(8 + 1 + 2, file.count());
        for (long i = 0; i < file.count(); i++) {
            assertEquals(memory.at(i), file.at(i));
        }
    }

    @Test
    void eachDocumentHasTheBeginningOnceAndOneEndTokenStandsBetweenTwo() throws IOException {
        SpecialIds special = new SpecialIds(List.of((int) '<', (int) '>'), OptionalInt.empty(), OptionalInt.of(3), List.of(3));
        Files.writeString(directory.resolve("a.txt"), "a");
        Files.writeString(directory.resolve("b.txt"), "<>b");
        Files.writeString(directory.resolve("c.txt"), "c");
        Tokens tokens = Corpus.open(List.of(directory.toString()), Format.TEXT).whole().tokens(new ByteTokenizer(), special);
        int[] expected = {'<', '>', 'a', 3, '<', '>', 'b', 3, '<', '>', 'c'};
        assertEquals(expected.length, tokens.count());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], tokens.at(i));
        }
    }

    @Test
    void anotherEndOrBeginningTokenMakesAnotherTokenFile() throws IOException {
        TextPart part = corpus("some text").whole();
        tokenFile(part, TOKENIZER);
        for (SpecialIds special : List.of(new SpecialIds(List.of(1), OptionalInt.empty(), OptionalInt.of(256), List.of()),
            new SpecialIds(List.of(), OptionalInt.empty(), OptionalInt.of(3), List.of()))) {
            part.tokenFile(new ByteTokenizer(), special, TOKENIZER, directory.resolve("cache"), DurableFiles.SYSTEM);
        }
        assertEquals(3, cached().size());
    }

    @Test
    void aTokenFileIsBuiltOnceAndAnewForAnotherTextCutOrTokenizer() throws IOException {
        tokenFile(corpus("some text").whole(), TOKENIZER);
        FileTime built = FileTime.fromMillis(1_000);
        Path first = cached().get(0);
        Files.setLastModifiedTime(first, built);
        tokenFile(corpus("some text").whole(), TOKENIZER);
        assertEquals(built, Files.getLastModifiedTime(first), "not written again");
        tokenFile(corpus("some text").whole(), Sha256.of("other"));
        assertEquals(2, cached().size());
        tokenFile(corpus("some text").split(0.5).training(), TOKENIZER);
        tokenFile(corpus("some text").split(0.5).validation(), TOKENIZER);
        assertEquals(4, cached().size());
        tokenFile(corpus("Some text").whole(), TOKENIZER);
        assertEquals(5, cached().size());
    }

    /**
     * If letters decide how text is split, the name depends on the Unicode version, too. Then a new run never uses a token file of version
     * 0.1, whose name tells no Unicode version.
     */
    @Test
    void theNameIsThatOfVersion01UnlessLettersMatter() throws IOException {
        TextPart part = corpus("some text").whole();
        String of01 = "corpus %s TEXT\ncharacters 0 9\ntokenizer %s %d\n";
        String hash = Sha256.of(Files.readAllBytes(directory.resolve("text.txt")));
        tokenFile(part, TOKENIZER);
        String bytes = Sha256.of(of01.formatted(hash, TOKENIZER, new ByteTokenizer().vocabSize()));
        assertEquals(bytes.substring(0, 16) + ".tokens", cached().get(0).getFileName().toString());

        Path cache = Files.createDirectory(directory.resolve("letters"));
        Tokenizer gpt2 = BpeTokenizer.gpt2();
        assertEquals("16.0.0", gpt2.unicode().orElseThrow());
        String key = Sha256.of(of01.formatted(hash, TOKENIZER, gpt2.vocabSize()));
        TokenFile.write(DurableFiles.SYSTEM, cache.resolve(key.substring(0, 16) + ".tokens"), key, gpt2.vocabSize(),
            sink -> sink.accept(new int[] {7}));
        assertEquals(2, part.tokenFile(gpt2, SpecialIds.of(gpt2), TOKENIZER, cache, DurableFiles.SYSTEM).count());
        assertEquals(1, part.earlierTokenFile(gpt2, SpecialIds.of(gpt2), TOKENIZER, Optional.empty(), cache).orElseThrow().count());
        assertEquals(Optional.empty(), part.earlierTokenFile(gpt2, SpecialIds.of(gpt2), TOKENIZER, Optional.of("15.0.0"), cache));
    }

    @Test
    void aTextThatChangesWhileItIsTokenisedLeavesNoTokenFile() throws IOException {
        Corpus corpus = corpus("some text");
        ByteTokenizer changing = new ByteTokenizer() {
            @Override
            public int[] encode(String text) {
                try {
                    Files.writeString(directory.resolve("text.txt"), "another");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return super.encode(text);
            }
        };
        assertThrows(ConfigException.class,
            () -> corpus.whole().tokenFile(changing, SpecialIds.of(changing), TOKENIZER, directory.resolve("cache"), DurableFiles.SYSTEM));
        assertEquals(List.of(), cached());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, CONTEXT - 1, CONTEXT})
    void fewerTokensThanAWindowAndItsTargetAreRefused(int length) {
        TextPart part = corpus("x".repeat(length)).whole();
        ConfigException e = assertThrows(ConfigException.class, () -> part.requireWindow(tokens(part, new ByteTokenizer()), CONTEXT));
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        String expected = "text.txt needs at least 9 tokens (a window of context_length 8 and its last target), has " + length;
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {CONTEXT + 1, CONTEXT + 2})
    void aWindowAndItsTargetAreEnough(int length) {
        TextPart part = corpus("x".repeat(length)).whole();
        Tokens tokens = tokens(part, new ByteTokenizer());
        assertSame(tokens, part.requireWindow(tokens, CONTEXT));
        Batches.random(tokens, 2, CONTEXT, 1).at(3);
    }

    @Test
    void aValidationPartThatIsTooShortIsNamed() {
        TextPart validation = corpus("x".repeat(50)).split(0.1).validation();
        String message = assertThrows(ConfigException.class,
            () -> validation.requireWindow(tokens(validation, new ByteTokenizer()), CONTEXT)).getMessage();
        assertTrue(message.startsWith("the validation part (the last 5 characters) of "), message);
        assertTrue(message.contains("needs at least 9 tokens") && message.contains("has 5"), message);
    }

    @Test
    void aTokenizerIsFittedToThisPartOnly() {
        List<String> pieces = new ArrayList<>();
        TextPart training = corpus("alpha beta gamma").split(0.5).training();
        training.pieces(pieces::add);
        assertEquals("alpha be", String.join("", pieces));
    }

    @Test
    void aLongTextIsCutIntoPiecesThatJoinToItAndKeepsItsNumberOfIds() {
        String text = "It was the best of times, it was the worst of times.\n".repeat(60_000);   // 3 pieces and a rest
        TextPart part = corpus(text).whole();
        List<String> pieces = new ArrayList<>();
        part.pieces(pieces::add);
        assertTrue(pieces.size() >= 3, "pieces: " + pieces.size());
        assertEquals(text, String.join("", pieces));
        assertEquals(text.length(), tokens(part, new ByteTokenizer()).count());
        assertFalse(pieces.stream().anyMatch(String::isEmpty));
    }

    /** Dickens takes two pieces. A cut inside a piece that GPT-2's split pattern keeps together would change ids. */
    @Tag("thorough")
    @Test
    void theIdsOfThePiecesAreThoseOfTheWholeText() {
        Tokenizer gpt2 = BpeTokenizer.gpt2();
        String text = Fixtures.dickens().replace("Kit", "<|endoftext|>");
        List<String> pieces = new ArrayList<>();
        corpus(text).whole().pieces(pieces::add);
        assertEquals(2, pieces.size());
        assertIds(gpt2.encode(text), tokens(corpus(text).whole(), gpt2));
    }

    @Test
    void aTokenizerFittedToPiecesIsTheOneFittedToTheWhole() {
        BpeTrainer byPieces = new BpeTrainer(300);
        TextPart whole = corpus(Fixtures.dickens()).whole();
        whole.pieces(byPieces::add);
        BpeTokenizer expected = new BpeTrainer(300).add(Fixtures.dickens()).train();
        assertArrayEquals(TokenizerFiles.json(expected), TokenizerFiles.json(byPieces.train()));
    }

    /**
     * A model, the text that it learned, and the number of tokens in each part. For the model in ../shared, its README tells these
     * numbers, which other software counted.
     */
    private record Learned(Path model, String text, long training, long validation) {}

    private static Tokens tokens(TextPart part, Tokenizer tokenizer) {
        return part.tokens(tokenizer, SpecialIds.of(tokenizer));
    }

    private static Stream<Learned> learned() {
        return Stream.concat(Stream.of(new Learned(Fixtures.own("gpt2"), Fixtures.tales(), 26_346, 2_964)),
            Fixtures.sharedIfThere("pretrained/dickens-gpt2").map(model -> new Learned(model, Fixtures.dickens(), 406_363, 45_203)));
    }

    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("learned")
    void aTextHasAsManyTokensAsWhenItsModelWasTrained(Learned learned) {
        Tokenizer tokenizer = TokenizerFiles.read(learned.model());
        Corpus.Split parts = corpus(learned.text()).split(0.1);
        assertEquals(learned.training(), tokens(parts.training(), tokenizer).count());
        assertEquals(learned.validation(), tokens(parts.validation(), tokenizer).count());
        BpeTrainer trainer = new BpeTrainer(tokenizer.vocabSize());
        parts.training().pieces(trainer::add);
        assertEquals(learned.training(), tokens(parts.training(), trainer.train()).count(), "our own vocabulary from the same part");
    }

    private static void assertIds(int[] expected, Tokens tokens) {
        assertEquals(expected.length, tokens.count());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], tokens.at(i), "token " + i);
        }
    }
}
