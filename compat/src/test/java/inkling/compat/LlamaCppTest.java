package inkling.compat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import inkling.compat.LlamaCpp.Answer;
import inkling.compat.LlamaCpp.Question;
import inkling.engine.ComputeContext;
import inkling.io.gguf.GgufType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** llama.cpp reads the GGUF files that Inkling exports, and gives the same ids, probabilities and greedy text as Inkling. */
class LlamaCppTest {
    @TempDir
    static Path directory;
    private static NDManager manager;
    private static List<Subject> subjects;
    /** Keys are the subject's name and the type of the matrices: {@code own gpt2 f16}. */
    private static final Map<String, Answer> ANSWERS = new LinkedHashMap<>();

    @BeforeAll
    static void ask() throws IOException, InterruptedException {
        ComputeContext context = ComputeContext.of("cpu");
        context.enter();
        manager = context.manager();
        subjects = new Subjects(manager, context).all();
        List<String> keys = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        for (Subject subject : subjects) {
            for (GgufType type : Subjects.types(subject)) {
                keys.add(subject.name() + " " + type.word());
                questions.add(subject.question(subject.export(directory, type)));
            }
        }
        List<Answer> answers = LlamaCpp.ask(directory, questions);
        for (int i = 0; i < keys.size(); i++) {
            ANSWERS.put(keys.get(i), answers.get(i));
        }
    }

    @AfterAll
    static void free() {
        if (manager != null) {
            manager.close();
        }
    }

    private static Answer answer(Subject subject, GgufType type) {
        return ANSWERS.get(subject.name() + " " + type.word());
    }

    @TestFactory
    Stream<DynamicTest> textsHaveTheSameIds() {
        return subjects.stream().map(subject -> DynamicTest.dynamicTest(subject.name(), () -> {
            Answer answer = answer(subject, GgufType.F32);
            for (int i = 0; i < subject.texts().size(); i++) {
                String text = subject.texts().get(i);
                int[] theirs = answer.plain().get(i).stream().mapToInt(id -> id).toArray();
                assertArrayEquals(subject.tokenizer().encodePlain(text), theirs, text);
                assertArrayEquals(subject.tokenizer().encode(text), answer.ids().get(i).stream().mapToInt(id -> id).toArray(), text);
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> probabilitiesAreTheSame() {
        return subjects.stream().map(subject -> DynamicTest.dynamicTest(subject.name(), () -> {
            double[][] ours = subject.logprobs(subject.sequence());
            double[][] theirs = answer(subject, GgufType.F32).logprobs();
            double most = 0;
            for (int t = 0; t < ours.length; t++) {
                assertEquals(ours[t].length, theirs[t].length);
                assertEquals(Subject.largest(ours[t]), Subject.largest(theirs[t]), "likeliest after position " + t);
                for (int i = 0; i < ours[t].length; i++) {
                    most = Math.max(most, Math.abs(ours[t][i] - theirs[t][i]));
                }
            }
            System.out.printf("%s: log-probabilities differ by at most %.1e%n", subject.name(), most);
            assertTrue(most <= subject.bound(), "log-probabilities differ by " + most);
        }));
    }

    @TestFactory
    Stream<DynamicTest> greedyTextIsTheSame() {
        return subjects.stream().map(subject -> DynamicTest.dynamicTest(subject.name(), () ->
            assertEquals(subject.greedy(), answer(subject, GgufType.F32).greedy())));
    }

    @TestFactory
    Stream<DynamicTest> smallerTypesChangeProbabilitiesOnlyWithinTheirBounds() {
        // in F16, llama.cpp's sums depend on the processor: probabilities differ by less than 2e-3 with AVX-512, by 2.2e-3 with AVX2 alone
        Map<GgufType, Double> bounds = Map.of(GgufType.F16, 4e-3, GgufType.BF16, 2e-2, GgufType.Q8_0, 2e-2);
        return subjects.stream().flatMap(subject -> Subjects.types(subject).stream().filter(bounds::containsKey)
            .map(type -> DynamicTest.dynamicTest(subject.name() + " " + type.word(), () -> {
                double[][] ours = subject.logprobs(subject.sequence());
                double[][] theirs = answer(subject, type).logprobs();
                double most = 0;
                for (int t = 0; t < ours.length; t++) {
                    for (int i = 0; i < ours[t].length; i++) {
                        most = Math.max(most, Math.abs(Math.exp(ours[t][i]) - Math.exp(theirs[t][i])));
                    }
                }
                System.out.printf("%s, %s: probabilities differ by at most %.1e%n", subject.name(), type, most);
                // stories260k has half as many channels as dickens-gpt2, so the rounding of each channel counts more
                double bound = bounds.get(type) * (subject.name().startsWith("stories") ? 2 : 1);
                assertTrue(most > 0 && most <= bound, "probabilities differ by " + most);
            })));
    }
}
