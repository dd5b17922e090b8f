package inkling.tasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.reference.ReferenceGpt;
import inkling.reference.StoredModel;
import inkling.run.LoadedModel;
import inkling.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A trained model that answers tasks which a test writes. */
abstract class AnsweredTasks {
    static final int ITEMS = 10;
    static LoadedModel model;
    static ReferenceGpt reference;

    @TempDir Path directory;

    @BeforeAll static void open() {
        model = LoadedModel.open(Fixtures.own("gpt2"), ComputeContext.of("cpu"));
        reference = StoredModel.gpt2(Fixtures.own("gpt2"), model.gpt().config());
    }

    @AfterAll static void close() {
        model.close();
    }

    static final TaskEvaluation.Listener SILENT = new TaskEvaluation.Listener() {
        @Override
        public void begins(Task task, long done, long items, Optional<String> remark) {}

        @Override
        public void scored(Task task, long done, long items) {}
    };

    TaskEvaluation evaluation() {
        return new TaskEvaluation(model.manager(), model.gpt(), model.tokenizer().orElseThrow(), model.specialIds(), model.context());
    }

    List<TaskResult> results(String task) {
        try (TaskJournal journal = TaskJournal.open(directory.resolve("journals"), task, line -> { })) {
            List<TaskResult> results = evaluation().evaluate(List.of(Task.parse(task)), journal, SILENT, () -> false).orElseThrow();
            journal.done();
            return results;
        }
    }

    Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    /**
     * A question as the model should read it.
     *
     * @param bytes the UTF-8 length of each ending without its space
     */
    record PosedQuestion(String context, List<String> endings, List<Integer> bytes, int label) {
        static PosedQuestion of(String context, List<String> choices, int label) {
            return new PosedQuestion(context, choices.stream().map(choice -> " " + choice).toList(),
                choices.stream().map(choice -> choice.getBytes(StandardCharsets.UTF_8).length).toList(), label);
        }
    }

    /** An ending's log-probability, and 1 if each of its tokens is the likeliest one, else 0. */
    static double[] score(String context, String ending) {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        int[] before = tokenizer.encode(context);
        int[] whole = tokenizer.encode(context + ending);
        int[] ids = Arrays.copyOf(before, whole.length);
        System.arraycopy(whole, before.length, ids, before.length, whole.length - before.length);
        assertTrue(ids.length <= 65, "the made items fit into the model's context");
        double[][] logits = reference.logits(new int[][] {Arrays.copyOf(ids, ids.length - 1)})[0];
        double sum = 0;
        double greedy = 1;
        for (int t = before.length; t < ids.length; t++) {
            double[] z = logits[t - 1];
            sum += z[ids[t]] - Math.log(Arrays.stream(z).map(Math::exp).sum());
            greedy = z[ids[t]] < Arrays.stream(z).max().getAsDouble() ? 0 : greedy;
        }
        return new double[] {sum, greedy};
    }

    static int largest(double[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        return largest;
    }

    /** The metrics acc and acc_norm of these questions. */
    static double[] expected(List<PosedQuestion> questions) {
        double[] right = new double[2];
        for (PosedQuestion question : questions) {
            double[] logp = question.endings.stream().mapToDouble(ending -> score(question.context, ending)[0]).toArray();
            double[] each = new double[logp.length];
            Arrays.setAll(each, i -> logp[i] / question.bytes.get(i));
            right[0] += largest(logp) == question.label ? 1 : 0;
            right[1] += largest(each) == question.label ? 1 : 0;
        }
        return new double[] {right[0] / questions.size(), right[1] / questions.size()};
    }

    static List<PosedQuestion> questions(String lines, Function<JsonNode, PosedQuestion> pose) throws IOException {
        List<PosedQuestion> questions = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            questions.add(pose.apply(new ObjectMapper().readTree(line)));
        }
        return questions;
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    void requireChoice(String task, List<PosedQuestion> questions) {
        List<TaskResult> results = results(task);
        double[] expected = expected(questions);
        assertEquals(List.of("acc", "acc_norm"), results.stream().map(TaskResult::metric).toList());
        for (int i = 0; i < 2; i++) {
            double p = expected[i];
            assertEquals(p, results.get(i).value(), 1e-12, task);
            assertEquals(Math.sqrt(p * (1 - p) / (ITEMS - 1)), results.get(i).stderr().orElseThrow(), 1e-12);
            assertEquals(ITEMS, results.get(i).items());
            assertEquals(questions.stream().mapToDouble(q -> 1.0 / q.endings.size()).average().orElseThrow(),
                results.get(i).chance().orElseThrow(), 1e-12);
        }
    }
}
