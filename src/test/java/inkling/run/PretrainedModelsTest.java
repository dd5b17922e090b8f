package inkling.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.Fixtures;
import inkling.data.EvaluationWindows;
import inkling.data.Tokens;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.engine.ComputeContext;
import inkling.errors.ModelFormatException;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.own.Golden;
import inkling.own.Trained;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.Evaluator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trained models, loaded and run in the same way as the commands do it. */
@Tag("thorough")
class PretrainedModelsTest {
    private static final SamplingOptions GREEDY = SamplingOptions.DEFAULT.withTemperature(0);

    @TempDir
    Path directory;

    private static LoadedModel open(Path path) {
        return LoadedModel.open(path, ComputeContext.of("cpu"));
    }

    private static int[] greedy(LoadedModel model, int[] prompt, int count) {
        try (GenerationSession session = model.openSession()) {
            return session.generate(prompt, GREEDY.withMaxTokens(count), Generator.Listener.NONE).samples().get(0).ids();
        }
    }

    @ParameterizedTest
    @MethodSource("inkling.own.Trained#models")
    void aTrainedModelWritesWhatItLearned(Trained trained) {
        try (LoadedModel model = open(trained.directory())) {
            for (Trained.Passage passage : trained.passages()) {
                assertArrayEquals(passage.written(), greedy(model, passage.prompt(), passage.written().length),
                    "after " + Arrays.toString(passage.prompt()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void theLogitsAreThoseOfTheDoublePrecisionReference(String name) {
        Golden golden = Golden.read(Fixtures.own(name));
        try (LoadedModel model = open(Fixtures.own(name)); NDManager scope = model.manager().newSubManager()) {
            NDArray ids = scope.create(Arrays.stream(golden.ids()).asLongStream().toArray(), new Shape(1, golden.ids().length));
            float[] logits = model.gpt().forward(ids, Mode.EVAL, Probe.NONE).toFloatArray();   // (1, T, V)
            double[] expected = Arrays.stream(golden.logits()).flatMapToDouble(Arrays::stream).toArray();
            assertEquals(expected.length, logits.length);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], logits[i], 1e-4, "logit " + i);
            }
        }
    }

    /**
     * A model, a text, the number of predicted tokens, and their loss in nats per token. For our own models the reference computed the loss
     * in double precision; for the other, its trainer measured it.
     */
    private record Measured(Path model, String text, int tokens, double loss, double tolerance) {}

    private static Stream<Measured> measured() {
        String tales = Fixtures.tales();
        String heldOut = tales.substring(tales.length() - (int) Math.ceil(tales.length() * 0.1));
        Stream<Measured> own = Stream.of("gpt2", "llama").map(Fixtures::own)
            .map(model -> new Measured(model, heldOut, 2_963, Golden.read(model).loss(), 1e-5));   // the first of 2,964 is never predicted
        return Stream.concat(own, Fixtures.sharedIfThere("pretrained/dickens-gpt2")
            .map(model -> new Measured(model, Fixtures.macbeth(), 46_592, 5.4890, 1e-4)));
    }

    @ParameterizedTest
    @MethodSource("measured")
    void theLossOfATrainedModelIsTheOneThatWasMeasured(Measured measured) throws IOException {
        Path text = Files.writeString(directory.resolve("text.txt"), measured.text());
        try (LoadedModel model = open(measured.model())) {
            Tokenizer tokenizer = model.requireTokenizer("eval");
            Tokens tokens = Corpus.open(List.of(text.toString()), DataConfig.Format.TEXT)
                .whole().tokens(tokenizer, SpecialIds.of(tokenizer));
            EvaluationWindows windows = EvaluationWindows.all(tokens, 32, model.gpt().config().contextLength());
            Evaluator.Result result = new Evaluator(model.manager(), model.gpt(), model.context()).over(windows);
            assertEquals(measured.tokens(), result.tokens());
            assertEquals(measured.loss(), result.loss(), measured.tolerance());
            double bits = result.loss() * result.tokens() / Math.log(2);
            double bytes = Files.size(text) - tokenizer.decode(new int[] {tokens.at(0)}).getBytes(StandardCharsets.UTF_8).length;
            assertEquals(bits / bytes, result.bitsPerByte(windows.bytes(tokenizer)), 1e-9);
        }
    }

    @Test
    void whatNeedsTextSaysThatThereIsNoTokenizer() throws IOException {
        copyWeights();
        try (LoadedModel model = open(directory)) {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> model.requireTokenizer("eval"));
            assertEquals(4, e.exitCode().code());
            assertTrue(e.getMessage().contains("has no tokenizer"), e.getMessage());
            assertTrue(e.getMessage().contains("--tokenizer"), e.getMessage());
        }
    }

    @Test
    void aVocabularyLargerThanTheEmbeddingIsRefused() throws IOException {
        copyWeights();
        TokenizerFiles.write(new BpeTrainer(400).add(Fixtures.macbeth()).train(), directory);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> open(directory));
        assertTrue(e.getMessage().contains("the tokenizer has 400 tokens, the embedding 320 rows"), e.getMessage());
    }

    private void copyWeights() throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.own("gpt2").resolve(file), directory.resolve(file));
        }
    }
}
