package inkling.tasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.own.MadeTasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten items of each kind of task. The expected results are computed here: the prompts are written out, and the log-probabilities come from
 * the double-precision reference.
 */
@Tag("thorough")
class TaskEvaluationTest extends AnsweredTasks {
    @Test void hellaswag() throws IOException {
        String lines = MadeTasks.hellaswag(ITEMS, 1);
        List<PosedQuestion> questions = questions(lines, node -> {
            String second = node.get("ctx_b").asText();
            String context = node.get("activity_label").asText() + ": " + node.get("ctx_a").asText() + " " + second.substring(0, 1)
                + second.substring(1).toLowerCase().replace("[step] ", "");
            return PosedQuestion.of(context.replace("said  it", "said it"), texts(node.get("endings")).stream()
                .map(text -> text.strip().replace("[header] ", " ").replace(" [title]", ". ").replace("  ", " ")).toList(),
                node.get("label").asInt());
        });
        assertTrue(lines.contains("[header]") && lines.contains("SAID [step] it"));
        assertTrue(questions.get(0).context().endsWith(" said it"), questions.get(0).context());
        requireChoice("hellaswag=" + write("hellaswag_val.jsonl", lines), questions);
        Path array = write("array.json", "[" + lines.strip().replace("\n", ",\n").replaceAll("\"label\":(\\d)", "\"label\":\"$1\"") + "]");
        requireChoice("hellaswag=" + array, questions);   // labels are text, as on Hugging Face's hub
    }

    @Test void arc() throws IOException {
        String lines = MadeTasks.arc(ITEMS, 2);
        requireChoice("arc=" + write("ARC-Easy-Test.jsonl", lines), questions(lines, node -> {
            List<String> choices = new ArrayList<>();
            node.at("/question/choices").forEach(choice -> choices.add(choice.get("text").asText()));
            return PosedQuestion.of("Question: " + node.at("/question/stem").asText() + "\nAnswer:", choices,
                node.get("answerKey").asText().charAt(0) - 'A');
        }));
        String hub = "{\"id\": \"1\", \"question\": \"Where?\", \"choices\": {\"text\": [\"the mill\", \"the cup\"], \"label\": "
            + "[\"1\", \"2\"]},"
            + " \"answerKey\": \"2\"}\n";
        assertEquals(expected(List.of(PosedQuestion.of("Question: Where?\nAnswer:", List.of("the mill", "the cup"), 1)))[0],
            results("arc=" + write("hub.jsonl", hub)).get(0).value());
    }

    @Test void piqa() throws IOException {
        String lines = MadeTasks.piqa(ITEMS, 3);
        List<Integer> labels = MadeTasks.piqaLabels(ITEMS, 4).lines().map(Integer::parseInt).toList();
        int[] at = {0};
        List<PosedQuestion> questions = questions(lines, node -> PosedQuestion.of("Question: " + node.get("goal").asText() + "\nAnswer:",
            List.of(node.get("sol1").asText(), node.get("sol2").asText()), labels.get(at[0]++)));
        requireChoice("piqa=" + write("valid.jsonl", lines) + "," + write("valid-labels.lst", MadeTasks.piqaLabels(ITEMS, 4)), questions);
    }

    @Test void aTaskOfOnesOwn() throws IOException {
        String lines = MadeTasks.own(ITEMS, 5);
        List<PosedQuestion> questions = questions(lines,
            node -> PosedQuestion.of(node.get("context").asText(), texts(node.get("endings")), node.get("label").asInt()));
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
            .map(node -> node.get("text"))
            .collect(() -> new ObjectMapper().createArrayNode(), com.fasterxml.jackson.databind.node.ArrayNode::add,
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
}
