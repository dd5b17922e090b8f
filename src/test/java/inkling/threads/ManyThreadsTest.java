package inkling.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.model.Gpt;
import inkling.model.config.Positions;
import inkling.threads.Generating.Text;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Any number of threads can use one model at the same time. {@code bench/threads/run --rounds 1000} does so for longer. */
@Tag("thorough")
class ManyThreadsTest {
    private static final int THREADS = 8;

    @AfterEach
    void restoreThreads() {
        ComputeContext.of("cpu").enter();
    }

    @ParameterizedTest
    @EnumSource(value = Positions.class, names = {"LEARNED", "ROPE"})
    void eightThatGenerateFromOneModelGetWhatEachGetsAlone(Positions positions) throws Exception {
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(Generating.config(positions), manager, 1)) {
            List<Text> alone = IntStream.range(0, THREADS).mapToObj(seed -> Generating.text(gpt, manager, seed)).toList();
            assertEquals(THREADS, alone.stream().distinct().count(), "eight different texts");
            assertEquals(alone, Generating.together(gpt, manager, THREADS));
        }
    }

    @Test @Tag("long") void aThousandTimes() throws Exception {
        assertTrue(ThreadsHarness.agree(1_000, THREADS), "what differed is printed above");
    }
}
