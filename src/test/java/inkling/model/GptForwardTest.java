package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.Precision.Storage;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Forward passes of the model with a cache and with a probe, against the reference. */
class GptForwardTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10, 6}, {7, 2, 9, 4, 3, 3}};

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    /**
     * The chunks have two, one, two and one tokens: a prompt, a step, several tokens after earlier ones, the last place of the context.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void cachedLogitsEqualTheFullPass(String name, GptConfig config) {
        Map<String, double[]> weights = ReferenceWeights.random(config, 1);
        double[][][] expected = new ReferenceGpt(config, weights).logits(IDS);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, weights, manager);
             KvCache cache = new KvCache(manager, config, 2)) {
            for (int[] chunk : new int[][] {{0, 2}, {2, 3}, {3, 5}, {5, 6}}) {
                int[][] ids = Arrays.stream(IDS).map(row -> Arrays.copyOfRange(row, chunk[0], chunk[1])).toArray(int[][]::new);
                double[] actual = ReferenceWeights.doubles(gpt.next(ReferenceWeights.ids(manager, ids), cache));
                int last = chunk[1] - 1;
                double[] both = ReferenceWeights.flat(new double[][] {expected[0][last], expected[1][last]});
                assertArrayEquals(both, actual, 1e-4, "position " + last);
            }
            assertThrows(IllegalArgumentException.class, () -> gpt.next(ReferenceWeights.ids(manager, new int[][] {{1}, {1}}), cache));
        }
    }

    /**
     * The sequences of the rows have different lengths. In the first pass two padding rows follow the real ones. A sequence that is in the
     * batch twice reads two tokens. One row reaches the last place of the context.
     */
    @Tag("thorough")
    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void rowsOfDifferentLengthsEqualTheFullPass(String name, GptConfig config) {
        Map<String, double[]> weights = ReferenceWeights.random(config, 1);
        double[][][] expected = new ReferenceGpt(config, weights).logits(IDS);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, weights, manager);
             KvCache a = new KvCache(manager, config, 1); KvCache b = new KvCache(manager, config, 1)) {
            gpt.next(ReferenceWeights.ids(manager, new int[][] {{IDS[0][0], IDS[0][1], IDS[0][2]}}), a);
            gpt.next(ReferenceWeights.ids(manager, new int[][] {{IDS[1][0]}}), b);
            assertRows(gpt, List.of(a, b), new int[] {IDS[0][3], IDS[1][1], 0, 0}, expected[0][3], expected[1][1]);
            assertRows(gpt, List.of(b, a, b), new int[] {IDS[1][2], IDS[0][4], IDS[1][3]}, expected[1][2], expected[0][4], expected[1][3]);
            assertRows(gpt, List.of(a), new int[] {IDS[0][5]}, expected[0][5]);
            assertEquals(List.of(6, 4), List.of(a.length(), b.length()));
            assertThrows(IllegalArgumentException.class, () -> assertRows(gpt, List.of(b, a), new int[] {1, 1}));
        }
    }

    /**
     * In bf16 and int8, a text read token by token, or as one row beside padding, has nearly the logits of the whole text. These are near
     * the reference's.
     */
    @Tag("thorough")
    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void matricesInFewerBytesGiveNearlyTheSame(String name, GptConfig config) {
        Map<String, double[]> weights = ReferenceWeights.random(config, 1);
        double[] expected = new ReferenceGpt(config, weights).logits(IDS)[0][IDS[0].length - 1];
        double spread = Arrays.stream(expected).max().orElseThrow() - Arrays.stream(expected).min().orElseThrow();
        for (Storage storage : List.of(Storage.BF16, Storage.INT8)) {
            try (NDManager manager = ReferenceWeights.manager(); Gpt whole = ReferenceWeights.gpt(config, weights, manager);
                 Gpt gpt = new Gpt(config, GptWeights.stored(config, whole.parameters(), storage, manager.newSubManager()));
                 Gpt view = gpt.view(manager); KvCache one = new KvCache(manager, config, 1); KvCache row = new KvCache(manager, config, 1);
                 CacheRows rows = new CacheRows(List.of(row), manager)) {
                NDArray ids = ReferenceWeights.ids(manager, new int[][] {IDS[0]});
                double[] text = ReferenceWeights.doubles(view.next(ids));
                double[] single = {};
                double[] among = {};
                for (int id : IDS[0]) {
                    single = ReferenceWeights.doubles(gpt.next(ReferenceWeights.ids(manager, new int[][] {{id}}), one));
                    NDArray padded = ReferenceWeights.ids(manager, new int[][] {{id}, {0}, {0}, {0}, {0}, {0}, {0}, {0}});
                    among = Arrays.copyOf(ReferenceWeights.doubles(view.decodeStep().next(padded, rows)), config.vocabSize());
                }
                assertArrayEquals(expected, text, 0.05 * spread, storage + ", a text");
                assertArrayEquals(text, single, 0.03 * spread, storage + ", token by token");
                assertArrayEquals(text, among, 0.03 * spread, storage + ", among rows");
                assertThrows(IllegalStateException.class, () -> gpt.decodeStep().inStrips(manager));
            }
        }
    }

    private static void assertRows(Gpt gpt, List<KvCache> caches, int[] ids, double[]... expected) {
        try (NDManager scope = gpt.parameters().manager().newSubManager(); CacheRows rows = new CacheRows(caches, scope)) {
            int[][] column = Arrays.stream(ids).mapToObj(id -> new int[] {id}).toArray(int[][]::new);
            double[] logits = ReferenceWeights.doubles(gpt.decodeStep().next(ReferenceWeights.ids(scope, column), rows));
            int v = gpt.config().vocabSize();
            assertEquals(ids.length * v, logits.length);
            for (int row = 0; row < expected.length; row++) {
                assertArrayEquals(expected[row], Arrays.copyOfRange(logits, row * v, (row + 1) * v), 1e-4, "row " + row);
            }
        }
    }

    /** The models are four times as wide, so that most matrices can be divided evenly into strips. */
    @Tag("thorough")
    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void tokensThroughMatricesInStripsEqualTheFullPass(String name, GptConfig small) {
        GptConfig config = GptOptions.of(small).with(o -> o.nEmbd(4 * small.nEmbd()).nInner(4 * small.mlp().nInner()))
            .over(small.vocabSize());
        Map<String, double[]> weights = ReferenceWeights.random(config, 3);
        double[][][] expected = new ReferenceGpt(config, weights).logits(IDS);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, weights, manager);
             KvCache cache = new KvCache(manager, config, 2)) {
            DecodeStep step = gpt.decodeStep().inStrips(manager);
            assertThrows(IllegalArgumentException.class, () -> step.next(ReferenceWeights.ids(manager, IDS), cache));
            for (int at = 0; at < IDS[0].length; at++) {
                NDArray ids = ReferenceWeights.ids(manager, new int[][] {{IDS[0][at]}, {IDS[1][at]}});
                double[] both = ReferenceWeights.flat(new double[][] {expected[0][at], expected[1][at]});
                double largest = Arrays.stream(both).map(Math::abs).max().orElseThrow();
                assertArrayEquals(both, ReferenceWeights.doubles(step.next(ids, cache)), 1e-5 * Math.max(1, largest), "position " + at);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void aProbeSeesWhatTheReferenceComputes(String name, GptConfig config) {
        Map<String, double[]> weights = ReferenceWeights.random(config, 2);
        ReferenceGpt.Forward expected = new ReferenceGpt(config, weights).forward(IDS);
        Map<String, double[]> seen = new TreeMap<>();
        Probe recorder = new Probe() {
            @Override
            public void embedding(NDArray x) {
                seen.put("residual 0", ReferenceWeights.doubles(x));
            }

            @Override
            public void attention(int layer, NDArray pattern) {
                seen.put("attention " + layer, ReferenceWeights.doubles(pattern));
            }

            @Override
            public void afterMlp(int layer, NDArray added, NDArray x) {
                seen.put("residual " + (layer + 1), ReferenceWeights.doubles(x));
            }

            @Override
            public void logits(NDArray logits) {
                seen.put("logits", ReferenceWeights.doubles(logits));
            }
        };
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, weights, manager)) {
            gpt.forward(ReferenceWeights.ids(manager, IDS), Mode.EVAL, recorder);
        }
        assertEquals(2 * config.nLayer() + 2, seen.size());
        seen.forEach((what, values) -> assertArrayEquals(ReferenceWeights.flat(named(expected, what)), values, 1e-4, what));
    }

    private static Object[] named(ReferenceGpt.Forward expected, String what) {
        int number = Character.digit(what.charAt(what.length() - 1), 10);
        return what.equals("logits") ? expected.logits()
            : what.startsWith("attention") ? expected.attention()[number] : expected.residual()[number];
    }

    @Test
    void aSequenceLongerThanTheContextIsRefused() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = Gpt.initialise(config, manager, 1)) {
            NDArray ids = ReferenceWeights.ids(manager, new int[][] {{1, 2, 3, 4, 5, 6, 7}});
            var refusal = assertThrows(IllegalArgumentException.class, () -> gpt.forward(ids, Mode.EVAL, Probe.NONE));
            assertEquals("7 tokens do not fit a context of 6", refusal.getMessage());
        }
    }
}
