package inkling.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.model.config.RopeConfig.Llama3Scaling;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("thorough")
class ReferenceGptTest {
    private static final int DIRECTIONS = 4;
    private static final int[][] IDS = {{1, 4, 4, 10}, {7, 2, 9, 4}};
    private static final int[][] TARGETS = {{4, 4, -1, 6}, {2, 9, 4, 3}};

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    /** All elements of a tensor move at once, each up or down at random. So an error in any of them shows in the sum. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void gradientsEqualFiniteDifferencesInRandomDirections(String name, GptConfig config) {
        Map<String, double[]> parameters = ReferenceGpt.randomParameters(config, 1);
        ReferenceGpt gpt = new ReferenceGpt(config, parameters);
        Map<String, double[]> gradients = gpt.gradients(IDS, TARGETS);
        assertEquals(parameters.keySet(), gradients.keySet());
        Random random = new Random(5);
        parameters.forEach((tensor, values) -> {
            double size = norm(gradients.get(tensor));
            for (int time = 0; time < DIRECTIONS; time++) {
                double[] signs = random.doubles(values.length).map(x -> x < 0.5 ? -1 : 1).toArray();
                double expected = IntStream.range(0, signs.length).mapToDouble(i -> signs[i] * gradients.get(tensor)[i]).sum();
                double found = centralDifference(gpt, values, signs);
                assertEquals(expected, found, 1e-7 * size + 1e-8, tensor);
            }
        });
    }

    /** The step over all elements together has length 1e-5. */
    private static double centralDifference(ReferenceGpt gpt, double[] values, double[] signs) {
        double step = 1e-5 / Math.sqrt(values.length);
        double[] kept = values.clone();
        Arrays.setAll(values, i -> kept[i] + step * signs[i]);
        double above = gpt.loss(IDS, TARGETS);
        Arrays.setAll(values, i -> kept[i] - step * signs[i]);
        double below = gpt.loss(IDS, TARGETS);
        System.arraycopy(kept, 0, values, 0, kept.length);
        return (above - below) / (2 * step);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    @Tag("long")
    void everyGradientEqualsItsFiniteDifference(String name, GptConfig config) {
        Map<String, double[]> parameters = ReferenceGpt.randomParameters(config, 1);
        ReferenceGpt gpt = new ReferenceGpt(config, parameters);
        Map<String, double[]> gradients = gpt.gradients(IDS, TARGETS);
        assertEquals(parameters.keySet(), gradients.keySet());
        parameters.forEach((tensor, values) -> {
            double[] numeric = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                numeric[i] = centralDifference(gpt, values, i);
            }
            double distance = distance(gradients.get(tensor), numeric);
            double size = norm(numeric);
            double floor = 1e-9 * Math.sqrt(values.length);   // rounding of the difference quotient; the key bias has gradient 0
            assertTrue(distance <= 1e-7 * size + floor, () -> "%s: %g of %g".formatted(tensor, distance, size));
        });
    }

