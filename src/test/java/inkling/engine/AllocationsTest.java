package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllocationsTest {
    @Test void everyArrayIsCountedOnceWhereverItIsMadeAndEvenIfItIsFreed() {
        try (NDManager manager = Devices.manager(Device.cpu())) {
            NDArray x = manager.ones(new Shape(500, 1_000));      // 2 MB
            NDArray w = manager.ones(new Shape(1_000, 1_000));    // 4 MB
            w.setRequiresGradient(true);
            assertCounted(2_000_000, () -> x.matMul(w).close());
            assertCounted(6_000_000, () -> {
                x.matMul(w).close();
                manager.ones(new Shape(1_000, 1_000)).close();
            });
            try (Autograd on = Autograd.recording()) {
                assertCounted(6_000_000, () -> {
                    NDArray y = x.matMul(w);                      // 2 MB
                    Kernels.gradients(y.sum(), List.of(w));       // 4 MB; y's gradient takes one number: it is the same for each element
                });
            }
            assertEquals(0, Allocations.bytes(() -> {}));
        }
    }

    private static void assertCounted(long bytes, Runnable work) {
        assertEquals(bytes, Allocations.bytes(work), 0.01 * bytes);
    }
}
