package inkling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import inkling.data.Batch;
import inkling.model.config.GptConfig;
import inkling.model.grad.LossGradients;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.optim.Schedule;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceAdamW;
import inkling.reference.ReferenceClip;
import inkling.reference.ReferenceGpt;
import inkling.train.BatchGradients;
import inkling.train.Stepper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Model, clipping and AdamW together, against the same training in double precision by independent code. Both trainings take their
 * learning rates from {@link Schedule}.
 */
@Tag("training")
class TrainingMatchesReferenceTest {
    private static final AdamWConfig ADAM = new AdamWConfig(0.9, 0.95, 1e-8, 0.1, 0.5);

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "nanoGPT", "llama"})
    void tenLossesAndNormsAreTheReferences(String name) {
        GptConfig config = OptionMatrix.named().get(name);
        Map<String, double[]> weights = ReferenceWeights.random(config, 11);
        ReferenceAdamW reference = new ReferenceAdamW(ADAM.beta1(), ADAM.beta2(), ADAM.eps(), ADAM.weightDecay());
        Set<String> decayed = ReferenceGpt.parameterShapes(config).entrySet().stream().filter(e -> e.getValue().length == 2)
            .map(Map.Entry::getKey).collect(Collectors.toSet());
        Schedule.WarmupCosine schedule = new Schedule.WarmupCosine(1e-2, 1e-3, 3, 10);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(config, weights, manager);
             AdamW adam = new AdamW(ADAM, gpt.parameters().asMap(), manager)) {
            Stepper stepper = new Stepper(manager, BatchGradients.whole(new LossGradients(gpt, gpt.parameters().names(), false)), adam,
                schedule.over(10), 0.5, 1);
            Random random = new Random(3);
            for (int step = 0; step < 10; step++) {
                int[][] ids = draw(random, config.vocabSize());
                int[][] targets = draw(random, config.vocabSize());
                double loss = new ReferenceGpt(config, weights).loss(ids, targets);
                Map<String, double[]> gradients = new ReferenceGpt(config, weights).gradients(ids, targets);
                double norm = ReferenceClip.toGlobalNorm(gradients, ADAM.maxGradNorm());
                reference.update(weights, gradients, schedule.over(10).at(step), decayed);
                Stepper.Measured measured = stepper.step(step, List.of(new Batch(flat(ids), flat(targets), 2, 5)));
                assertEquals(loss, measured.loss(), 1e-4, "loss of step " + step);
                assertEquals(norm, measured.gradNorm(), 1e-3 * norm, "gradient norm of step " + step);
            }
        }
    }

    private static int[][] draw(Random random, int vocabSize) {
        int[][] rows = new int[2][5];
        for (int[] row : rows) {
            Arrays.setAll(row, t -> random.nextInt(vocabSize));
        }
        return rows;
    }

    private static long[] flat(int[][] rows) {
        return Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray();
    }
}
