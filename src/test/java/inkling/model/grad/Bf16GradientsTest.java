package inkling.model.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.Fixtures;
import inkling.engine.Precision;
import inkling.engine.Strides;
import inkling.formats.ModelDirectory;
import inkling.model.Gpt;
import inkling.model.ReferenceWeights;
import inkling.model.config.GptConfig;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With products in bfloat16 the gradients point where those of the double-precision reference do, for every option. */
@Tag("thorough")
class Bf16GradientsTest {
    private static final int[][] IDS = {{1, 4, 4, 0, 10}, {7, 2, 9, 4, 3}};
    private static final int[][] TARGETS = {{4, 4, -1, 10, 6}, {2, 9, 4, 3, 8}};
    private static final Precision BF16 = Precision.computing(Precision.Compute.BF16);
    private static final int COUNTED = 9;
    /** Of a few numbers that are sums of much larger ones, as in these small models; trained models are held to more below. */
    private static final double LEAST_COSINE = 0.994;
    private static final double LEAST_COSINE_IF_TRAINED = 0.9997;
    private static final double LEAST_COSINE_OF_ALL = 0.998;

    static Stream<Arguments> configs() {
        return OptionMatrix.named().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void everyOptionPointsWhereTheReferenceDoes(String name, GptConfig config) {
        Map<String, double[]> parameters = ReferenceWeights.random(config, 1);
        ReferenceGpt reference = new ReferenceGpt(config, parameters);
        Map<String, double[]> expected = reference.gradients(IDS, TARGETS);
        try (NDManager manager = ReferenceWeights.manager();
             Gpt gpt = ReferenceWeights.gpt(config, parameters, manager).in(BF16);
             NDManager scope = manager.newSubManager()) {
            List<String> names = gpt.parameters().names();
            LossGradients.Result found = new LossGradients(gpt, names, true, new CrossEntropy(4))
                .of(ReferenceWeights.ids(scope, IDS), ReferenceWeights.ids(scope, TARGETS), 1.0 / COUNTED, 3);
            List<double[]> all = new ArrayList<>();
            List<double[]> allExpected = new ArrayList<>();
            double loss = reference.loss(IDS, TARGETS);
            assertEquals(loss, found.loss().getFloat(), 1e-2 * loss);
            for (int i = 0; i < names.size(); i++) {
                assertTrue(Strides.inRows(found.gradients().get(i)), names.get(i) + " lies by columns");
                double[] g = ReferenceWeights.doubles(found.gradients().get(i));
                double cosine = cosine(g, expected.get(names.get(i)));
                assertTrue(cosine >= LEAST_COSINE, names.get(i) + " has a cosine of " + cosine);
                all.add(g);
                allExpected.add(expected.get(names.get(i)));
            }
            double cosine = cosine(joined(all), joined(allExpected));
            assertTrue(cosine >= LEAST_COSINE_OF_ALL, "all together have a cosine of " + cosine);
        }
    }

    /** A trained model on text that it knows: float32 stands for the reference, to which it is held elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void everyTensorOfATrainedModelPointsWhereItsFloat32GradientDoes(String model) {
        try (NDManager manager = ReferenceWeights.manager(); Gpt exact = ModelDirectory.load(Fixtures.own(model), manager);
             Gpt rounded = ModelDirectory.load(Fixtures.own(model), manager).in(BF16); NDManager scope = manager.newSubManager()) {
            Tokenizer tokenizer = TokenizerFiles.find(Fixtures.own(model)).orElseThrow();
            int[] text = tokenizer.encode(Fixtures.tales().substring(0, 8000));
            int rows = 8;
            int columns = exact.config().contextLength();
            NDArray ids = scope.create(Arrays.stream(text, 0, rows * columns).asLongStream().toArray(), new Shape(rows, columns));
            NDArray targets = scope.create(Arrays.stream(text, 1, rows * columns + 1).asLongStream().toArray(), new Shape(rows, columns));
            List<String> names = exact.parameters().names();
            List<NDArray> expected = new LossGradients(exact, names, false).of(ids, targets, 1.0 / rows / columns, 1).gradients();
            List<NDArray> found = new LossGradients(rounded, names, false).of(ids, targets, 1.0 / rows / columns, 1).gradients();
            for (int i = 0; i < names.size(); i++) {
                double cosine = cosine(ReferenceWeights.doubles(found.get(i)), ReferenceWeights.doubles(expected.get(i)));
                assertTrue(cosine >= LEAST_COSINE_IF_TRAINED, names.get(i) + " has a cosine of " + cosine);
            }
        }
    }

    private static double[] joined(List<double[]> parts) {
        return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    private static double cosine(double[] a, double[] b) {
        double product = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * b[i];
        }
        return product / (ReferenceWeights.norm(a) * ReferenceWeights.norm(b));
    }
}
