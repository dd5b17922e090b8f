package inkling.engine;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import inkling.errors.ConfigException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeContextTest {
    private static final ComputeContext CPU = ComputeContext.of("cpu");

    /** The work is large enough for libtorch to divide it among its threads, if it has several. */
    private static void compute() {
        try (NDManager manager = CPU.manager()) {
            NDArray x = manager.ones(new Shape(300, 300)); // (300, 300)
            x.matMul(x).add(1).exp().sum().getFloat();
        }
    }

    private static int threadsAfterComputing() {
        compute();
        return JniUtils.getNumThreads();
    }

    /** What {@code work} returns on a thread that has computed nothing before. */
    private static <T> T onANewThread(Callable<T> work) throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try {
            return one.submit(work).get();
        } finally {
            one.shutdown();
        }
    }

    /** All threads set their counts before any of them computes for the first time. */
    @Test
    void threadsThatComputeSideBySideKeepTheirOwnCounts() throws Exception {
        List<Integer> counts = List.of(1, 2, 3, 1, 2, 4);
        CyclicBarrier together = new CyclicBarrier(counts.size());
        ExecutorService threads = Executors.newFixedThreadPool(counts.size());
        try {
            List<Future<Integer>> found = counts.stream().map(count -> threads.submit(() -> {
                together.await();
                CPU.withThreads(count).enter();
                together.await();
                return threadsAfterComputing();
            })).toList();
            for (int i = 0; i < counts.size(); i++) {
                assertEquals(counts.get(i), found.get(i).get());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aNewThreadHasItsContextsCountWhateverAnotherSaidLast() throws Exception {
        CPU.withThreads(2).enter();
        onANewThread(() -> {
            CPU.withThreads(1).enter();
            return threadsAfterComputing();
        });
        assertEquals(2, threadsAfterComputing());
        assertEquals(3, onANewThread(() -> {
            CPU.withThreads(3).enter();
            onANewThread(() -> {
                CPU.withThreads(1).enter();
                return threadsAfterComputing();
            });
            return threadsAfterComputing();
        }));
    }

    @Test
    void theLastContextThatAThreadEnteredHolds() throws Exception {
        assertEquals(List.of(2, 1, 2), onANewThread(() -> {
            CPU.withThreads(2).enter();
            int first = threadsAfterComputing();
            CPU.withThreads(1).enter();
            int second = threadsAfterComputing();
            CPU.withThreads(2).enter();
            return List.of(first, second, threadsAfterComputing());
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:01", "cuda:-1", "CPU"})
    void anotherTextIsNoDevice(String text) {
        ConfigException fault = assertThrows(ConfigException.class, () -> ComputeContext.of(text));
        says(fault.getMessage(), "device = \"" + text + "\"", "auto, cpu, cuda");
    }

    @Test
    void aGpuThatIsNotThereIsTold() {
        ConfigException fault = assertThrows(ConfigException.class, () -> ComputeContext.of("cuda:99"));
        assertEquals(true, fault.getMessage().startsWith("device = cuda:99, but the engine sees "), fault.getMessage());
    }
}
