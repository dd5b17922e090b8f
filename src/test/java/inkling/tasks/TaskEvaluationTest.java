package inkling.tasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.own.MadeTasks;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten items of each form against a computation by hand: prompts written out here, log-probabilities of the double-precision reference. */
@Tag("thorough")
class TaskEvaluationTest {
    private static final int ITEMS = 10;
    private static LoadedModel model;
    private static ReferenceGpt reference;
    @TempDir Path directory;

    @BeforeAll static void open() {
        model = LoadedModel.open(Fixtures.own("gpt2"), ComputeContext.of("cpu"));
        reference = StoredModel.gpt2(Fixtures.own("gpt2"), model.gpt().config());
    }

    @AfterAll static void close() {
        model.close();
    }

    private static final TaskEvaluation.Listener SILENT = new TaskEvaluation.Listener() {
        @Override
        public void begins(Task task, long done, long items, Optional<String> remark) {}

        @Override
        public void scored(Task task, long done, long items) {}
    };

    private TaskEvaluation evaluation() {
        return new TaskEvaluation(model.manager(), model.gpt(), model.tokenizer().orElseThrow(), model.specialIds(), model.context());
    }

    private List<TaskResult> results(String task) {
        try (TaskJournal journal = TaskJournal.open(directory.resolve("journals"), task, line -> { })) {
            List<TaskResult> results = evaluation().evaluate(Task.parse(task), journal, SILENT, () -> false).orElseThrow();
            journal.done();
            return results;
        }
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    /** A question as it should be put. */
    private record Put(String context, List<String> endings, List<Integer> bytes, int label) {
        static Put of(String context, List<String> choices, int label) {
            return new Put(context, choices.stream().map(choice -> " " + choice).toList(),
                choices.stream().map(choice -> choice.getBytes(StandardCharsets.UTF_8).length).toList(), label);
        }
    }

    /** {log p, 1 if each token is the likeliest} of an ending. */
    private static double[] score(String context, String ending) {
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

    private static int largest(double[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        return largest;
    }

    /** acc, acc_norm. */
    private static double[] expected(List<Put> questions) {
        double[] right = new double[2];
        for (Put question : questions) {
            double[] logp = question.endings.stream().mapToDouble(ending -> score(question.context, ending)[0]).toArray();
            double[] each = new double[logp.length];
            Arrays.setAll(each, i -> logp[i] / question.bytes.get(i));
            right[0] += largest(logp) == question.label ? 1 : 0;
            right[1] += largest(each) == question.label ? 1 : 0;
        }
        return new double[] {right[0] / questions.size(), right[1] / questions.size()};
    }

    private static List<Put> questions(String lines, Function<JsonNode, Put> put) throws IOException {
        List<Put> questions = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            questions.add(put.apply(new ObjectMapper().readTree(line)));
        }
        return questions;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    private void requireChoice(String task, List<Put> questions) {
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

    @Test void hellaswag() throws IOException {
        String lines = MadeTasks.hellaswag(ITEMS, 1);
        List<Put> questions = questions(lines, node -> {
            String second = node.get("ctx_b").asText();
            String context = node.get("activity_label").asText() + ": " + node.get("ctx_a").asText() + " " + second.substring(0, 1)
                + second.substring(1).toLowerCase().replace("[step] ", "");
            return Put.of(context.replace("said  it", "said it"), texts(node.get("endings")).stream()
                .map(text -> text.strip().replace("[header] ", " ").replace(" [title]", ". ").replace("  ", " ")).toList(),
                node.get("label").asInt());
        });
        assertTrue(lines.contains("[header]") && lines.contains("SAID [step] it"));
        assertTrue(questions.get(0).context.endsWith(" said it"), questions.get(0).context);
        requireChoice("hellaswag=" + write("hellaswag_val.jsonl", lines), questions);
        Path array = write("array.json", "[" + lines.strip().replace("\n", ",\n").replaceAll("\"label\":(\\d)", "\"label\":\"$1\"") + "]");
        requireChoice("hellaswag=" + array, questions);   // as Hugging Face's hub has the labels
    }

    /** Text by text, as lm-evaluation-harness puts them: marks, capitals and double spaces as its Python code changes them. */
    @Test void itemsAreWrittenAsTheHarnessWritesThem() throws IOException {
        List<Item> items = new ArrayList<>();
        Path file = write("one.jsonl", "{\"activity_label\": \"Cooking\", \"ctx_a\": \" A man [step] mixes  things.\", \"ctx_b\": \"the MAN then\","
            + " \"endings\": [\"[header] Pour [title] Stir\", \"\u00a0drinks caf\u00e9. \"], \"label\": \"1\", \"ind\": 3}\n");
        TaskRecords.read(Task.parse("hellaswag=" + file), (item, number) -> items.add(item));
        assertEquals("Cooking: A man mixes things. The man then", items.get(0).context());
        assertEquals(List.of(new Item.Ending("  Pour. Stir", 11), new Item.Ending(" drinks caf\u00e9.", 13)), items.get(0).endings());
        assertEquals(1, items.get(0).label());
        Path passage = write("passage.txt", "\nHe said \"it 's a mill\"\n");
        TaskRecords.read(Task.parse("lambada=" + passage), (item, number) -> items.add(item));
        assertEquals("He said \"it 's a", items.get(1).context());
        assertEquals(" mill\"", items.get(1).endings().get(0).text());
        assertTrue(items.get(1).source().endsWith("passage.txt:2"), items.get(1).source());
    }

    @Test void arc() throws IOException {
        String lines = MadeTasks.arc(ITEMS, 2);
        requireChoice("arc=" + write("ARC-Easy-Test.jsonl", lines), questions(lines, node -> {
            List<String> choices = new ArrayList<>();
            node.at("/question/choices").forEach(choice -> choices.add(choice.get("text").asText()));
            return Put.of("Question: " + node.at("/question/stem").asText() + "\nAnswer:", choices,
                node.get("answerKey").asText().charAt(0) - 'A');
        }));
        String hub = "{\"id\": \"1\", \"question\": \"Where?\", \"choices\": {\"text\": [\"the mill\", \"the cup\"], \"label\": [\"1\", \"2\"]},"
            + " \"answerKey\": \"2\"}\n";
        assertEquals(expected(List.of(Put.of("Question: Where?\nAnswer:", List.of("the mill", "the cup"), 1)))[0],
            results("arc=" + write("hub.jsonl", hub)).get(0).value());
    }

    @Test void piqa() throws IOException {
        String lines = MadeTasks.piqa(ITEMS, 3);
        List<Integer> labels = MadeTasks.piqaLabels(ITEMS, 4).lines().map(Integer::parseInt).toList();
        int[] at = {0};
        List<Put> questions = questions(lines, node -> Put.of("Question: " + node.get("goal").asText() + "\nAnswer:",
            List.of(node.get("sol1").asText(), node.get("sol2").asText()), labels.get(at[0]++)));
        requireChoice("piqa=" + write("valid.jsonl", lines) + "," + write("valid-labels.lst", MadeTasks.piqaLabels(ITEMS, 4)), questions);
    }

    @Test void aTaskOfOnesOwn() throws IOException {
        String lines = MadeTasks.own(ITEMS, 5);
        List<Put> questions = questions(lines, node -> Put.of(node.get("context").asText(), texts(node.get("endings")), node.get("label").asInt()));
        requireChoice("mine=" + write("mine.jsonl", lines), questions);
        String spaced = lines.replaceAll("went to\"", "went to \"");   // the space may stand in the context …
        requireChoice("mine=" + write("spaced.jsonl", spaced), questions);
        String before = lines.replaceAll("([\\[,])\"(?=the |three|laughed)", "$1\" ");   // … or in the endings
        assertTrue(before.contains("\" the"), before);
        requireChoice("mine=" + write("before.jsonl", before), questions);
    }

    @Test void lambada() throws IOException {
        String lines = MadeTasks.lambada(ITEMS, 6);
        double right = 0;
        double[] logp = new double[ITEMS];
        List<String> texts = texts(new ObjectMapper().readTree("[" + lines.strip().replace("\n", ",") + "]").findParents("text").stream()
            .map(node -> node.get("text")).collect(() -> new ObjectMapper().createArrayNode(), com.fasterxml.jackson.databind.node.ArrayNode::add,
                com.fasterxml.jackson.databind.node.ArrayNode::addAll));
        for (int i = 0; i < ITEMS; i++) {
            int space = texts.get(i).lastIndexOf(' ');
            double[] score = score(texts.get(i).substring(0, space), texts.get(i).substring(space));
            logp[i] = score[0];
            right += score[1];
        }
        double mean = Arrays.stream(logp).average().orElseThrow();
        double variance = Arrays.stream(logp).map(x -> (x - mean) * (x - mean)).sum() / (ITEMS - 1);
        List<List<TaskResult>> both = List.of(results("lambada=" + write("lambada_test.jsonl", lines)),
            results("lambada=" + write("lambada_test_plain_text.txt", String.join("\n", texts) + "\n")));
        for (List<TaskResult> results : both) {
            assertEquals(right / ITEMS, results.get(0).value(), 1e-12);
            assertEquals("perplexity", results.get(1).metric());
            assertEquals(Math.exp(-mean), results.get(1).value(), 1e-5 * Math.exp(-mean));
            assertEquals(Math.exp(-mean) * Math.sqrt(variance / ITEMS), results.get(1).stderr().orElseThrow(), 1e-4 * Math.exp(-mean));
        }
    }

    /** A model with a short context reads as much before each scored token as fits, and scores each token once. */
    @Test void whatIsLongerThanTheContextIsCutAtItsBeginning() {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        String context = "Ada found a red cup in the mill.";
        String ending = "Ada showed the cup to Otto, and Otto took it to the garden.";
        int[] all = tokenizer.encode(context + " " + ending);
        int before = tokenizer.encode(context).length;
        Question question = Question.of(new Item("x:1", context, List.of(Item.Ending.spaced(ending)), 0), tokenizer, model.specialIds(), 8);
        List<Question.Window> windows = question.endings().get(0);
        assertEquals(all.length - before, windows.stream().mapToInt(Question.Window::scored).sum());
        int end = all.length;
        for (Question.Window window : windows) {
            assertTrue(window.ids().length <= 9 && window.cut());
            assertEquals(Arrays.toString(Arrays.copyOfRange(all, end - window.ids().length, end)), Arrays.toString(window.ids()));
            end -= window.scored();
        }
        Question whole = Question.of(question.item(), tokenizer, model.specialIds(), 100);
        assertEquals(1, whole.endings().get(0).size());
        assertEquals(Arrays.toString(all), Arrays.toString(whole.endings().get(0).get(0).ids()));
    }

    @Test void anEmptyContextBeginsWithTheModelsOwnBeginning() throws IOException {
        int start = model.specialIds().start().orElseThrow();
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        Question question = Question.of(new Item("x:1", "", List.of(Item.Ending.spaced("mill")), 0), tokenizer, model.specialIds(), 64);
        int[] word = tokenizer.encode(" mill");
        int[] expected = new int[word.length + 1];
        expected[0] = start;
        System.arraycopy(word, 0, expected, 1, word.length);
        assertEquals(Arrays.toString(expected), Arrays.toString(question.endings().get(0).get(0).ids()));
        assertEquals(word.length, question.endings().get(0).get(0).scored());
    }

    @Test void allBadLinesAreToldByShapeFoundAndShapesKnown() throws IOException {
        Path bad = write("bad.jsonl", MadeTasks.own(1, 1) + "{\"context\": \"a\", \"endings\": [\"b\"], \"label\": 0}\n"
            + "{\"context\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 2}\n{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": \"c\"}\nnot json\n"
            + "{\"context\": \"a\", \"endings\": [\"b\", \" \"], \"label\": \"x\"}\n");
        String message = assertThrows(ConfigException.class, () -> results("mine=" + bad)).getMessage();
        for (String part : new String[] {"bad.jsonl:2: endings", "at least 2 endings", "bad.jsonl:3: label = 2 must be a whole number from 0 to 1",
            "bad.jsonl:4: has the keys goal, sol1, sol2: no item of a task of one's own, which has context, endings and label. It looks like piqa",
            "bad.jsonl:5:", "bad.jsonl:6: endings"}) {
            assertTrue(message.contains(part), message);
        }
        Path piqa = write("valid.jsonl", MadeTasks.piqa(3, 1));
        String labels = assertThrows(ConfigException.class, () -> results("piqa=" + piqa + "," + write("labels.lst", "0\n7\n"))).getMessage();
        assertTrue(labels.contains("labels.lst:2: \"7\" is no label") && labels.contains("has 2 labels, " + piqa + " has 3 items"), labels);
        assertTrue(assertThrows(ConfigException.class, () -> results("piqa=" + piqa)).getMessage().contains("A file of labels is given as"));
        assertTrue(assertThrows(ConfigException.class, () -> results("hellaswag=" + piqa)).getMessage().contains("It looks like piqa: write piqa="));
        assertTrue(assertThrows(ConfigException.class, () -> Task.parse("hellaswag")).getMessage().contains("expected NAME=FILE"));
        assertTrue(assertThrows(ConfigException.class, () -> Task.parse("arc=none.jsonl")).getMessage().contains("none.jsonl does not exist"));
    }

    @Test void anInterruptedEvaluationGoesOnToTheSameBits() throws IOException {
        interrupted("hellaswag=" + write("many.jsonl", MadeTasks.hellaswag(150, 9)));
        interrupted("lambada=" + write("passages.jsonl", MadeTasks.lambada(200, 9)));
    }

    private void interrupted(String task) {
        List<TaskResult> whole = results(task);
        int[] asked = {0};
        List<TaskResult> parts = List.of();
        int calls = 0;
        while (parts.isEmpty()) {
            try (TaskJournal journal = TaskJournal.open(directory.resolve("journals"), "interrupted", line -> { })) {
                long[] before = new long[1];
                TaskEvaluation.Listener listener = new TaskEvaluation.Listener() {
                    @Override
                    public void begins(Task named, long done, long items, Optional<String> remark) {
                        before[0] = done;
                    }

                    @Override
                    public void scored(Task named, long done, long items) {}
                };
                asked[0] = 0;
                parts = evaluation().evaluate(Task.parse(task), journal, listener, () -> asked[0]++ > before[0] + 40).orElse(List.of());
                calls++;
                assertEquals(0, before[0] % TaskEvaluation.ITEMS_TOGETHER);
            }
        }
        assertTrue(calls > 3, "interrupted " + calls + " times");
        assertEquals(whole, parts);
    }
}
