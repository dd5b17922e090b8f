package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.KvCache;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.Parameters;
import inkling.model.Probe;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("thorough")
class GptLogitsTest {
    private static final int PROMPTS = 20;
    private static final int TOKENS = 100;

    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private Gpt model(Positions positions) {
        Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(32).nInner(64).contextLength(TOKENS + 8)
            .positions(positions)).over(61), manager, 9);
        gpt.parameters().arrays().forEach(p -> p.muli(6)); // so that some tokens are clearly likelier, as in a trained model
        return gpt;
    }

    private float[] full(Gpt gpt, int[] ids) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = gpt.forward(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)),
                Mode.EVAL, Probe.NONE);
            return logits.get(0, ids.length - 1).toFloatArray();
        }
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }

    @ParameterizedTest
    @EnumSource(Positions.class)
    void greedyTextThroughTheCacheIsThatOfTheFullPass(Positions positions) {
        Random random = new Random(4);
        try (Gpt gpt = model(positions); GptLogits cached = new GptLogits(gpt, manager, ComputeContext.of("cpu"))) {
            for (int prompt = 0; prompt < PROMPTS; prompt++) {
                int[] ids = random.ints(1 + prompt % 7, 0, 61).toArray();
                SamplingOptions greedy = SamplingOptions.DEFAULT.withTemperature(0).withMaxTokens(TOKENS - ids.length);
                int[] generated = new Generator(cached, Optional.empty()).generate(ids, greedy, Generator.Listener.NONE).samples()
                    .get(0).ids();
                for (int i = 0; i < generated.length; i += prompt == 0 ? 1 : 9) {
                    int[] seen = Arrays.copyOf(ids, ids.length + i);
                    System.arraycopy(generated, 0, seen, ids.length, i);
                    assertEquals(argmax(full(gpt, seen)), generated[i], "prompt " + prompt + ", token " + i);
                }
            }
        }
    }

    @Test
    void cachedLogitsEqualTheFullPassAfterARewind() {
        try (Gpt gpt = model(Positions.ROPE); GptLogits cached = new GptLogits(gpt, manager, ComputeContext.of("cpu"))) {
            cached.read(new int[] {5, 6, 7, 8, 9});
            cached.keep(2, 9, 0);
            assertArrayEquals(full(gpt, new int[] {5, 6, 1, 2}), cached.read(new int[] {1, 2})[0], 1e-4f);
            cached.keep(0, 9, 0);
            assertArrayEquals(full(gpt, new int[] {3}), cached.read(new int[] {3})[0], 1e-4f);
        }
    }

    @ParameterizedTest
    @EnumSource(Positions.class)
    void sequencesAreCopiedReadSideBySideAndDropped(Positions positions) {
        try (Gpt gpt = model(positions); GptLogits cached = new GptLogits(gpt, manager, ComputeContext.of("cpu"))) {
            cached.read(new int[] {5, 6, 7});
            cached.keep(2, 5, 0, 0, 0);
            assertRows(gpt, cached.read(new int[] {1, 2}, new int[] {3, 4}, new int[] {8, 9}),
                new int[] {5, 6, 1, 2}, new int[] {5, 6, 3, 4}, new int[] {5, 6, 8, 9});
            cached.keep(4, 5, 2, 0);
            assertRows(gpt, cached.read(new int[] {11}, new int[] {12}), new int[] {5, 6, 8, 9, 11}, new int[] {5, 6, 1, 2, 12});
            assertRows(gpt, cached.readApart(new int[] {1, 2}, new int[] {3, 4}, new int[] {5, 6}),
                new int[] {1, 2}, new int[] {3, 4}, new int[] {5, 6});
            cached.keep(5, 6, 1);
            assertRows(gpt, cached.read(new int[] {13}), new int[] {5, 6, 1, 2, 12, 13});
        }
    }

    @Test
    void aTokenReadAloneGoesThroughTheAdapters() {
        Lora lora = new Lora(new LoraConfig(3, 6, 0, List.of("attn.c_attn", "mlp.c_fc")));
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(32).nInner(64).contextLength(TOKENS)
            .positions(Positions.ROPE)).over(61);
        Parameters parameters = GptWeights.initialise(config, manager.newSubManager(), 9);
        lora.addTo(parameters, config, 4);
        parameters.asMap().forEach((name, array) -> array.addi(name.endsWith("lora_B.weight") ? 0.3 : 0));
        try (Gpt gpt = new Gpt(config, parameters, Optional.of(lora)); GptLogits cached = new GptLogits(gpt, manager,
            ComputeContext.of("cpu"))) {
            cached.read(new int[] {5, 6, 7});
            assertRows(gpt, cached.read(new int[] {8}), new int[] {5, 6, 7, 8});
            assertThrows(IllegalStateException.class, () -> gpt.decodeStep().inStrips(manager));
        }
    }

    private void assertRows(Gpt gpt, float[][] logits, int[]... texts) {
        assertEquals(texts.length, logits.length);
        for (int i = 0; i < texts.length; i++) {
            assertArrayEquals(full(gpt, texts[i]), logits[i], 1e-4f, "sequence " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(Positions.class)
    void samplesMadeTogetherEqualThoseMadeOneAtATime(Positions positions) {
        Tokenizer letters = CharTokenizer.fit("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,!?;:'\n");
        SpecialIds ending = SpecialIds.NONE.withEnds(17);
        SamplingOptions options = SamplingOptions.DEFAULT.withSeed(8).withSamples(24).withTemperature(8).withRepetitionPenalty(1.1);
        try (Gpt gpt = model(positions); GptLogits model = new GptLogits(gpt, manager, ComputeContext.of("cpu"))) {
            assertTogetherEqualsApart(model, letters, ending, options.withMaxTokens(25).withStop("ab", "Q.", "z", "e"), 6);
            assertTogetherEqualsApart(model, letters, ending, options.withSamples(6).withMaxTokens(TOKENS + 20), 3); // the context fills up
            assertTogetherEqualsApart(model, letters, SpecialIds.NONE, options.withSamples(2).withMaxTokens(TOKENS + 20)
                .withTemperature(0), 1);
        }
    }

    private void assertTogetherEqualsApart(GptLogits model, Tokenizer tokenizer, SpecialIds ends, SamplingOptions options, int lengths) {
        int[] prompt = {5, 6, 7};
        List<Generation.Sample> together = new Generator(model, Optional.of(tokenizer), ends)
            .generate(prompt, options, Generator.Listener.NONE).samples();
        List<Generation.Sample> apart = new Generator(new OneAtATime(model), Optional.of(tokenizer), ends)
            .generate(prompt, options, Generator.Listener.NONE).samples();
        assertEquals(options.samples(), together.size());
        for (int i = 0; i < together.size(); i++) {
            assertArrayEquals(apart.get(i).ids(), together.get(i).ids(), "sample " + i);
            assertEquals(apart.get(i).text(), together.get(i).text());
            assertEquals(apart.get(i).finishReason(), together.get(i).finishReason());
        }
        long different = together.stream().map(sample -> sample.ids().length).distinct().count();
        assertTrue(different >= lengths, different + " lengths");
    }

    /** A model that takes one sequence at a time. */
    private record OneAtATime(GptLogits model) implements NextLogits {
        @Override
        public int vocabSize() {
            return model.vocabSize();
        }

        @Override
        public int contextLength() {
            return model.contextLength();
        }

        @Override
        public int mostSequences(int tokens) {
            return 1;
        }

        @Override
        public float[][] read(int[]... ids) {
            assertEquals(1, ids.length);
            return model.read(ids);
        }

        @Override
        public float[][] readApart(int[]... texts) {
            assertEquals(1, texts.length);
            return model.readApart(texts);
        }

        @Override
        public void keep(int length, int room, int... rows) {
            model.keep(length, room, rows);
        }
    }

    /** A sample must not depend on which number of threads was the faster one for its tokens. */
    @ParameterizedTest
    @CsvSource({"768, 12, 12, 3001", "96, 6, 2, 50", "60, 3, 1, 7"})
    void oneThreadAndSeveralGiveTheSameBits(int width, int heads, int kvHeads, int vocabulary) {
        requireTheSameBits(width, heads, kvHeads, vocabulary, (gpt, cache) -> gpt.next(ids(5), cache));
    }

    @ParameterizedTest
    @CsvSource({"768, 12, 12, 3001", "96, 6, 2, 50", "64, 2, 1, 7"})
    void oneThreadAndSeveralGiveTheSameBitsWithWeightsInStrips(int width, int heads, int kvHeads, int vocabulary) {
        requireTheSameBits(width, heads, kvHeads, vocabulary, (gpt, cache) -> gpt.decodeStep().inStrips(manager).next(ids(5), cache));
    }

    private void requireTheSameBits(int width, int heads, int kvHeads, int vocabulary, BiFunction<Gpt, KvCache, NDArray> next) {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(heads).nKvHead(kvHeads).nEmbd(width).contextLength(300))
            .over(vocabulary);
        try (Gpt gpt = Gpt.initialise(config, manager, 9); KvCache cache = new KvCache(manager, config, 1)) {
            gpt.next(ids(new Random(3).ints(256, 0, vocabulary).asLongStream().toArray()), cache);
            float[][] logits = new float[2][];
            for (int i = 0; i < 2; i++) {
                ComputeContext.of("cpu").withThreads(i + 1).enter();
                cache.keep(256, 257, 0);
                logits[i] = next.apply(gpt, cache).toFloatArray();
            }
            assertArrayEquals(logits[0], logits[1]);
        }
    }

    private NDArray ids(long... ids) {
        return manager.create(ids, new Shape(1, ids.length));
    }

    /** The prompt is so short that one thread reads it. */
    @Test
    void theCallersThreadHasAllThreadsAgainAfterwards() {
        ComputeContext three = ComputeContext.of("cpu").withThreads(3);
        three.enter();
        try (Gpt gpt = model(Positions.ROPE)) {
            try (GptLogits model = new GptLogits(gpt, manager, three)) {
                model.read(new int[] {1, 2, 3});
                assertEquals(1, JniUtils.getNumThreads());
            }
            assertEquals(3, JniUtils.getNumThreads());
        }
    }

    @Test
    void asManySequencesAtATimeAsFitIntoTheCachesMemory() {
        try (Gpt gpt = model(Positions.ROPE); GptLogits model = new GptLogits(gpt, manager, ComputeContext.of("cpu"))) {
            assertEquals(2 * 2 * 16 * 4, KvCache.bytes(gpt.config(), 1), "2 layers, 2 key/value heads of 8, keys and values");
            assertEquals(64, model.mostSequences(TOKENS));
            assertEquals(2, model.mostSequences(1 << 20), "512 MiB hold two of 256 MiB");
            assertEquals(1, model.mostSequences(1 << 22));
        }
    }
}