    /** A step of 1e-5 balances rounding against curvature, and with this seed it carries no ReLU over its corner. */
    private static double centralDifference(ReferenceGpt gpt, double[] values, int i) {
        double step = 1e-5;
        double kept = values[i];
        values[i] = kept + step;
        double above = gpt.loss(IDS, TARGETS);
        values[i] = kept - step;
        double below = gpt.loss(IDS, TARGETS);
        values[i] = kept;
        return (above - below) / (2 * step);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void everyTensorMovesTheLoss(String name, GptConfig config) {
        ReferenceGpt gpt = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 2));
        gpt.gradients(IDS, TARGETS).forEach((tensor, gradient) -> assertTrue(norm(gradient) > 1e-4, tensor));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void changingALaterTokenLeavesEarlierLogitsUnchanged(String name, GptConfig config) {
        ReferenceGpt gpt = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 3));
        double[][] before = gpt.logits(new int[][] {{1, 2, 3, 4, 5}})[0];
        double[][] after = gpt.logits(new int[][] {{1, 2, 3, 9, 5}})[0];
        for (int t = 0; t < 3; t++) {
            assertArrayEquals(before[t], after[t], 0);
        }
        for (int t = 3; t < 5; t++) {
            assertTrue(distance(before[t], after[t]) > 1e-3, "position " + t + " sees the changed token");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void attentionRowsSumToOneAndNeverLookAhead(String name, GptConfig config) {
        ReferenceGpt.Forward forward = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 4)).forward(IDS);
        assertEquals(config.nLayer() + 1, forward.residual().length);
        for (double[][][][] layer : forward.attention()) {
            for (double[][][] sequence : layer) {
                assertEquals(config.attention().nHead(), sequence.length);
                for (double[][] head : sequence) {
                    for (int query = 0; query < head.length; query++) {
                        assertEquals(1, Arrays.stream(head[query]).sum(), 1e-12);
                        assertEquals(0, Arrays.stream(head[query], query + 1, head.length).sum());
                    }
                }
            }
        }
    }

    @Test
    void orderMattersOnlyWherePositionsAreKnown() {
        // without positions, the first block sees the earlier tokens as a set; the model has no other block
        GptConfig oneBlock = OptionMatrix.named().get("one block");
        for (var positions : Positions.values()) {
            GptConfig config = GptOptions.of(oneBlock).with(o -> o.nHead(2).nKvHead(2).nInner(32).positions(positions)).over(11);
            ReferenceGpt gpt = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 5));
            double[] ab = gpt.logits(new int[][] {{1, 2, 3}})[0][2];
            double[] ba = gpt.logits(new int[][] {{2, 1, 3}})[0][2];
            assertEquals(positions == Positions.NONE, distance(ab, ba) < 1e-12, positions.name());
        }
    }

    @Test
    void aModelWithoutPreferenceLosesLnV() {
        GptConfig config = OptionMatrix.named().get("untied");
        Map<String, double[]> parameters = ReferenceGpt.randomParameters(config, 6);
        Arrays.fill(parameters.get("lm_head.weight"), 0);
        assertEquals(Math.log(11), new ReferenceGpt(config, parameters).loss(IDS, TARGETS), 1e-14);
    }

    @Test
    void ignoredTargetsNeitherCountNorGiveGradient() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        ReferenceGpt gpt = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 7));
        int[][] shorter = {{1, 4, 4}};
        int[][] longer = {{1, 4, 4, 8, 8}};
        assertEquals(gpt.loss(shorter, new int[][] {{4, 4, 2}}), gpt.loss(longer, new int[][] {{4, 4, 2, -1, -1}}), 1e-14);
        Map<String, double[]> gradients = gpt.gradients(longer, new int[][] {{4, 4, 2, -1, -1}});
        double[] ofPositions = gradients.get("wpe.weight");
        assertEquals(0, norm(Arrays.copyOfRange(ofPositions, 3 * 8, 6 * 8)));
        assertTrue(norm(Arrays.copyOfRange(ofPositions, 0, 3 * 8)) > 1e-3);
        assertThrows(IllegalArgumentException.class, () -> gpt.loss(shorter, new int[][] {{-1, -1, -1}}));
    }

    @Test
    void sequencesOfABatchDoNotMix() {
        GptConfig config = OptionMatrix.named().get("llama");
        ReferenceGpt gpt = new ReferenceGpt(config, ReferenceGpt.randomParameters(config, 8));
        assertArrayEquals(gpt.logits(IDS)[1][3], gpt.logits(new int[][] {IDS[1]})[0][3], 0);
        assertFalse(Arrays.equals(gpt.logits(IDS)[0][3], gpt.logits(IDS)[1][3]));
    }

    @Test
    void rotaryTurnsHalfSplitPairs() {
        Matrix head = new Matrix(2, 4, new double[] {1, 2, 3, 4, 1, 2, 3, 4});
        double[][] turned = ReferenceRope.rotate(new Tape(), head, ReferenceRope.frequencies(RopeConfig.DEFAULT, 4), 1).toRows();
        assertArrayEquals(new double[] {1, 2, 3, 4}, turned[0], 0);
        assertArrayEquals(new double[] {-1.98411, 1.95990, 2.46238, 4.01980}, turned[1], 5e-6);
    }

    @Test
    void llama3ScalingStretchesOnlyLongWavelengths() {
        // Llama 3.1 itself: theta 500,000, head size 128; limits 8192/4 = 2048 and 8192/1 = 8192 positions
        double[] plain = ReferenceRope.frequencies(new RopeConfig(500_000, Optional.empty()), 128);
        double[] scaled = ReferenceRope.frequencies(new RopeConfig(500_000, Optional.of(new Llama3Scaling(8, 1, 4, 8192))), 128);
        int between = 0;
        for (int i = 0; i < plain.length; i++) {
            double wavelength = 2 * Math.PI / plain[i];
            double ratio = scaled[i] / plain[i];
            if (wavelength < 2048) {
                assertEquals(1, ratio, 1e-15);
            } else if (wavelength > 8192) {
                assertEquals(1.0 / 8, ratio, 1e-15);
            } else {
                between++;
                // while 8192/wavelength goes from 1 to 4 here, the factor goes in a straight line from 1/8 to 1
                assertEquals(1.0 / 8 + (8192 / wavelength - 1) / 3 * 7 / 8, ratio, 1e-12);
            }
        }
        assertTrue(between >= 6, "some wavelengths lie in the smooth part");
    }

    @Test
    void errorFunctionMatchesPrintedTables() {
        assertEquals(0.5204998778130465, ReferenceActivations.erf(0.5), 1e-15);
        assertEquals(0.8427007929497149, ReferenceActivations.erf(1), 1e-15);
        assertEquals(-0.9953222650189527, ReferenceActivations.erf(-2), 1e-15);
        assertEquals(0.9999779095030014, ReferenceActivations.erf(3), 1e-15);
        assertEquals(1, ReferenceActivations.erf(7), 0);
        assertEquals(0.8413447460685429, ReferenceActivations.GELU.function().applyAsDouble(1), 1e-15);
        assertEquals(0.8411919906082768, ReferenceActivations.GELU_TANH.function().applyAsDouble(1), 1e-15);
    }

    @Test
    void wrongParametersAreRefused() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        Map<String, double[]> parameters = ReferenceGpt.randomParameters(config, 9);
        parameters.put("wte.weight", new double[3]);
        assertThrows(IllegalArgumentException.class, () -> new ReferenceGpt(config, parameters));
        parameters.remove("wte.weight");
        assertThrows(IllegalArgumentException.class, () -> new ReferenceGpt(config, parameters));
    }

    private static double distance(double[] a, double[] b) {
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return norm(difference);
    }

    private static double norm(double[] a) {
        return Math.sqrt(Arrays.stream(a).map(v -> v * v).sum());
    }
}
