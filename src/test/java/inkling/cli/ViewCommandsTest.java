package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.TinyRun;
import inkling.io.tensors.SafetensorsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The views from the command line: their JSON, texts and pages, and what they refuse. */
@Tag("process")
class ViewCommandsTest {
    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void trainOnce() throws Exception {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        Shell.Result trained = shell.run("train", "tiny.yaml", "--set", "train.sample={interval: 4, prompt: The, max_tokens: 5}");
        assertEquals(0, trained.exit(), trained.err());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static Shell.Result done(String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    private static JsonNode json(String... arguments) throws Exception {
        return new ObjectMapper().readTree(done(arguments).out());
    }

    private static void refused(int exit, String message, String... arguments) {
        Shell.Result result = shell.run(arguments);
        assertTrue(result.err().contains(message), result.err());
        assertEquals(exit, result.exit());
    }

    @Test void attention() throws Exception {
        JsonNode json = json("attention", "tiny", "--prompt", "Enter the", "--json");
        assertEquals(9, json.get("tokens").size());
        assertEquals(9, json.get("weights").get(0).get(1).get(8).size());
        assertTrue(done("attention", "tiny", "--prompt", "Enter").out().contains("layer head   on itself"));
        assertTrue(done("attention", "tiny", "--prompt", "Enter", "--layer", "1", "--head", "1").out().startsWith("layer 1, head 1:"));
        refused(2, "--head 3: this model has 2 heads, numbered 1 to 2.", "attention", "tiny", "--prompt", "a", "--head", "3");
        refused(2, "The prompt is 17 tokens; this model reads 1 to 16.", "attention", "tiny", "--prompt", "a".repeat(17));
    }

    @Test void lensCompareAndTrace() throws Exception {
        JsonNode lens = json("lens", "tiny", "--prompt", "Enter the", "--top", "3", "--json");
        assertEquals(2, lens.get("layers").size());
        assertEquals(3, lens.get("layers").get(1).get("positions").get(8).get("top").size());
        assertTrue(done("lens", "tiny", "--prompt", "Enter the").out().contains("final 1"));
        JsonNode compare = json("compare", "tiny", "--prompt", "the", "--with", "Enter ", "--json");
        assertTrue(compare.get("kl_bits").doubleValue() > 0);
        assertEquals(12, compare.get("with").get("top").size());
        JsonNode trace = json("trace", "tiny", "--word", "the", "--in", "Enter the", "--in", "the", "--json");
        for (String key : new String[] {"layer", "cosine", "angle", "attention_angle", "mlp_angle", "distance", "attention_delta",
            "mlp_delta"}) {
            assertTrue(trace.get("layers").get(1).has(key), key);
        }
        refused(2, "The word king does not occur in the context \"the\". Both contexts must have it", "trace", "tiny", "--word", "king",
            "--in", "king", "--in", "the");
        refused(2, "trace compares two contexts, not 1: give --in TEXT twice.", "trace", "tiny", "--word", "a", "--in", "a");
        refused(2, "--top 0 must be at least 1.", "lens", "tiny", "--prompt", "a", "--top", "0");
    }

    @Test void score() throws Exception {
        JsonNode json = json("score", "tiny", "--prompt", "Enter the", "--top", "3", "--logits", "logits.safetensors", "--json");
        assertEquals(9, json.get("ids").size());
        JsonNode first = json.get("positions").get(0);
        assertEquals("E", first.get("token").textValue());
        assertTrue(first.get("logprob").isNull() && first.get("rank").isNull() && first.get("top").isEmpty());
        double nats = 0;
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("logits.safetensors"))) {
            float[] logits = file.floats("logits");
            int v = logits.length / 9;
            assertEquals(List.of(9L, (long) v), file.tensor("logits").shape());
            for (int t = 1; t < 9; t++) {
                JsonNode position = json.get("positions").get(t);
                float[] row = Arrays.copyOfRange(logits, (t - 1) * v, t * v);
                float own = row[position.get("id").intValue()];
                double sum = IntStream.range(0, v).mapToDouble(id -> Math.exp(row[id])).sum();
                assertEquals(own - Math.log(sum), position.get("logprob").doubleValue(), 1e-5);
                assertEquals(1 + IntStream.range(0, v).filter(id -> row[id] > own).count(), position.get("rank").longValue());
                assertEquals(3, position.get("top").size());
                assertTrue(position.get("top").get(0).get("logprob").doubleValue() >= position.get("logprob").doubleValue());
                nats -= position.get("logprob").doubleValue();
            }
        }
        assertEquals(nats / 8, json.get("loss").doubleValue(), 1e-9);
        assertTrue(json("score", "tiny", "--prompt", "E", "--json").get("loss").isNull());
        String text = done("score", "tiny", "--prompt", "Enter the").out();
        assertTrue(text.contains("8 tokens scored: ") && text.contains("rank  likeliest") && text.contains("␣"), text);
        refused(2, "--top -1 must not be negative.", "score", "tiny", "--prompt", "a", "--top", "-1");
        refused(2, "Prompt id 99999 is not in the vocabulary", "score", "tiny", "--prompt-ids", "0,99999");
        refused(3, "nowhere", "score", "tiny", "--prompt", "a", "--logits", "nowhere/logits.safetensors");
    }

