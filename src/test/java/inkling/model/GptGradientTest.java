package inkling.model;

import static inkling.model.ReferenceWeights.doubles;
import static inkling.model.ReferenceWeights.flat;
import static inkling.model.ReferenceWeights.norm;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The model in float32 against its double-precision reference, for every option but dropout: logits, loss, gradient of each parameter. */
class GptGradientTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {7, 2, 9, 4, 3}};
    private static final int[][] TARGETS = {{4, 4, -1, 10, 6}, {2, 9, 4, 3, 8}};

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void everyOptionMatchesTheReference(String name, GptConfig config) {
        requireAgreement(config, 1, IDS, TARGETS);
    }

    /** Long enough for the fused kernels to work on the text in parts, wide enough for vector instructions. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("largerConfigs")
    void largerShapesMatchTheReference(GptConfig config) {
        Random random = new Random(2);
        int[][] ids = new int[2][70];
        int[][] targets = new int[2][70];
        for (int b = 0; b < 2; b++) {
            Arrays.setAll(ids[b], t -> random.nextInt(config.vocabSize()));
            Arrays.setAll(targets[b], t -> random.nextInt(config.vocabSize() + 1) - 1);
        }
        requireAgreement(config, 3, ids, targets);
    }

    static Stream<GptConfig> largerConfigs() {
        return Stream.of(
            GptOptions.DEFAULT.with(o -> o.nLayer(2).nEmbd(64).nInner(160).contextLength(72)).over(97),
            GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(64).nInner(96).contextLength(72).bias(false)
                .tieEmbeddings(false).positions(Positions.ROPE).norm(Norm.RMS_NORM).normEps(1e-6).activation(Activation.SWIGLU)).over(97));
    }

    /** The loss of a target may depend only on the token at its position and on earlier ones. */
    @Test
    void aTargetGivesNoGradientToLaterPositions() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        int width = config.nEmbd();
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 4), manager)) {
            int[][] onlyThird = {{-1, -1, 5, -1, -1}};
            double[] ofPositions = ReferenceWeights.gradients(gpt, manager, new int[][] {{1, 2, 3, 6, 7}}, onlyThird).get("wpe.weight");
            for (int t = 0; t < config.contextLength(); t++) {
                double size = norm(Arrays.copyOfRange(ofPositions, t * width, (t + 1) * width));
                assertEquals(t <= 2, size > 0, "position " + t + " has gradient " + size);
            }
        }
    }

    private static void requireAgreement(GptConfig config, long seed, int[][] ids, int[][] targets) {
        Map<String, double[]> parameters = ReferenceWeights.random(config, seed);
        ReferenceGpt reference = new ReferenceGpt(config, parameters);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, parameters, manager)) {
            assertEquals(ReferenceGpt.parameterShapes(config).keySet(), Set.copyOf(GptLayout.of(config).names()));
            try (NDManager scope = manager.newSubManager()) {
                NDArray logits = gpt.forward(ReferenceWeights.ids(scope, ids), Mode.EVAL, Probe.NONE);
                requireClose("logits", flat(reference.logits(ids)), doubles(logits));
                NDArray loss = gpt.loss(ReferenceWeights.ids(scope, ids), ReferenceWeights.ids(scope, targets), Mode.EVAL);
                assertEquals(reference.loss(ids, targets), loss.getFloat(), 1e-5);
            }
            Map<String, double[]> gradients = ReferenceWeights.gradients(gpt, manager, ids, targets);
            reference.gradients(ids, targets).forEach((tensor, expected) -> requireClose(tensor, expected, gradients.get(tensor)));
        }
    }

    /** ‖g − g_ref‖ ≤ 1e-4 ‖g_ref‖ + 1e-7 √n; the second term is for key biases, which softmax cancels: their true gradient is 0. */
    private static void requireClose(String what, double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length, what);
        double[] difference = new double[expected.length];
        Arrays.setAll(difference, i -> actual[i] - expected[i]);
        double allowed = 1e-4 * norm(expected) + 1e-7 * Math.sqrt(expected.length);
        assertTrue(norm(difference) <= allowed, () -> "%s differs by %g, allowed %g".formatted(what, norm(difference), allowed));
    }
}
