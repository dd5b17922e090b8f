package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.Autograd;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What training differentiates, against the double-precision reference: for every option, in one piece and recomputed. */
class LossGradientsTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {7, 2, 9, 4, 3}};
    private static final int[][] TARGETS = {{4, 4, -1, 10, 6}, {2, 9, 4, 3, 8}};
    private static final int COUNTED = 9;

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void everyOptionMatchesTheReferenceInAnyPieces(String name, GptConfig config) {
        Map<String, double[]> parameters = ReferenceWeights.random(config, 1);
        ReferenceGpt reference = new ReferenceGpt(config, parameters);
        Map<String, double[]> expected = reference.gradients(IDS, TARGETS);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, parameters, manager)) {
            for (boolean recompute : new boolean[] {false, true}) {
                for (int headRows : new int[] {1, 4, 1000}) {
                    LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), recompute, headRows);
                    requireAgreement(gpt, gradients, manager, reference.loss(IDS, TARGETS), expected);
                }
            }
        }
    }

    private static void requireAgreement(Gpt gpt, LossGradients gradients, NDManager manager, double loss, Map<String, double[]> expected) {
        try (NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            LossGradients.Result found = gradients.of(ReferenceWeights.ids(scope, IDS), ReferenceWeights.ids(scope, TARGETS), 1.0 / COUNTED, 3);
            assertEquals(loss, found.loss().getFloat(), 1e-5 * loss);
            List<String> names = gpt.parameters().names();
            for (int i = 0; i < names.size(); i++) {
                double[] g = ReferenceWeights.doubles(found.gradients().get(i));
                double[] reference = expected.get(names.get(i));
                double[] difference = new double[g.length];
                Arrays.setAll(difference, j -> g[j] - reference[j]);
                double bound = 1e-4 * ReferenceWeights.norm(reference) + 1e-7 * Math.sqrt(g.length);
                double off1 = ReferenceWeights.norm(difference);
                assertEquals(0, Math.max(0, off1 - bound), names.get(i) + " differs by " + off1 + ", bound " + bound);
            }
        }
    }

    @Test
    void recomputationGivesTheSameBits() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 2), manager);
             NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            NDArray ids = ReferenceWeights.ids(scope, IDS);
            NDArray targets = ReferenceWeights.ids(scope, TARGETS);
            List<NDArray> kept = new LossGradients(gpt, gpt.parameters().names(), false).of(ids, targets, 1, 3).gradients();
            List<NDArray> again = new LossGradients(gpt, gpt.parameters().names(), true).of(ids, targets, 1, 3).gradients();
            for (int i = 0; i < kept.size(); i++) {
                assertArrayEquals(kept.get(i).toFloatArray(), again.get(i).toFloatArray(), 0f, gpt.parameters().names().get(i));
            }
        }
    }

    @Test
    void dropoutFollowsFromItsSeed() {
        GptConfig config = OptionMatrix.named().get("gpt2").withDropout(0.4);
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 2), manager);
             NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            NDArray ids = ReferenceWeights.ids(scope, IDS);
            NDArray targets = ReferenceWeights.ids(scope, TARGETS);
            for (boolean recompute : new boolean[] {false, true}) {
                LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), recompute);
                float first = gradients.of(ids, targets, 1, 3).loss().getFloat();
                assertEquals(first, gradients.of(ids, targets, 1, 3).loss().getFloat());
                assertEquals(false, first == gradients.of(ids, targets, 1, 4).loss().getFloat());
            }
        }
    }
}
