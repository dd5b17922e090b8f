package inkling.formats;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.family.GenerationSettings;
import inkling.io.gguf.GgufType;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Writes models as GGUF files. */
abstract class WrittenGguf {
    @TempDir
    Path directory;
    final NDManager manager = Devices.manager(Device.cpu());
    final Tokenizer words = TokenizerFiles.read(Fixtures.own("gpt2"));

    @AfterEach
    void free() {
        manager.close();
    }

    Gpt family(ObjectNode config) {
        Gpt gpt = Gpt.initialise(FamilyConfigs.architecture(config), manager, 5);
        for (NDArray parameter : gpt.parameters().arrays()) {
            parameter.addi(manager.randomNormal(0, 0.2f, parameter.getShape(), parameter.getDataType()));
        }
        return gpt;
    }

    /** The config with a vocabulary as large as that of {@link #words}. */
    static ObjectNode sized(ObjectNode config) {
        return config.deepCopy().put("vocab_size", 320);
    }

    static Beside beside(Tokenizer tokenizer) {
        return new Beside(Optional.of(tokenizer), GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty());
    }

    Path write(Gpt gpt, Tokenizer tokenizer, GgufType type) {
        Path file = directory.resolve("model-" + type.word() + ".gguf");
        GgufExport.write(gpt, beside(tokenizer), file, type);
        return file;
    }

    /** The export fails, with a message that has all {@code parts}. */
    void refused(GptConfig config, String... parts) {
        try (Gpt gpt = Gpt.initialise(config, manager, 1)) {
            says(assertThrows(ModelFormatException.class, () -> write(gpt, words, GgufType.F32)).getMessage(), (Object[]) parts);
        }
    }
}
