package inkling.compat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.LogFormat;
import inkling.engine.ComputeContext;
import inkling.io.gguf.GgufType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * llama.cpp of March 2025 (b4916), which de.kherud:llama contains, reads all models but those of {@link #UNKNOWN}. It gives the same ids
 * and the same greedy text as Inkling.
 */
class OlderLlamaCppTest {
    /**
     * Models that this version cannot read: Qwen 3 and SmolLM 3, which are newer; Gemma 2 and 3 of other sizes than the published ones;
     * and the fixture {@code llamabias}.
     */
    private static final String UNKNOWN = ".*(qwen3|smollm3|gemma2|gemma3)|fixture llamabias";

    @TempDir
    static Path directory;
    private static NDManager manager;
    private static Subjects subjects;

    @BeforeAll
    static void make() throws IOException {
        Needs.program(System.getProperty("os.arch").matches("amd64|x86_64|aarch64"), "a processor that de.kherud:llama has llama.cpp for");
        LlamaModel.setLogger(LogFormat.TEXT, (level, line) -> { });
        ComputeContext context = ComputeContext.of("cpu");
        context.enter();
        manager = context.manager();
        subjects = new Subjects(manager, context);
    }

    @AfterAll
    static void free() {
        if (manager != null) {
            manager.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> idsAndGreedyTextAreTheSame() {
        return subjects.all().stream().filter(subject -> !subject.name().matches(UNKNOWN))
            .map(subject -> DynamicTest.dynamicTest(subject.name(), () -> check(subject)));
    }

    private void check(Subject subject) {
        Path file = subject.export(directory, GgufType.F32);
        try (LlamaModel model = new LlamaModel(new ModelParameters().setModel(file.toString()).setThreads(1).disableLog()
            .setCtxSize(subject.gpt().config().contextLength()).setCacheTypeK(CacheType.F32).setCacheTypeV(CacheType.F32))) {
            for (String text : subject.texts()) {
                assertArrayEquals(subject.tokenizer().encode(text), model.encode(text), text);
            }
            int[] start = Arrays.copyOf(subject.sequence(), Subject.GREEDY_FROM);
            String prompt = subject.tokenizer().decode(start);
            if (Arrays.equals(subject.tokenizer().encode(prompt), start)) {
                List<Integer> ends = subject.beside().generation().special(subject.beside().tokenizer()).ends();
                String expected = subject.tokenizer().decode(subject.greedy().stream().takeWhile(id -> !ends.contains(id))
                    .mapToInt(id -> id).toArray());
                String found = model.complete(new InferenceParameters(prompt).setTemperature(0).setNPredict(Subject.GREEDY));
                assertEquals(expected.strip(), found.strip());
            }
        }
    }
}
