package inkling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import inkling.engine.Operators;
import inkling.engine.Operators.Call;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.grad.LossGradients;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody who does not look pays for looking: without a probe a pass makes the arrays it needs, none of them T × T, and no more. */
class ProbeOffTest {
    private static final String ONE_DNN_LINEAR = "mkldnn::_linear_pointwise"; // where the library has it
    private static final int B = 2;
    private static final int T = 5;
    private static final int L = 3;
    /** Sizes of which none is T, so that an array that ends in (T, T) can only be an attention pattern or its mask. */
    private static final GptConfig CONFIG = GptOptions.DEFAULT.with(o -> o.nLayer(L).nEmbd(8).nInner(16).contextLength(6)).over(11);

    private final NDManager manager = Devices.manager(Device.cpu());
    private final Gpt gpt = Gpt.initialise(CONFIG, manager, 1);

    @AfterEach
    void free() {
        gpt.close();
        manager.close();
    }

    private static NDArray ids(NDManager scope) {
        return scope.create(IntStream.range(0, B * T).mapToLong(i -> i * i % 11).toArray(), new Shape(B, T));
    }

    /** How many arrays of which shape a pass leaves in its scope, the ids among them. */
    private Map<Shape, Integer> arrays(Mode mode, Probe probe) {
        Map<Shape, Integer> arrays = new HashMap<>();
        try (NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            gpt.forward(ids(scope), mode, probe);
            scope.getManagedArrays().forEach(array -> arrays.merge(array.getShape(), 1, Integer::sum));
        }
        return arrays;
    }

    @Test
    void aPassWithoutAProbeMakesTheseArraysAndNoMore() {
        Map<Shape, Integer> expected = Map.of(
            new Shape(B, T), 1,                          // ids
            new Shape(T), 2,                             // positions, as counted and as int64
            new Shape(T, 8), 1,                          // their vectors
            new Shape(B, T, 8), 2 + 7 * L + 1,           // token vectors, their sum; 2 norms, attention, 2 projections, 2 sums; last norm
            new Shape(B, T, 24), L,                      // queries, keys, values
            new Shape(B, 4, T, 2), 3 * L,                // the three by head
            new Shape(B, T, 16), 2 * L,                  // up, activated
            new Shape(B, T, 11), 1);                     // logits
        for (Mode mode : Mode.values()) {
            assertEquals(expected, arrays(mode, Probe.NONE));
        }
    }

    @Test
    void aProbeCostsThePatternOfEachBlockAndWhatItMakesOfTheValues() {
        Map<Shape, Integer> expected = arrays(Mode.EVAL, Probe.NONE);
        expected.put(new Shape(B, 4, T, T), L);
        expected.merge(new Shape(B, 4, T, 2), L, Integer::sum); // by head, which the fused form merges itself
        assertEquals(expected, arrays(Mode.EVAL, new Probe() {}));
    }

    private List<Call> forward(Probe probe) throws IOException {
        return run(scope -> gpt.forward(ids(scope), Mode.EVAL, probe));
    }

    private List<Call> trainingStep(boolean recompute) throws IOException {
        LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), recompute);
        return run(scope -> gradients.of(ids(scope), ids(scope), 1.0 / (B * T), 1));
    }

    private List<Call> run(Consumer<NDManager> work) throws IOException {
        try (NDManager scope = manager.newSubManager(); Autograd off = Autograd.off()) {
            work.accept(scope);                          // once before: constants are made, and kept
            return Operators.of(() -> work.accept(scope));
        }
    }

    /** Below the arrays that Java sees: operators, those of the backward pass too, that read a T × T array. */
    @Test
    void neitherAPassNorATrainingStepTouchesAnArrayOfTByT() throws IOException {
        assertEquals(List.of(), squares(forward(Probe.NONE)));
        assertEquals(List.of(), squares(trainingStep(false)));
        assertEquals(List.of(), squares(trainingStep(true)));
        assertNotEquals(List.of(), squares(forward(new Probe() {})), "with a probe they are there, and this test sees them");
    }

    private static List<Call> squares(List<Call> calls) {
        return calls.stream().filter(call -> call.shapes().stream().anyMatch(shape -> shape.size() >= 2
            && shape.get(shape.size() - 1) == T && shape.get(shape.size() - 2) == T)).toList();
    }

    /**
     * The backward pass has operators of its own names but for the products that it gives to oneDNN: by each linear's input, and by the
     * weights that widen. So a step computes what one forward pass does, recomputation blocks twice.
     */
    @Test
    void aTrainingStepComputesOneForwardPassAndNoMore() throws IOException {
        assertEquals(forwardOperators(L), counts(forward(Probe.NONE)));
        assertEquals(stepOperators(L), counts(trainingStep(false)));
        assertEquals(stepOperators(L + L - 1), counts(trainingStep(true)), "the last block is run once");
    }

    private static Map<String, Integer> stepOperators(int blocks) {
        Map<String, Integer> counts = new HashMap<>(forwardOperators(blocks));
        counts.merge("aten::linear", (4 + 2) * L + 1, Integer::sum);
        return counts;
    }

    /** Of {@code blocks} blocks, the embedding, the last norm and the unembedding. */
    private static Map<String, Integer> forwardOperators(int blocks) {
        return Map.of("aten::embedding", blocks > L ? 3 : 2, "aten::layer_norm", 2 * blocks + 1, "aten::linear", 4 * blocks + 1,
            "aten::gelu", blocks, "aten::scaled_dot_product_attention", blocks, "aten::softmax", 0, "aten::triu", 0);
    }

    private static Map<String, Integer> counts(List<Call> calls) {
        Map<String, Integer> counts = new HashMap<>();
        forwardOperators(L).keySet().forEach(name -> counts.put(name, 0));
        calls.forEach(call -> counts.computeIfPresent(ONE_DNN_LINEAR.equals(call.name()) ? "aten::linear" : call.name(), (name, count) -> count + 1));
        return counts;
    }

    /** A prompt read and then one token more, as sampling does; that has one row of weights a head, no pattern. */
    @Test
    void samplingMakesNoPatternEither() throws IOException {
        List<Call> calls = new ArrayList<>();
        try (KvCache cache = new KvCache(manager, CONFIG, B)) {
            calls.addAll(run(scope -> {
                cache.truncate(0);
                gpt.next(ids(scope), cache);
                gpt.next(scope.create(new long[B], new Shape(B, 1)), cache);
            }));
        }
        assertEquals(L, counts(calls).get("aten::scaled_dot_product_attention"), "of the prompt");
        assertEquals(L, counts(calls).get("aten::softmax"), "of the one token");
        assertEquals(List.of(), squares(calls));
    }
}
