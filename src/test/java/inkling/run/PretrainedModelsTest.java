package inkling.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import inkling.train.Evaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that others trained, through the commands' own path. */
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

    @Test
    void theSorterSortsAHundredOfAHundred() {
        try (LoadedModel model = open(Fixtures.shared("data/gpt-nano-sort"))) {
            Random random = new Random(11);
            for (int n = 0; n < 100; n++) {
                int[] digits = random.ints(6, 0, 3).toArray();
                int[] sorted = digits.clone();
                Arrays.sort(sorted);
                assertArrayEquals(sorted, greedy(model, digits, 6), "sequence %d: %s".formatted(n, Arrays.toString(digits)));
            }
        }
    }

    /**
     * Greedy from the beginning token: the story that llama2.c's own test expects of stories260K ("Once upon a time, there was a little
     * girl named Lily. She loved to play outside in the park. …"), as ids. Another layout of anything tells another story.
     */
    @Test
    void theLlamaTellsItsStory() {
        int[] story = {403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267, 337, 410, 408, 419, 292,
            411, 322, 265, 282, 295, 433, 426, 385, 328, 432, 358, 394, 261, 370, 432, 352, 266, 268, 388, 426, 338, 391, 266, 267,
            337, 335, 312, 432, 398, 312, 286, 267, 414, 270, 333, 415};
        try (LoadedModel model = open(Fixtures.shared("data/llama-stories260k"))) {
            int[] written = greedy(model, new int[] {1}, 200);
            assertEquals(200, written.length);
            assertArrayEquals(story, Arrays.copyOf(written, story.length));
        }
    }

    @Test
    void theLossOfATrainedModelIsTheOneItsTrainerMeasured() throws IOException {
        Path macbeth = Files.writeString(directory.resolve("macbeth.txt"), Fixtures.macbeth());
        try (LoadedModel model = open(Fixtures.shared("pretrained/dickens-gpt2"))) {
            Tokens tokens = Corpus.open(List.of(macbeth.toString()), DataConfig.Format.TEXT).whole().tokens(model.requireTokenizer("eval"));
            EvaluationWindows windows = EvaluationWindows.all(tokens, 32, 128);
            Evaluator.Result result = new Evaluator(model.manager(), model.gpt(), model.context()).over(windows);
            assertEquals(46_592, result.tokens()); // 46,593, of which the first is never predicted
            assertEquals(5.4890, result.loss(), 1e-4);
            assertEquals(3.6779, result.bitsPerByte(windows.bytes(model.requireTokenizer("eval"))), 1e-4);
        }
    }

    @Test
    void whatNeedsTextSaysThatThereIsNoTokenizer() {
        try (LoadedModel model = open(Fixtures.shared("data/gpt-nano-sort"))) {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> model.requireTokenizer("eval"));
            assertEquals(4, e.exitCode().code());
            assertTrue(e.getMessage().contains("has no tokenizer"), e.getMessage());
            assertTrue(e.getMessage().endsWith("Give it with --tokenizer PATH."), e.getMessage());
        }
    }

    @Test
    void aVocabularyLargerThanTheEmbeddingIsRefused() throws IOException {
        Path dickens = Fixtures.shared("pretrained/dickens-gpt2");
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.shared("data/tiny-random-gpt2/" + file), directory.resolve(file));
        }
        Files.copy(dickens.resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> open(directory));
        assertTrue(e.getMessage().contains("the tokenizer has 1025 tokens, the embedding 1000 rows"), e.getMessage());
    }
}