    @Test void context() throws Exception {
        JsonNode json = json("context", "tiny", "--data", "corpus.txt", "--windows", "20", "--json");
        assertEquals(20, json.get("windows").intValue());
        assertEquals(16, json.get("positions").size());
        assertEquals(16, json.get("positions").get(15).get("context").intValue());
        assertTrue(done("context", "tiny", "--data", "corpus.txt", "--windows", "2").err()
            .contains("tiny was trained on corpus.txt (except the end"));
        assertTrue(done("eval", "tiny", "--data", "corpus.txt").err().contains("tiny was trained on corpus.txt"));
        shell.write("texts/a.txt", shell.read("corpus.txt"));
        shell.write("texts/b.txt", "Enter the other. ".repeat(20));
        done("train", "tiny.yaml", "--run", "folder", "--set", "data.train=texts", "--set", "train.max_steps=1");
        assertTrue(done("context", "folder", "--data", "texts/a.txt", "--windows", "2").err().contains("folder was trained on texts/a.txt"),
            "a file of the folder that it learned from");
        shell.write("other.txt", "Enter the other. ".repeat(20));
        assertFalse(done("context", "tiny", "--data", "other.txt", "--windows", "2").err().contains("was trained on"));
        done("context", "tiny", "--data", "corpus.txt", "--windows", "2", "--html", "page.html");
        assertTrue(shell.read("page.html").contains("tiny was trained on corpus.txt"));
        refused(2, "--context 17 must be from 1 to 16.", "context", "tiny", "--data", "corpus.txt", "--context", "17");
    }

