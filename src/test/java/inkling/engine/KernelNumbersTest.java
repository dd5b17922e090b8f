package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * After a call of a kernel, none of its arguments and results stays in memory: arrays, lists, and numbers that change with each call. This
 * holds even if the call fails.
 */
@Tag("thorough")
class KernelNumbersTest {
    private static final int CALLS = 3_000;
    private static final Shape LARGE = new Shape(65_536); // 256 KB: if one stayed after each call, all would be 750 MB
    private static final long ALLOWED_MEGABYTES = 250;         // the Java heap may grow meanwhile

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
                UpdateKernels.adamw(new UpdateKernels.AdamWStep(1e-6 / step, 0.9, 0.99, 0, 1e-8), divisor, List.of(weight),
                    List.of(gradient), List.of(m), List.of(v), List.of(updates));
                before = step == 1 ? top.getManagedArrays().size() : before;
            }
            assertEquals(before, top.getManagedArrays().size());
        }
    }

    @Test void argumentsAndResultsOfThousandsOfCallsAreFreed() throws IOException {
        try (NDManager manager = Devices.manager(Device.cpu())) {
            assertFlat(() -> {
                try (NDManager scope = manager.newSubManager()) {
                    List<NDArray> a = List.of(scope.ones(LARGE), scope.ones(LARGE));
                    UpdateKernels.addAll(a, List.of(scope.ones(LARGE), scope.ones(LARGE)), 0.5);   // lists and a number, no result
                    assertEquals(1.5f, Kernels.activate("relu", a.get(0)).getFloat(7));   // an array as argument and as result
                    NDArray rows = scope.ones(new Shape(1, 4, LARGE.size() / 4));
                    assertEquals(3, Kernels.splitHeads(rows, 2, 1).size());                  // a list as a result
                }
            });
        }
    }

    @Test void argumentsOfCallsThatFailAreFreed() throws IOException {
        try (NDManager manager = Devices.manager(Device.cpu()); NDArray one = manager.ones(new Shape(3))) {
            assertFlat(() -> {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray x = scope.ones(LARGE);
                    assertThrows(EngineException.class, () -> Kernels.norm(x, one, new Kernels.NormKind(1e-5, true, false)));
                    assertThrows(EngineException.class, () -> UpdateKernels.addAll(List.of(x), List.of(x, x), 1));
                    assertThrows(IllegalArgumentException.class, () -> Kernels.MODULE.run("relu", x, 1L));
                }
            });
        }
    }

    private static void assertFlat(Runnable call) throws IOException {
        Path status = Path.of("/proc/self/status");
        Assumptions.assumeTrue(Files.exists(status), "Linux tells what is resident");
        for (int i = 0; i < CALLS / 10; i++) {
            call.run();
        }
        long before = residentMegabytes(status);
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        long after = residentMegabytes(status);
        assertTrue(after - before < ALLOWED_MEGABYTES, "%d MB, then %d".formatted(before, after));
    }

    private static long residentMegabytes(Path status) throws IOException {
        return Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow() / 1024;
    }
}
