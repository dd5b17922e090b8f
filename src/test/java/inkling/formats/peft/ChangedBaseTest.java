package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import inkling.engine.ComputeContext;
import inkling.run.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Stored results are found by the fingerprint of a model. The fingerprint of adapters changes when their base changes, so that results with
 * the old base are not reused.
 */
class ChangedBaseTest extends WrittenAdapters {
    @Test void theFingerprintOfAdaptersChangesWithTheirBase() throws IOException {
        Path base = Files.createDirectories(directory.resolve("base"));
        Path adapters = Files.createDirectories(directory.resolve("adapters"));
        writeBase(base, gpt2, false);
        Map<String, Object> config = config(List.of("c_attn"));
        config.put("base_model_name_or_path", base.toString());
        write(adapters, config, everywhere(false, "attn.c_attn"), name -> "base_model.model." + name);
        String before = fingerprint(adapters);
        assertEquals(before, fingerprint(adapters));
        Path weights = base.resolve("model.safetensors");
        Files.setLastModifiedTime(weights, FileTime.fromMillis(Files.getLastModifiedTime(weights).toMillis() + 60_000));
        assertNotEquals(before, fingerprint(adapters));
    }

    private static String fingerprint(Path model) {
        try (LoadedModel loaded = LoadedModel.open(model, ComputeContext.of("cpu"))) {
            return loaded.fingerprint();
        }
    }
}
