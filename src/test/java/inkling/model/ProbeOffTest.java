package inkling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Without a probe, a forward pass makes only the arrays that it needs. None of them is T × T. */
class ProbeOffTest {
    private static final String ONE_DNN_LINEAR = "mkldnn::_linear_pointwise"; // counted as aten::linear; some builds of libtorch lack it
    private static final int B = 2;
    private static final int T = 5;
    private static final int L = 3;
    /** No size is T or 2 T, so an array that ends in (T, T) can only be an attention pattern or its mask. */
    private static final GptConfig CONFIG = GptOptions.DEFAULT.with(o -> o.nLayer(L).nEmbd(8).nInner(16).contextLength(12)).over(11);

    private final NDManager manager = Devices.manager(Device.cpu());
    private final Gpt gpt = Gpt.initialise(CONFIG, manager, 1);

    @AfterEach
    void free() {
        gpt.close();
        manager.close();
    }

    private static NDArray ids(NDManager scope) {
        return ids(scope, T);
    }

    private static NDArray ids(NDManager scope, int length) {
        return scope.create(IntStream.range(0, B * length).mapToLong(i -> i * i % 11).toArray(), new Shape(B, length));
    }

    /**
     * Shape → the number of arrays of that shape that a pass leaves in its scope, the ids included. The pass is recorded, so each block's
     * arrays are kept for gradients.
     */
    private Map<Shape, Integer> arrays(Mode mode, Probe probe, int length) {
        Map<Shape, Integer> arrays = new HashMap<>();
        try (NDManager scope = manager.newSubManager(); Autograd recording = Autograd.recording()) {
            gpt.forward(ids(scope, length), mode, probe);
            scope.getManagedArrays().forEach(array -> arrays.merge(array.getShape(), 1, Integer::sum));
        }
        return arrays;
    }

    private static long elements(Map<Shape, Integer> arrays) {
        return arrays.entrySet().stream().mapToLong(entry -> entry.getKey().size() * entry.getValue()).sum();
    }

    /** With attention patterns, memory would grow with the square of the text's length. */
    @Test
    void whatAPassWithoutAProbeTakesGrowsWithTheTextAndNoFaster() {
        for (Mode mode : Mode.values()) {
            Map<Shape, Integer> once = arrays(mode, Probe.NONE, T);
            Map<Shape, Integer> twice = arrays(mode, Probe.NONE, 2 * T);
            assertTrue(elements(twice) <= 2 * elements(once), "%s; of twice the text %s".formatted(once, twice));
            assertEquals(once.values().stream().mapToInt(n -> n).sum(), twice.values().stream().mapToInt(n -> n).sum(), "as many arrays");
        }
    }

    @Test
    void aProbeCostsInEachBlockThePatternAndItsProductWithTheValues() {
        Map<Shape, Integer> without = arrays(Mode.EVAL, Probe.NONE, T);
        Map<Shape, Integer> with = arrays(Mode.EVAL, new Probe() {}, T);
        assertEquals(L, with.get(new Shape(B, 4, T, T)));
        assertTrue(elements(with) <= elements(without) + L * (B * 4L * T * T + B * T * 8L), "%s; without %s".formatted(with, without));
    }

    private List<Call> forward(Probe probe) throws IOException {
        return run(scope -> gpt.forward(ids(scope), Mode.EVAL, probe));
    }

    private List<Call> trainingStep(boolean recompute) throws IOException {
        LossGradients gradients = new LossGradients(gpt, gpt.parameters().names(), recompute);
        return run(scope -> gradients.of(ids(scope), ids(scope), 1.0 / (B * T), 1));
    }

    private List<Call> run(Consumer<NDManager> work) throws IOException {
        try (NDManager scope = manager.newSubManager()) {
            work.accept(scope);                          // run once before, so that constants are made and kept
            return Operators.of(() -> work.accept(scope));
        }
    }

    /** Looks below the arrays that Java sees, at the operators of forward and backward pass: none may read a T × T array. */
    @Test
    void neitherAPassNorATrainingStepTouchesAnArrayOfTByT() throws IOException {
        assertEquals(List.of(), squares(forward(Probe.NONE)));
        assertEquals(List.of(), squares(trainingStep(false)));
        assertEquals(List.of(), squares(trainingStep(true)));
        assertNotEquals(List.of(), squares(forward(new Probe() {})), "with a probe there are such arrays, and this test sees them");
    }

    private static List<Call> squares(List<Call> calls) {
        return calls.stream().filter(call -> call.shapes().stream().anyMatch(shape -> shape.size() >= 2
            && shape.get(shape.size() - 1) == T && shape.get(shape.size() - 2) == T)).toList();
    }

    /**
     * Counts how often a training step calls the operators in {@link #FORWARD}: as often as one forward pass, or, with recomputation, at
     * most as often as two. The backward pass uses other operators, except that those counted as {@code aten::linear} may compute the
     * two gradients of a linear layer.
     */
    @Test
    void aTrainingStepComputesOneForwardPassOrAtMostTwoWithRecomputation() throws IOException {
        Map<String, Integer> forward = counts(forward(Probe.NONE));
        Map<String, Integer> step = counts(trainingStep(false));
        Map<String, Integer> recomputed = counts(trainingStep(true));
        for (String name : FORWARD) {
            int calls = forward.get(name);
            assertTrue(calls > 0, name);
            int gradients = name.equals("aten::linear") ? 2 * calls : 0;
            assertTrue(step.get(name) >= calls && step.get(name) <= calls + gradients, name + ": " + step + " of " + forward);
            assertTrue(recomputed.get(name) <= 2 * calls + gradients, name + ": " + recomputed + " of " + forward);
        }
    }

    private static final List<String> FORWARD = List.of("aten::embedding", "aten::layer_norm", "aten::linear", "aten::gelu",
        "aten::scaled_dot_product_attention");

    private static Map<String, Integer> counts(List<Call> calls) {
        Map<String, Integer> counts = new HashMap<>();
        FORWARD.forEach(name -> counts.put(name, 0));
        calls.forEach(call -> counts.computeIfPresent(ONE_DNN_LINEAR.equals(call.name()) ? "aten::linear" : call.name(),
            (name, count) -> count + 1));
        return counts;
    }

    /**
     * Reads a prompt and then one token more, as sampling does. The single token has one row of attention weights per head, not a pattern.
     */
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
        assertTrue(counts(calls).get("aten::scaled_dot_product_attention") > 0, "the prompt is read at once");
        assertEquals(List.of(), squares(calls));
    }
}
