package inkling.model.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import inkling.engine.Strides;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Mode;
import inkling.model.Parameters;
import inkling.model.ReferenceWeights;
import inkling.model.config.GptConfig;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradients that training uses, against the double-precision reference: for every option, with and without recomputation. */
@Tag("thorough")
class LossGradientsTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {7, 2, 9, 4, 3}};
    private static final int[][] TARGETS = {{4, 4, -1, 10, 6}, {2, 9, 4, 3, 8}};
    private static final int COUNTED = 9;   // targets that are not -1

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
            for (int tokensAtATime : new int[] {1, 4, 1000}) {
                boolean recompute = tokensAtATime == 4;   // gives the same bits, as recomputationGivesTheSameBits checks
                List<String> names = gpt.parameters().names();
                LossGradients gradients = new LossGradients(gpt, names, recompute, new CrossEntropy(tokensAtATime));
                requireAgreement(names, gradients, manager, reference.loss(IDS, TARGETS), expected);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void frozenParametersDoNotChangeTheGradientsOfTheOthers(String name, GptConfig config) {
        Map<String, double[]> parameters = ReferenceWeights.random(config, 1);
        ReferenceGpt reference = new ReferenceGpt(config, parameters);
        Map<String, double[]> expected = reference.gradients(IDS, TARGETS);
        for (String part : new String[] {"attn", "ln_", "c_proj.weight", "bias", "mlp.c_"}) {
            try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, parameters, manager)) {
                List<String> frozen = gpt.parameters().names().stream().filter(parameter -> parameter.contains(part)).toList();
                List<String> trained = gpt.parameters().names().stream().filter(parameter -> !parameter.contains(part)).toList();
                for (List<String> names : List.of(trained, frozen)) {
                    if (!names.isEmpty()) {
                        gpt.parameters().arrays().forEach(array -> array.setRequiresGradient(false));
                        LossGradients gradients = new LossGradients(gpt, names, false, new CrossEntropy(4));
                        requireAgreement(names, gradients, manager, reference.loss(IDS, TARGETS), expected);
                    }
                }
            }
        }
    }

    private static void requireAgreement(List<String> names, LossGradients gradients, NDManager manager, double loss,
                                         Map<String, double[]> expected) {
        try (NDManager scope = manager.newSubManager()) {
            LossGradients.Result found = gradients.of(ReferenceWeights.ids(scope, IDS), ReferenceWeights.ids(scope, TARGETS),
                1.0 / COUNTED, 3);
            assertEquals(loss, found.loss().getFloat(), 1e-5 * loss);
            assertEquals(names.size(), found.gradients().size());
            for (int i = 0; i < names.size(); i++) {
                assertTrue(Strides.inRows(found.gradients().get(i)), names.get(i) + " lies by columns");
                double[] g = ReferenceWeights.doubles(found.gradients().get(i));
                double[] reference = expected.get(names.get(i));
                double[] difference = new double[g.length];
                Arrays.setAll(difference, j -> g[j] - reference[j]);
                double bound = 1e-4 * ReferenceWeights.norm(reference) + 1e-7 * Math.sqrt(g.length);
                double distance = ReferenceWeights.norm(difference);
                assertEquals(0, Math.max(0, distance - bound), names.get(i) + " differs by " + distance + ", bound " + bound);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt2, 0, 5", "gpt2, 0.3, 5", "activation swiglu, 0.3, 5", "grouped queries, 0, 1", "speed run, 0.3, 1",
        "'all scales, untied', 0.3, 5", "'rms_norm, gain 1 + w', 0, 5"})
    void recomputationGivesTheSameBits(String name, double dropout, int columns) {
        GptConfig config = OptionMatrix.named().get(name).withDropout(dropout);
        Lora lora = new Lora(new LoraConfig(2, 4, dropout, List.of("attn.c_attn", "mlp.c_proj")));
        try (NDManager manager = ReferenceWeights.manager()) {
            Parameters parameters = GptWeights.initialise(config, manager.newSubManager(), 1);
            lora.addTo(parameters, config, 2);
            parameters.arrays().forEach(array -> array.addi(manager.randomNormal(0, 0.2f, array.getShape(), DataType.FLOAT32)));
            try (Gpt gpt = new Gpt(config, parameters, Optional.of(lora)); NDManager scope = manager.newSubManager()) {
                NDArray ids = scope.arange(columns).toType(DataType.INT64, false).reshape(1, columns);
                List<NDArray> kept = new LossGradients(gpt, parameters.names(), false).of(ids, ids, 1, 3).gradients();
                List<NDArray> again = new LossGradients(gpt, parameters.names(), true).of(ids, ids, 1, 3).gradients();
                for (int i = 0; i < kept.size(); i++) {
                    assertArrayEquals(kept.get(i).toFloatArray(), again.get(i).toFloatArray(), 0f, parameters.names().get(i));
                }
            }
        }
    }

    @Test
    void dropoutFollowsFromItsSeed() {
        GptConfig config = OptionMatrix.named().get("gpt2").withDropout(0.4);
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 2), manager);
             NDManager scope = manager.newSubManager()) {
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

    /**
     * In a model of one block, {@link LossGradients} and {@link Gpt#loss} draw the same dropout: of the embeddings, the attention, the
     * residual stream and the adapters.
     */
    @ParameterizedTest
    @ValueSource(strings = {"one block", "activation swiglu", "grouped queries", "speed run", "all scales, untied", "rms_norm, gain 1 + w",
        "some channels of grouped queries turned", "bias on q, k, v alone"})
    void dropoutAndAdaptersDifferentiateAsGptLossDoes(String name) {
        GptConfig config = OptionMatrix.named().get(name).with(c -> c.nLayer(1).dropout(0.3));
        Lora lora = new Lora(new LoraConfig(2, 4, 0.4, List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")));
        try (NDManager manager = ReferenceWeights.manager()) {
            Parameters parameters = GptWeights.initialise(config, manager.newSubManager(), 1);
            lora.addTo(parameters, config, 2);
            parameters.arrays().forEach(array -> array.addi(manager.randomNormal(0, 0.2f, array.getShape(), DataType.FLOAT32)));
            try (Gpt gpt = new Gpt(config, parameters, Optional.of(lora)); NDManager scope = manager.newSubManager()) {
                LossGradients gradients = new LossGradients(gpt, parameters.names(), false);
                NDArray ids = ReferenceWeights.ids(scope, IDS);
                NDArray targets = ReferenceWeights.ids(scope, TARGETS);
                LossGradients.Result found = gradients.of(ids, targets, 1.0 / COUNTED, 5);
                try (Autograd on = Autograd.recording()) {
                    Seeds.seedEngine(Seeds.mix(5, 0));
                    NDArray loss = gpt.loss(ids, targets, Mode.TRAIN);
                    assertEquals(loss.getFloat(), found.loss().getFloat(), 1e-5f);
                    NDList expected = Kernels.gradients(loss, parameters.arrays());
                    for (int i = 0; i < expected.size(); i++) {
                        float[] g = found.gradients().get(i).toFloatArray();
                        assertArrayEquals(expected.get(i).toFloatArray(), g, 1e-5f, parameters.names().get(i));
                        assertTrue(Strides.inRows(found.gradients().get(i)), parameters.names().get(i) + " lies by columns");
                    }
                }
            }
        }
    }
}
