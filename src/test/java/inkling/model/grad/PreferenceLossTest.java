package inkling.model.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.Strides;
import inkling.errors.ConfigException;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.ReferenceWeights;
import inkling.model.TargetScores;
import inkling.model.config.GptConfig;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Preference tuning's loss, rewards and gradients against a computation in double precision, written from the paper (Rafailov et al. 2023,
 * arXiv:2305.18290).
 */
@Tag("thorough")
class PreferenceLossTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {1, 4, 4, 9, 4}, {7, 2, 9, 8, 2}, {7, 2, 9, 0, 0}};
    private static final int[][] TARGETS = {{-1, -1, 0, 10, 6}, {-1, -1, 9, 4, -1}, {-1, 9, 8, 2, -1}, {-1, 9, 0, -1, -1}};
    private static final double WEIGHT = 0.5;   // two pairs
    private static final double STEP = 1e-7;

    /** The weights of the reference model. They differ from the policy's, because with equal weights all margins are 0. */
    private static Map<String, double[]> others(GptConfig config) {
        return ReferenceWeights.random(config, 2);
    }

    /** Σ log p(target) of each row, in double precision. */
    private static double[] logProbabilities(GptConfig config, Map<String, double[]> weights) {
        double[][][] logits = new ReferenceGpt(config, weights).logits(IDS);
        double[] rows = new double[IDS.length];
        for (int b = 0; b < IDS.length; b++) {
            for (int t = 0; t < IDS[b].length; t++) {
                if (TARGETS[b][t] >= 0) {
                    double sum = 0;
                    for (double z : logits[b][t]) {
                        sum += Math.exp(z);
                    }
                    rows[b] += logits[b][t][TARGETS[b][t]] - Math.log(sum);
                }
            }
        }
        return rows;
    }

    /**
     * Equation 7 of the paper, with the share of wrong labels that its authors added. Rows alternate: a chosen answer, then its rejected
     * one.
     */
    private static double loss(PreferenceConfig config, double[] policy, double[] reference) {
        double sum = 0;
        for (int i = 0; i < policy.length; i += 2) {
            double chosen = config.beta() * (policy[i] - reference[i]);
            double rejected = config.beta() * (policy[i + 1] - reference[i + 1]);
            double right = 1 / (1 + Math.exp(rejected - chosen));
            sum -= (1 - config.labelSmoothing()) * Math.log(right) + config.labelSmoothing() * Math.log(1 - right);
        }
        return sum * WEIGHT;
    }

    static Stream<Arguments> cases() {
        return OptionMatrix.named().entrySet().stream().flatMap(e -> Stream.of(new PreferenceConfig(0.1, 0), new PreferenceConfig(0.5, 0.2))
            .map(preference -> Arguments.of(e.getKey(), e.getValue(), preference)));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("cases")
    void lossRewardsAndGradientsAreThoseOfThePaper(String name, GptConfig config, PreferenceConfig preference) {
        Map<String, double[]> weights = ReferenceWeights.random(config, 1);
        double[] policy = logProbabilities(config, weights);
        double[] reference = logProbabilities(config, others(config));
        double expected = loss(preference, policy, reference);
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, weights, manager);
             Gpt frozen = ReferenceWeights.gpt(config, others(config), manager)) {
            NDArray ids = ReferenceWeights.ids(manager, IDS);
            NDArray targets = ReferenceWeights.ids(manager, TARGETS);
            double[] measured = TargetScores.rowSums(TargetScores.of(frozen, ids, targets).logProbabilities(), IDS.length);
            assertArrayEquals(reference, measured, 1e-6 * ReferenceWeights.norm(reference), "the reference's log-probabilities");

            List<String> names = gpt.parameters().names();
            // 3 of 10 targets at a time
            LossGradients gradients = new LossGradients(gpt, names, false, new PreferenceLoss(preference, 3));
            LossGradients.Result found = gradients.of(ids, new Loss.Targets(targets, WEIGHT, List.of(manager.create(measured))), 1);
            assertEquals(expected, found.loss().getFloat(), 1e-6 * Math.max(1, expected), "loss");
            Rewards rewards = found.rewards();
            double margin = preference.beta() * (policy[0] - reference[0] - policy[1] + reference[1] + policy[2] - reference[2]
                - policy[3] + reference[3]);
            double scale = preference.beta() * ReferenceWeights.norm(policy);
            assertEquals(margin, rewards.margin(), 1e-6 * scale, "implicit rewards");
            assertEquals(policy[0] - reference[0] + policy[2] - reference[2], rewards.chosenGain(), 1e-6 * ReferenceWeights.norm(policy));
            assertEquals(6, rewards.chosenTokens());
            assertEquals(2, rewards.pairs());
            requireFiniteDifferences(config, weights, preference, reference, names, found.gradients());
        }
    }

    /** Two numbers of each tensor's gradient, against the difference quotient of the loss in double precision. */
    private static void requireFiniteDifferences(GptConfig config, Map<String, double[]> weights, PreferenceConfig preference,
        double[] reference,
                                                 List<String> names, List<NDArray> gradients) {
        Random random = new Random(5);
        for (int i = 0; i < names.size(); i++) {
            double[] values = weights.get(names.get(i));
            double[] all = ReferenceWeights.doubles(gradients.get(i));
            assertTrue(Strides.inRows(gradients.get(i)), names.get(i) + " lies by columns");
            for (int k = 0; k < 2; k++) {
                int at = random.nextInt(values.length);
                Map<String, double[]> moved = new HashMap<>(weights);
                double[] sides = new double[2];
                for (int side = 0; side < 2; side++) {
                    double[] other = values.clone();
                    other[at] += side == 0 ? STEP : -STEP;
                    moved.put(names.get(i), other);
                    sides[side] = loss(preference, logProbabilities(config, moved), reference);
                }
                double expected = (sides[0] - sides[1]) / (2 * STEP);
                assertEquals(expected, all[at], 1e-5 * ReferenceWeights.norm(all) + 1e-6, names.get(i) + "[" + at + "]");
            }
        }
    }

    @Test void aFrozenUnembeddingChangesNeitherTheLossNorTheGradientsOfTheBlocks() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config,
            ReferenceWeights.random(config, 1), manager)) {
            NDArray ids = ReferenceWeights.ids(manager, IDS);
            Loss.Targets targets = new Loss.Targets(ReferenceWeights.ids(manager, TARGETS), WEIGHT, List.of(manager.create(new double[4])));
            PreferenceLoss loss = PreferenceLoss.of(new PreferenceConfig(0.3, 0), config.vocabSize());
            List<String> names = gpt.parameters().names();
            LossGradients.Result whole = new LossGradients(gpt, names, false, loss).of(ids, targets, 1);
            List<String> blocks = names.stream().filter(name -> name.startsWith("h.")).toList();
            LossGradients.Result some = new LossGradients(gpt, blocks, true, loss).of(ids, targets, 1);
            assertEquals(whole.loss().getFloat(), some.loss().getFloat());
            for (int i = 0; i < blocks.size(); i++) {
                assertArrayEquals(whole.gradients().get(names.indexOf(blocks.get(i))).toFloatArray(),
                    some.gradients().get(i).toFloatArray());
            }
        }
    }

    /** When adapters are trained, the reference model is the model without them; it reads the same weights in memory. */
    @Test void theBaseOfAdaptersGivesTheBitsOfASeparateCopy() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        Map<String, double[]> weights = ReferenceWeights.random(config, 1);
        Lora lora = new Lora(new LoraConfig(2, 4, 0, List.of("attn.c_attn", "mlp.c_proj")));
        try (NDManager manager = ReferenceWeights.manager(); Gpt copy = ReferenceWeights.gpt(config, weights, manager);
             Gpt plain = ReferenceWeights.gpt(config, weights, manager)) {
            lora.addTo(plain.parameters(), config, 3);
            plain.parameters().names().stream().filter(name -> name.contains("lora_B"))
                .forEach(name -> plain.parameters().get(name).addi(0.1f));   // trained adapters
            try (Gpt adapted = new Gpt(config, plain.parameters(), Optional.of(lora)); Gpt base = Lora.base(adapted, manager)) {
                NDArray ids = ReferenceWeights.ids(manager, IDS);
                NDArray targets = ReferenceWeights.ids(manager, TARGETS);
                float[] expected = TargetScores.of(copy, ids, targets).logProbabilities();
                assertArrayEquals(expected, TargetScores.of(base, ids, targets).logProbabilities());
                assertNotEquals(expected[2], TargetScores.of(adapted, ids, targets).logProbabilities()[2], "the adapters change something");
            }
        }
    }

    @Test void theLossOfAPairIsRightAtZeroAndForHugeMargins() {
        PreferenceConfig plain = new PreferenceConfig(0.1, 0);
        assertEquals(Math.log(2), plain.loss(0), 1e-15);
        assertEquals(-0.05, plain.slope(0), 1e-15);
        assertEquals(1e6, plain.loss(-1e7), 1e-6);
        assertEquals(0, plain.loss(1e7));
        assertEquals(-0.1, plain.slope(-1e7));
        assertEquals(0, plain.slope(1e7));
        PreferenceConfig smooth = new PreferenceConfig(0.1, 0.25);
        double best = Math.log(3) / 0.1;   // σ(βh) = 1 − ε
        assertEquals(0, smooth.slope(best), 1e-15);
        assertTrue(smooth.loss(best) < smooth.loss(best + 1) && smooth.loss(best) < smooth.loss(best - 1));
        String message = assertThrows(ConfigException.class, () -> new PreferenceConfig(0, 0.5)).getMessage();
        assertTrue(message.contains("beta = 0.0 must be positive")
            && message.contains("label_smoothing = 0.5 must be in [0, 0.5)"), message);
    }
}
