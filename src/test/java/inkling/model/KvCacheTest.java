package inkling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KvCacheTest {
    /** A manager that is not closed stays in its parent: in a server, until its session is closed. */
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
}
