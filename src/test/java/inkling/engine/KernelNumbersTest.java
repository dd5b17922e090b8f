package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers that differ from call to call, as a schedule's learning rates do, are neither kept nor lost. */
class KernelNumbersTest {
    @Test void tenThousandLearningRatesLeaveNothingBehind() {
        try (NDManager manager = Devices.manager(Device.cpu()); NDArray weight = manager.create(new float[] {1, 1});
             NDArray gradient = manager.create(new float[] {1,
                 1}); NDArray m = manager.create(new float[2]); NDArray v = manager.create(new float[2]);
             NDArray updates = manager.create(1f); NDArray divisor = manager.create(1f)) {
            NDManager top = manager;
            while (top.getParentManager() != null && top.getParentManager() != top) {
                top = top.getParentManager();
            }
            int before = 0;
            for (int step = 1; step <= 10_000; step++) {
                Kernels.adamw(new Kernels.AdamWStep(1e-6 / step, 0.9, 0.99, 0, 1e-8), divisor, List.of(weight), List.of(gradient),
                    List.of(m),
                    List.of(v), List.of(updates));
                before = step == 1 ? top.getManagedArrays().size() : before;
            }
            assertEquals(before, top.getManagedArrays().size());
        }
    }
}
