package inkling.perf.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.runfile.RunPrecision;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where bfloat16 may be used, and the message where it may not. */
@Tag("thorough")
class Bf16SpeedTest {
    @Test
    void whereBfloat16IsNotMuchFasterItIsRefusedWithTheFiguresAndTheWaysOut() {
        String message = assertThrows(ConfigException.class, () -> new Bf16Speed(135, 78).requireFast()).getMessage();
        for (String part : new String[] {"precision = bf16", "78 in bfloat16", "135 GFLOP/s in float32", "0.58 times", "precision: float32",
            "bf16_even_if_slow"}) {
            assertTrue(message.contains(part), message);
        }
        assertThrows(ConfigException.class, () -> new Bf16Speed(100, 149).requireFast());
        assertEquals(1.5, new Bf16Speed(100, 150).requireFast());
    }

    @Test
    void nothingIsMeasuredForOtherPrecisions() {
        ComputeContext context = ComputeContext.of("cpu");
        for (RunPrecision precision : new RunPrecision[] {RunPrecision.FLOAT32, RunPrecision.BF16_EVEN_IF_SLOW}) {
            assertEquals(OptionalDouble.empty(), Bf16Speed.require(precision, context));
        }
    }

    @Test
    void bothAreMeasuredWhereverThisRuns() {
        Bf16Speed speed = Bf16Speed.measure(ComputeContext.of("cpu").withThreads(1));
        assertTrue(speed.float32() > 0.1 && speed.bf16() > 0.1 && speed.times() > 0.001, speed.toString());
    }
}
