package inkling.tasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import inkling.own.MadeTasks;
import inkling.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which text of an item the model reads, the messages about bad items, and evaluations that are interrupted. */
@Tag("thorough")
class TaskContextTest extends AnsweredTasks {
    /** Each text is the one that lm-evaluation-harness makes: its Python code changes marks, capitals and double spaces. */
    @Test void itemsAreWrittenAsTheHarnessWritesThem() throws IOException {
        List<Item> items = new ArrayList<>();
        Path file = write("one.jsonl", "{\"activity_label\": \"Cooking\", \"ctx_a\": \" A man [step] mixes  things.\", \"ctx_b\": "
            + "\"the MAN then\","
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

    /** An ending longer than the model's context is scored in several windows, each token once. A window has one token more at most. */
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

    @Test void everyBadLineIsReportedWithTheKeysItHasAndTheKeysExpected() throws IOException {
        Path bad = write("bad.jsonl", MadeTasks.own(1, 1) + "{\"context\": \"a\", \"endings\": [\"b\"], \"label\": 0}\n"
            + "{\"context\": \"a\", \"endings\": [\"b\", \"c\"], \"label\": 2}\n{\"goal\": \"a\", \"sol1\": \"b\", \"sol2\": "
            + "\"c\"}\nnot json\n"
            + "{\"context\": \"a\", \"endings\": [\"b\", \" \"], \"label\": \"x\"}\n");
        String message = assertThrows(ConfigException.class, () -> results("mine=" + bad)).getMessage();
        for (String part : new String[] {"bad.jsonl:2: endings", "at least 2 endings",
            "bad.jsonl:3: label = 2 must be a whole number from 0 to 1",
            "bad.jsonl:4: has the keys goal, sol1, sol2: no item of a task of one's own, which has context, endings and label. It "
            + "looks like piqa",
            "bad.jsonl:5:", "bad.jsonl:6: endings"}) {
            assertTrue(message.contains(part), message);
        }
        Path piqa = write("valid.jsonl", MadeTasks.piqa(3, 1));
        String labels = assertThrows(ConfigException.class, () -> results("piqa=" + piqa + "," + write("labels.lst", "\n0\n7\n")))
            .getMessage();
        assertTrue(labels.contains("labels.lst:3: \"7\" is no label") && labels.contains("has 2 labels, " + piqa + " has 3 items"), labels);
        assertTrue(assertThrows(ConfigException.class, () -> results("piqa=" + piqa)).getMessage()
            .contains("A file of labels is given as"));
        assertTrue(assertThrows(ConfigException.class, () -> results("hellaswag=" + piqa)).getMessage()
            .contains("It looks like piqa: write piqa="));
        assertTrue(assertThrows(ConfigException.class, () -> Task.parse("hellaswag")).getMessage().contains("expected NAME=FILE"));
        assertTrue(assertThrows(ConfigException.class, () -> Task.parse("arc=none.jsonl")).getMessage()
            .contains("none.jsonl does not exist"));
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
                parts = evaluation().evaluate(List.of(Task.parse(task)), journal, listener, () -> asked[0]++ > before[0] + 40)
                    .orElse(List.of());
                calls++;
                assertEquals(0, before[0] % TaskEvaluation.ITEMS_TOGETHER);
            }
        }
        assertTrue(calls > 3, "interrupted " + (calls - 1) + " times");
        assertEquals(whole, parts);
    }
}