    @Test void contextReadsDocumentsWithTheModelsOwnEndBetweenThem() throws Exception {
        shell.write("two/a.txt", "The cup was on the table. ");
        shell.write("two/b.txt", "The mill was in the valley. ".repeat(3));
        Path other = directory.resolve("another-end");   // only its configuration says which token ends a text
        Files.createDirectories(other);
        for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
            Files.copy(Fixtures.own("gpt2").resolve(name), other.resolve(name));
        }
        String tokenizer = Files.readString(Fixtures.own("gpt2").resolve("tokenizer.json"));
        Files.writeString(other.resolve("tokenizer.json"), tokenizer.replace("<|endoftext|>", "<|the end|>"));
        JsonNode own = json("context", Fixtures.own("gpt2").toString(), "--data", "two", "--json");
        assertEquals(own.get("positions"), json("context", other.toString(), "--data", "two", "--json").get("positions"));
    }

    @Test void embeddings() throws Exception {
        shell.write("vectors.txt", "king 1 1 0\nman 1 0 0\nwoman 1 0 1\nqueen 1 1 1\nchild 0.2 -1 0.1\n");
        assertEquals("queen", json("embed", "analogy", "vectors.txt", "--plus", "king,woman", "--minus", "man", "--json")
            .get("results").get(0).get("token").textValue());
        assertTrue(done("embed", "neighbors", "vectors.txt", "king", "--top", "2").out().startsWith("queen "));
        JsonNode direction = json("embed", "direction", "vectors.txt", "--from", "man", "--to", "woman", "--words", "king,queen", "--json");
        assertEquals(1, direction.get("results").get(1).get("projection").doubleValue(), 1e-6);
        assertEquals("king                   0.0000                 │\nqueen                 -1.0000  ███████████████│\n",
            done("embed", "direction", "vectors.txt", "--from", "woman", "--to", "man", "--words", "king,queen").out());
        assertTrue(done("embed", "neighbors", "tiny", "a", "--top", "99").out().contains("\n␣  "), "a space is shown by its sign");
        assertEquals(3, json("embed", "neighbors", "tiny", "a", "--matrix", "unembedding", "--top", "3", "--json").get("results").size());
        done("embed", "plot", "vectors.txt", "--html", "plot.html");
        assertTrue(shell.read("plot.html").contains("Words of vectors.txt"));
        refused(2, "kinf is not among the 5 words. Did you mean king?", "embed", "neighbors", "vectors.txt", "kinf");
        refused(2, "vectors.txt is a file of word vectors: name a model, or leave out --matrix, --checkpoint, --tokenizer, --mean.",
            "embed", "neighbors", "vectors.txt", "king", "--matrix", "embedding", "--checkpoint", "last", "--tokenizer", "gpt2", "--mean");
        refused(2, "the is 3 tokens to this model", "embed", "neighbors", "tiny", "the");
        assertTrue(done("embed", "neighbors", "tiny", "that", "--mean").err().contains("that is several tokens (t h a t): their"));
    }

    @Test void aPlotShowsTheMeanOfAWordThatTheTokenizerSplitsAsOnePoint() throws Exception {
        done("embed", "plot", "tiny", "--mean", "--words", "the,a,the,he", "--html", "mean.html");
        String page = shell.read("mean.html");
        assertTrue(page.contains("\"words\":[\"the\",\"a\",\"he\"]"), page.substring(page.indexOf("id=\"data-plot\"")));
        refused(2, "the is 3 tokens to this model", "embed", "plot", "tiny", "--words", "the,a", "--html", "mean.html");
        refused(2, "Without --words, each point is one token: name words (--words), or leave out --mean.", "embed", "plot", "tiny",
            "--mean", "--html", "mean.html");
    }

    @Test void viewsThatWriteAPagePrintNothingToStandardOutput() throws Exception {
        String[][] commands = {
            {"attention", "tiny", "--prompt", "Enter", "--html", "page.html"}, {"lens", "tiny", "--prompt", "Enter", "--html", "page.html"},
            {"compare", "tiny", "--prompt", "the", "--with", "Enter ", "--html", "page.html"},
            {"trace", "tiny", "--word", "the", "--in", "Enter the", "--in", "the", "--html", "page.html"},
            {"context", "tiny", "--data", "corpus.txt", "--windows", "3", "--html", "page.html"},
            {"tour", "tiny", "--prompt", "Enter", "--out", "page.html"}, {"report", "tiny", "--html", "page.html"}};
        for (String[] command : commands) {
            shell.write("page.html", "");
            Shell.Result result = done(command);
            assertEquals("", result.out());
            assertTrue(result.err().endsWith("written: page.html\n"), result.err());
            assertTrue(shell.read("page.html").startsWith("<!DOCTYPE html>"));
        }
    }

    @Test void aModelWithoutTheCharactersThatMarkWhoSpeaksCannotChat() throws Exception {
        shell.write("letters.txt", "a cat and a bat sat on a mat. ".repeat(60));
        done("train", "tiny.yaml", "--run", "letters", "--set", "data.train=letters.txt", "--set", "data.tokenizer={type: char}", "--set",
            "train.sample=null");
        refused(2, "cannot chat: its vocabulary lacks the characters that mark who speaks", "chat", "letters");
    }

    @Test void allViewsWithAnIndexThatLinksThem() throws Exception {
        done("views", "tiny", "--prompt", "Enter the", "--data", "corpus.txt", "--out", "all");
        String index = shell.read("all/index.html");
        List<String> links = Pattern.compile("href=\"([^\"]+)\"").matcher(index).results().map(link -> link.group(1)).toList();
        assertEquals(List.of("tour.html", "transcript.html", "attention.html", "lens.html", "compare.html", "context.html", "plot.html",
            "report.html"), links);
        for (String link : links) {
            assertTrue(shell.read("all/" + link).startsWith("<!DOCTYPE html>"), link);
        }
        assertTrue(index.substring(index.indexOf("<h2>Not made</h2>")).contains("No word comes twice in the prompt."), "what cannot be "
            + "shown is told, below what can");
        assertEquals(links.size(), index.split("<details><summary>", -1).length - 1, "the command of each page is folded away");
        List<String> commands = Pattern.compile("<code>([^<]+)</code>").matcher(index).results()
            .map(code -> code.group(1).replace("&#39;", "'").replace("&quot;", "\"")).filter(line -> !line.contains(" trace ")).toList();
        assertEquals(links.size(), commands.size());
        for (String command : commands) {
            PrintedCommand.run(shell, command);
        }
        assertEquals(shell.read("all/lens.html"), shell.read("lens.html"), "the command makes the same page");
        done("views", "tiny", "--prompt", "E", "--out", "without");
        assertTrue(shell.read("without/index.html").contains("This view needs a text. Give --data PATH to `views`, or run:"));
        assertFalse(shell.read("without/index.html").contains("href=\"context.html\""));
        shell.write("all/lens.html", "mine");
        refused(2, "--out all exists already, and nothing is written over: name another folder.", "views", "tiny", "--prompt", "E",
            "--out", "all");
        assertEquals("mine", shell.read("all/lens.html"));
    }

    @Test void samplesShowTheirDistributionsAndAreTranscribed() throws Exception {
        String out = done("sample", "tiny", "--prompt", "Enter", "--max-tokens", "3", "--seed", "1", "--show-distribution", "4",
            "--html", "transcript.html").out();
        assertTrue(out.contains("▸ ") && out.contains("drawn at"), out);
        assertTrue(out.endsWith("\n\n"), out);
        assertTrue(shell.read("transcript.html").contains("Transcript of tiny"));
    }

    @Test void severalSamplesArePrintedOneAfterTheOtherThoughMadeTogether() throws Exception {
        String[] command = {"sample", "tiny", "--prompt", "Enter", "--max-tokens", "30", "--seed", "1", "--samples", "5",
            "--temperature", "3",
            "--stop", "e"};
        JsonNode samples = json(with(command, "--json")).get("samples");
        List<String> texts = new ArrayList<>();
        samples.forEach(sample -> texts.add(sample.get("text").asText()));
        assertNotEquals(texts.stream().map(String::length).sorted().toList(), texts.stream().map(String::length).toList());
        assertEquals(String.join("\n---\n", texts) + "\n", done(with(command, "--no-echo")).out().replace("\r\n", "\n"));
        String bars = done(with(command, "--no-echo", "--show-distribution", "2")).out().replace("\r\n", "\n");
        int at = 0;
        for (String text : texts) {
            at = bars.indexOf("\n\n" + text + "\n\n", at) + 1;
            assertTrue(at > 0, () -> text + " in its turn in " + bars);
        }
    }

    @Test void thePromptStandsBeforeEachSampleUnlessNoEchoIsGiven() {
        String[] command = {"sample", "tiny", "--prompt", "Enter", "--max-tokens", "4", "--seed", "1", "--samples", "2"};
        String[] alone = done(with(command, "--no-echo")).out().replace("\r\n", "\n").split("\n---\n");
        assertEquals("Enter" + alone[0] + "\n---\nEnter" + alone[1], done(command).out().replace("\r\n", "\n"));
        assertTrue(done(with(command, "--show-distribution", "2")).out().contains("Enter" + alone[1].strip()));
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test void aReportHasWhatTheRunWroteAlongTheWay() throws Exception {
        done("report", "tiny");
        String page = shell.read("checkpoints/tiny/report.html");
        assertTrue(page.contains("step 4") && page.contains("step 8"), "samples of both steps");
        assertEquals(2, shell.read("checkpoints/tiny/samples.jsonl").lines().count());
        assertFalse(page.contains("<script>alert"));
        refused(2, "corpus.txt is no run directory: it has no config.yaml.", "report", "corpus.txt");
    }
}
