package inkling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.formats.ChatTemplate;
import inkling.formats.ModelDirectory;
import inkling.formats.family.GenerationSettings;
import inkling.io.DurableFiles;
import inkling.model.Gpt;
import inkling.model.GptWeights;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final AdamWConfig ADAMW = new AdamWConfig(0.9, 0.99, 1e-8, 0.1, 1);
    private static final Progress PROGRESS = new Progress(7, 700, OptionalDouble.of(1.5), 5, 1, Optional.empty());

    @TempDir Path directory;
    private final Tokenizer tokenizer = CharTokenizer.fit("abc");
    private final GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).contextLength(8))
        .over(tokenizer.vocabSize());
    private final NDManager manager = ComputeContext.of("cpu").manager();

    @AfterEach void free() {
        manager.close();
    }

    private Path save(Checkpoint checkpoint) {
        return new CheckpointStore(directory, DurableFiles.SYSTEM).save(checkpoint.progress().step(), checkpoint.content());
    }

    private static List<String> names(Path step) throws IOException {
        try (Stream<Path> files = Files.list(step)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<String> withTokenizer(String... others) {
        TreeSet<String> all = new TreeSet<>(TokenizerFiles.files(tokenizer).keySet());
        all.addAll(List.of(others));
        return List.copyOf(all);
    }

    @Test
    void aStepIsKnownByTheNameOfItsDirectoryHoweverThePathIsWritten() {
        for (String path : List.of("run/step-000100", "run/step-000100/.", "run/step-000100/../step-000100/")) {
            assertTrue(CheckpointStore.isStep(Path.of(path)), path);
            assertEquals(100, CheckpointStore.stepOf(Path.of(path)), path);
        }
        for (String path : List.of("/", ".", "run/step-000100/..", "run/step-000100/other")) {
            assertFalse(CheckpointStore.isStep(Path.of(path)), path);
        }
    }

    @Test void aNewModelsCheckpointIsReadBackWhole() throws IOException {
        try (Gpt gpt = Gpt.initialise(config, manager, 3); AdamW trained = new AdamW(ADAMW, gpt.parameters().asMap(), manager)) {
            NDArray moment = trained.state().values().iterator().next();
            moment.addi(0.25);
            Path step = save(new Checkpoint(gpt, tokenizer, GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty(), "",
                trained, PROGRESS));
            assertEquals(withTokenizer("config.json", "manifest.json", "model.safetensors", "optimizer.safetensors", "progress.json"),
                names(step));
            assertEquals(PROGRESS, TrainingState.progress(step));
            try (Gpt read = ModelDirectory.load(step, manager); AdamW fresh = new AdamW(ADAMW, read.parameters().asMap(), manager)) {
                TrainingState.load(step, fresh, manager);
                assertArrayEquals(moment.toFloatArray(), fresh.state().values().iterator().next().toFloatArray());
                assertArrayEquals(gpt.parameters().get("wte.weight").toFloatArray(), read.parameters().get("wte.weight").toFloatArray());
            }
        }
    }

    @Test void adaptersAndTheTemplateOfTheModelThatItBeganFromAreThereToo() throws IOException {
        Path origin = Files.createDirectory(directory.resolve("origin"));
        Files.writeString(origin.resolve("chat_template.jinja"), "{{ messages }}");
        Lora lora = new Lora(new LoraConfig(2, 4, 0, List.of("attn.c_attn")));
        Parameters parameters = GptWeights.initialise(config, manager.newSubManager(), 3);
        lora.addTo(parameters, config, 3);
        try (Gpt gpt = new Gpt(config, parameters, Optional.of(lora)); AdamW trained = new AdamW(ADAMW,
            gpt.parameters().asMap(), manager)) {
            Path step = save(new Checkpoint(gpt, tokenizer, GenerationSettings.of(SpecialIds.of(tokenizer)),
                Optional.of(ChatTemplate.read(origin)), "gpt2", trained, PROGRESS));
            assertEquals(withTokenizer("adapter_config.json", "adapter_model.safetensors", "chat_template.jinja", "config.json",
                "manifest.json",
                "model.safetensors", "optimizer.safetensors", "progress.json"), names(step));
            assertEquals(Optional.of("{{ messages }}"), ChatTemplate.read(step).text());
        }
    }
}
