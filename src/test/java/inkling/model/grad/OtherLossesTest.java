package inkling.model.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
import inkling.engine.Strides;
import inkling.model.Gpt;
import inkling.model.Mode;
import inkling.model.Probe;
import inkling.model.ReferenceWeights;
import inkling.model.config.GptConfig;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.reference.OptionMatrix;
import inkling.train.BatchGradients;
import inkling.train.Stepper;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses other than cross-entropy, whose gradients by the logits are written by hand, against autograd through {@link Gpt#forward}. */
@Tag("thorough")
class OtherLossesTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {7, 2, 9, 4, 3}, {1, 4, 4, 8, 2}, {7, 2, 9, 0, 0}};
    private static final int[][] TARGETS = {{4, 4, -1, 10, 6}, {2, 9, 4, 3, 8}, {4, 4, 8, 2, -1}, {2, 9, 0, -1, -1}};
    private static final double WEIGHT = 0.7;
    /**
     * The rounding error that even a tiny loss may have. A preference's loss is the sum of log(1 + e^−m) over two pairs. For a large margin
     * m, 1 + e^−m is near 1; rounding it changes each pair's loss by at most one ulp of 1.
     */
    private static final float ROUNDED = 2 * Math.ulp(1f);

    /**
     * A loss that is a function of the logits. Autograd can differentiate its value; its gradient by the logits (B, T, V) is written by
     * hand.
     */
    private interface OfLogits extends Loss {
        NDArray value(NDArray logits, Targets targets);

        NDArray dLogits(NDArray logits, Targets targets);

        @Override
        default Result backward(NDArray hidden, Unembedding unembedding, Targets targets) {
            NDArray w = unembedding.weight();
            NDArray logits = unembedding.logits(hidden);                                           // (B, T, V)
            NDArray dz = dLogits(logits, targets).mul(logits.div(unembedding.cap()).square().neg().add(1)); // (c·tanh(z/c))' = 1 − tanh²
            NDArray columns = dz.reshape(-1, w.getShape().get(0)).transpose();                     // (V, B·T)
            return new Result(value(logits, targets), dz.matMul(w), unembedding.trained()
                ? Optional.of(columns.matMul(hidden.reshape(-1, w.getShape().get(1)))) : Optional.empty());
        }

        /** 1 where a target counts, else 0: (B, T, 1). */
        static NDArray counted(Targets targets) {
            return targets.ids().gte(0).toType(DataType.FLOAT32, false).expandDims(2);
        }

        /** 1 at each target, else 0: (B, T, V). */
        static NDArray oneHot(NDArray logits, Targets targets) {
            return targets.ids().maximum(0).oneHot((int) logits.getShape().get(2)).mul(counted(targets));
        }
    }

    /** The square of log Σ exp(logits), which keeps logits from drifting away. */
    private record SquaredNormaliser() implements OfLogits {
        private static NDArray normaliser(NDArray logits) {
            return logits.exp().sum(new int[] {2}, true).log();                                    // (B, T, 1)
        }

        @Override
        public NDArray value(NDArray logits, Targets targets) {
            return normaliser(logits).square().mul(OfLogits.counted(targets)).sum().mul((float) targets.weight());
        }

        @Override
        public NDArray dLogits(NDArray logits, Targets targets) {
            return logits.softmax(2).mul(normaliser(logits)).mul(OfLogits.counted(targets)).mul(2 * targets.weight());
        }
    }

    /**
     * Of each two rows, the first is to be preferred. A row's gain is its log-probability minus the log-probability that another model
     * gives it, which is in {@code perRow}. The loss of a pair is −log σ(first gain − second gain) (Rafailov et al. 2023, arXiv:2305.18290,
     * β = 1).
     */
    private record Preference() implements OfLogits {
        private static NDArray margin(NDArray logits, Targets targets) {
            NDArray rows = logits.logSoftmax(2).mul(OfLogits.oneHot(logits, targets)).sum(new int[] {1, 2}); // (B)
            NDArray gains = rows.sub(targets.perRow().get(0)).reshape(-1, 2);                      // (B / 2, 2)
            return gains.get(":, 0").sub(gains.get(":, 1"));                                       // (B / 2)
        }

        @Override
        public NDArray value(NDArray logits, Targets targets) {
            return margin(logits, targets).neg().exp().add(1).log().sum().mul((float) targets.weight());
        }

        @Override
        public NDArray dLogits(NDArray logits, Targets targets) {
            NDArray dMargin = margin(logits, targets).exp().add(1).pow(-1).mul(-targets.weight()); // σ(−m) = 1 / (1 + eᵐ)
            NDArray dRows = dMargin.reshape(-1, 1).concat(dMargin.neg().reshape(-1, 1), 1).reshape(-1, 1, 1); // (B, 1, 1)
            return OfLogits.oneHot(logits, targets).sub(logits.softmax(2).mul(OfLogits.counted(targets))).mul(dRows);
        }
    }

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().flatMap(e -> Stream.of(new SquaredNormaliser(), new Preference())
            .map(loss -> Arguments.of(e.getKey(), e.getValue(), loss)));
    }

    private static Loss.Targets targets(NDManager scope) {
        return new Loss.Targets(ReferenceWeights.ids(scope, TARGETS), WEIGHT, List.of(scope.create(new float[] {-9, -12, -10, -7})));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("configs")
    void handWrittenGradientsAreThoseOfAutograd(String name, GptConfig config, OfLogits loss) {
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 1), manager)) {
            List<String> all = gpt.parameters().names();
            List<String> blocks = all.stream().filter(parameter -> parameter.startsWith("h.")).toList();
            requireAgreement(gpt, loss, new LossGradients(gpt, all, false, loss), all, manager);
            requireAgreement(gpt, loss, new LossGradients(gpt, blocks, true, loss), blocks, manager);
        }
    }

    private static void requireAgreement(Gpt gpt, OfLogits loss, LossGradients gradients, List<String> names, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray ids = ReferenceWeights.ids(scope, IDS);
            LossGradients.Result found;
            found = gradients.of(ids, targets(scope), 1);
            try (Autograd on = Autograd.recording()) {
                NDArray value = loss.value(gpt.forward(ids, Mode.EVAL, Probe.NONE), targets(scope));
                assertEquals(value.getFloat(), found.loss().getFloat(), 1e-5f * Math.abs(value.getFloat()) + ROUNDED);
                NDList expected = Kernels.gradients(value, names.stream().map(gpt.parameters()::get).toList());
                for (int i = 0; i < names.size(); i++) {
                    float[] theirs = expected.get(i).toFloatArray();
                    float largest = expected.get(i).abs().max().getFloat();
                    assertArrayEquals(theirs, found.gradients().get(i).toFloatArray(), 1e-4f * largest + 1e-6f, names.get(i));
                    assertTrue(Strides.inRows(found.gradients().get(i)), names.get(i) + " lies by columns");
                }
            }
        }
    }

    @Test
    void aModelLearnsToPreferTheFirstOfTwoRows() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 1), manager);
             AdamW adam = new AdamW(new AdamWConfig(0.9, 0.99, 1e-8, 0, 1), gpt.parameters().asMap(), manager)) {
            LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), false, new Preference());
            NDArray reference = manager.create(new float[] {-9, -12, -10, -7});
            BatchGradients whole = (scope, batch, weight, seed) -> {
                Shape shape = new Shape(batch.rows(), batch.columns());
                return gradients.of(scope.create(batch.ids(), shape),
                    new Loss.Targets(scope.create(batch.targets(), shape), weight, List.of(reference)), seed);
            };
            Stepper stepper = new Stepper(manager, whole, adam, step -> 1e-2, 1, 7);
            List<Batch> rows = List.of(new Batch(flat(IDS), flat(TARGETS), IDS.length, IDS[0].length));
            double before = stepper.step(0, rows).loss();
            for (int step = 1; step < 20; step++) {
                stepper.step(step, rows);
            }
            double after = stepper.step(20, rows).loss();
            assertTrue(after < before / 5, before + " became " + after);
        }
    }

    private static long[] flat(int[][] rows) {
        return Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray();
    }

    @Test
    void aLossThatForgetsATrainedMatrixIsNamed() {
        GptConfig config = OptionMatrix.named().get("gpt2");
        Loss forgetful = new Loss() {
            @Override
            public Result backward(NDArray hidden, Unembedding unembedding, Targets targets) {
                return new Result(hidden.sum(), hidden.onesLike(), Optional.empty());
            }

            @Override
            public String toString() {
                return "Forgetful";
            }
        };
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, ReferenceWeights.random(config, 1), manager)) {
            LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), false, forgetful);
            IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> gradients.of(ReferenceWeights.ids(manager, IDS), targets(manager), 1));
            assertEquals("Forgetful has no gradient by wte.weight, which is trained", e.getMessage());
        }
    }
}
