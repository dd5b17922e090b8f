package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients across linear layers that autograd does not record, between layers that it does record. */
class LinearLeafTest {
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private NDArray parameter(long... shape) {
        NDArray array = manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
        array.setRequiresGradient(true);
        return array;
    }

    private static final Kernels.NormKind RMS = new Kernels.NormKind(1e-5, true, false);

    private NDArray none() {
        return manager.create(new Shape(0));
    }

    /**
     * Compares with autograd's gradients of x + linear(silu(u) · v), where u and v are linear layers of one norm of x. So gradients of
     * several layers meet, in the norm and in x.
     */
    private void requireAutogradsGradients(int width, int inner, boolean bias, boolean frozen) {
        NDArray x = parameter(2, 5, width);
        NDArray norm = parameter(width);
        NDArray dy = manager.randomNormal(0, 1, new Shape(2, 5, width), DataType.FLOAT32);
        List<NDArray> weights = List.of(parameter(width, inner), parameter(width, inner), parameter(inner, width));
        List<NDArray> biases = bias ? List.of(parameter(inner), parameter(inner), parameter(width)) : List.of(none(), none(), none());
        weights.get(1).setRequiresGradient(!frozen);
        try (Autograd on = Autograd.recording()) {
            List<NDArray> by = new ArrayList<>(List.of(x, norm));
            weights.stream().filter(w -> !frozen || w != weights.get(1)).forEach(by::add);
            by.addAll(bias ? biases : List.of());
            NDArray read = Kernels.norm(x, norm, RMS);
            NDArray both = Kernels.activate("swiglu", recordedLinear(read, weights.get(0), biases.get(0)),
                recordedLinear(read, weights.get(1), biases.get(1)));
            NDArray sum = x.add(recordedLinear(both, weights.get(2), biases.get(2))).mul(dy).sum();
            List<NDArray> expected = new ArrayList<>(Kernels.gradients(sum, by));

            NDArray seen = Kernels.norm(x, norm, RMS);
            Kernels.Linear up = Kernels.linearLeaf(seen, weights.get(0), biases.get(0));
            Kernels.Linear gate = Kernels.linearLeaf(seen, weights.get(1), biases.get(1));
            Kernels.Linear down = Kernels.linearLeaf(Kernels.activate("swiglu", up.y(), gate.y()), weights.get(2), biases.get(2));
            NDList found = Kernels.gradients(x.add(down.y()), dy, List.of(x, norm), List.of(up, gate, down));
            if (frozen) {
                expected.add(3, none());
            }
            // found has each weight before its bias; expected has all weights, then all biases
            List<Integer> order = List.of(0, 1, 2, 4, 6, 3, 5, 7);
            for (int i = 0; i < order.size(); i++) {
                NDArray g = found.get(order.get(i));
                if (i >= expected.size()) {
                    assertEquals(0, g.size(), "there is no bias, so its gradient is empty");
                } else {
                    assertArrayEquals(expected.get(i).toFloatArray(), g.toFloatArray(), 1e-3f);
                    assertTrue(Strides.inRows(g), i + ", by columns");
                }
            }
        }
    }

    private static NDArray recordedLinear(NDArray x, NDArray w, NDArray b) {
        return b.size() == 0 ? Kernels.linear(x, w) : Kernels.linear(x, w, b);
    }

    @ParameterizedTest
    @CsvSource({"8, 24, true, false", "8, 24, false, false", "24, 8, true, true", "16, 16, false, true", "8, 1024, true, false"})
    void gradientsAreThoseOfAutograd(int width, int inner, boolean bias, boolean frozen) {
        requireAutogradsGradients(width, inner, bias, frozen);
    }

    /** An array may stand in several places: a layer reads a parameter as its input, and two layers share a weight. */
    @Test
    void anInputItselfMayBeAParameterAndAWeightMayServeTwice() {
        NDArray x = parameter(3, 8);
        NDArray w = parameter(8, 8);
        NDArray dy = manager.randomNormal(0, 1, new Shape(3, 8), DataType.FLOAT32);
        try (Autograd on = Autograd.recording()) {
            NDArray y = Kernels.linear(Kernels.activate("gelu", Kernels.linear(x, w)), w).add(x);
            NDList expected = Kernels.gradients(y.mul(dy).sum(), List.of(x, w));
            Kernels.Linear first = Kernels.linearLeaf(x, w, none());
            Kernels.Linear second = Kernels.linearLeaf(Kernels.activate("gelu", first.y()), w, none());
            NDList found = Kernels.gradients(second.y().add(x), dy, List.of(x), List.of(first, second));
            assertArrayEquals(expected.get(0).toFloatArray(), found.get(0).toFloatArray(), 1e-4f);
            assertArrayEquals(expected.get(1).toFloatArray(), found.get(1).add(found.get(3)).toFloatArray(), 1e-4f);
        }
    }

    /** Uses the kernels for a libtorch that was built without oneDNN. */
    @Test
    void productsWithoutOneDnnAreTheSame() {
        KernelModule plain = KernelModule.load(manager, KernelSources.shipped(KernelSources.PRODUCT_PLAIN));
        NDArray x = parameter(3, 8);
        NDArray w = parameter(8, 24);
        NDArray b = parameter(24);
        NDArray dy = manager.randomNormal(0, 1, new Shape(3, 24), DataType.FLOAT32);
        try (Autograd on = Autograd.recording()) {
            NDArray in = x.mul(2);
            Kernels.Linear expected = Kernels.linearLeaf(in, w, b);
            NDArray y = plain.array("linear_leaf", in, w, b);
            assertArrayEquals(expected.y().toFloatArray(), y.toFloatArray(), 1e-5f);
            NDList ours = Kernels.gradients(expected.y().mul(3), dy, List.of(x), List.of(expected));
            NDList others = plain.arrays("gradients_across", y.mul(3), dy, List.of(x), List.of(in), List.of(w), List.of(b), List.of(y));
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(ours.get(i).toFloatArray(), others.get(i).toFloatArray(), 1e-4f);
            }
        }
    }
}
