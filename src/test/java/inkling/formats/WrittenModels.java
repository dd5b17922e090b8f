package inkling.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.family.Gpt2Format;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Writes and loads model directories whose content a test varies. */
abstract class WrittenModels {
    @TempDir
    Path directory;

    final NDManager manager = Devices.manager(Device.cpu());
    final Gpt gpt2 = Gpt.initialise(Directories.gpt2(true), manager, 5);

    @AfterEach
    void free() {
        manager.close();
    }

    List<Entry> tensors() {
        return new ArrayList<>(Directories.tensors(gpt2, new Gpt2Format(), UnaryOperator.identity()));
    }

    Map<String, float[]> load() {
        try (Gpt gpt = ModelDirectory.load(directory, manager)) {
            return Directories.values(gpt);
        }
    }

    void assertLoads(Gpt expected) {
        Map<String, float[]> loaded = load();
        assertEquals(expected.parameters().names(), List.copyOf(loaded.keySet()));
        Directories.values(expected).forEach((name, values) -> assertArrayEquals(values, loaded.get(name), 0f, name));
    }

    String faultOf(Map<String, Object> config, List<Entry> tensors) {
        Directories.write(directory, config, tensors);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelDirectory.load(directory, manager));
        assertEquals(4, e.exitCode().code());
        return e.getMessage();
    }

    static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }
}
