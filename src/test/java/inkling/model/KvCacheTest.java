package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Devices;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    /** A manager that is not closed stays in its parent: in a server, until the batch session is closed. */
    @Test void aCacheThatMemoryCannotHoldLeavesNothingBehind() throws ReflectiveOperationException {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(1).nEmbd(32)).over(19);
        Field resources = BaseNDManager.class.getDeclaredField("resources");
        resources.setAccessible(true);
        try (NDManager manager = Devices.manager(Device.cpu())) {
            Map<?, ?> ofManager = (Map<?, ?>) resources.get(manager);
            int before = ofManager.size();
            assertThrows(RuntimeException.class, () -> new KvCache(manager, config, Integer.MAX_VALUE, Integer.MAX_VALUE));
            assertEquals(before, ofManager.size());
            new KvCache(manager, config, 1).close();
            assertEquals(before, ofManager.size());
        }
    }

    /** The larger arrays would take more bytes than a process can address. */
    @Test void aCacheWhoseEnlargementFailedSaysSoUntilItBeginsAgain() {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(1).nEmbd(8).headSize(1 << 16).contextLength(4)).over(19);
        try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(config, manager, 1);
             KvCache cache = new KvCache(manager, config, 1)) {
            float[] expected = next(gpt, cache, 3, 1);
            assertThrows(RuntimeException.class, () -> cache.keep(2, Integer.MAX_VALUE, 0));
            String lost = assertThrows(IllegalStateException.class, () -> cache.keep(2, 4, 0)).getMessage();
            assertTrue(lost.contains("2 tokens") && lost.contains("keep(0, "), lost);
            cache.keep(0, 4, 0);
            assertEquals(4, cache.capacity());
            assertArrayEquals(expected, next(gpt, cache, 3, 1));
        }
    }

    /** Reads a text of two tokens, one after the other, and gives the logits of the next token. */
    private static float[] next(Gpt gpt, KvCache cache, long first, long second) {
        gpt.next(cache.key(0).getManager().create(new long[] {first}, new Shape(1, 1)), cache);
        return gpt.next(cache.key(0).getManager().create(new long[] {second}, new Shape(1, 1)), cache).toFloatArray();
    }
}
