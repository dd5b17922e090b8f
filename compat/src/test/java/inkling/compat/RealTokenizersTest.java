package inkling.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.compat.LlamaCpp.Answer;
import inkling.compat.LlamaCpp.Question;
import inkling.engine.ComputeContext;
import inkling.formats.HuggingFaceExport.Beside;
import inkling.formats.family.GenerationSettings;
import inkling.io.gguf.GgufType;
import inkling.model.Gpt;
import inkling.model.config.Activation;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokenizers that people use, exported to GGUF: llama.cpp gives the same ids as Hugging Face's own library, except for the texts in
 * {@link #OTHERWISE}. For those texts, the ids of llama.cpp spell the text as it is written, at most with a blank before it. The ids of the
 * library spell another text. No key of the file could change that.
 */
class RealTokenizersTest {
    private static final Predicate<String> COMPOSED = text -> Normalizer.isNormalized(text, Normalizer.Form.NFC);
    /** For each tokenizer, tells which texts get other ids. */
    private static final Map<String, Predicate<String>> OTHERWISE = otherwise();
    /** Tokenizers that are too large for ../shared. The environment variable INKLING_TOKENIZERS names the folder that has them. */
    private static final List<String> LARGE = List.of("llama3_1", "qwen3", "gemma3");

    @TempDir
    Path directory;

    private static Map<String, Predicate<String>> otherwise() {
        Map<String, Predicate<String>> all = new LinkedHashMap<>();
        List.of("llama2", "phi3mini", "llama3_1", "gemma3").forEach(name -> all.put(name, text -> false));
        List.of("gpt_neox", "qwen3").forEach(name -> all.put(name, COMPOSED.negate()));
        List.of("mistral01", "mistral03").forEach(name -> all.put(name, text -> text.startsWith(" ") || text.startsWith("<s>[")));
        return all;
    }

    @Test void idsAreThoseOfTheOriginalLibrary() throws IOException, InterruptedException {
        ComputeContext context = ComputeContext.of("cpu");
        context.enter();
        List<Question> questions = new ArrayList<>();
        List<JsonNode> vectors = new ArrayList<>();
        List<Tokenizer> tokenizers = new ArrayList<>();
        List<String> names = OTHERWISE.keySet().stream().filter(name -> !LARGE.contains(name) || Files.exists(largeFile(name))).toList();
        try (NDManager manager = context.manager()) {
            for (String name : names) {
                Path file = LARGE.contains(name) ? largeFile(name) : Needs.shared("data/tokenizers/" + name + ".json");
                Tokenizer tokenizer = TokenizerFiles.read(file);
                JsonNode rows = new ObjectMapper().readTree(Needs.shared("data/tokenizer-vectors/" + name + ".json").toFile()).get("rows");
                vectors.add(rows);
                tokenizers.add(tokenizer);
                Subject subject = new Subject(name, model(tokenizer, manager), new Beside(Optional.of(tokenizer),
                    GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty()), List.of(), new int[0], 0);
                questions.add(new Question(subject.export(directory, GgufType.Q8_0),
                    StreamSupport.stream(rows.spliterator(), false).map(row -> row.get("text").textValue()).toList(), List.of(), 0, 0, 16));
            }
        }
        List<Answer> answers = LlamaCpp.ask(directory, questions);
        for (int i = 0; i < names.size(); i++) {
            check(names.get(i), tokenizers.get(i), vectors.get(i), answers.get(i));
        }
    }

    private static Path largeFile(String name) {
        return Path.of(Optional.ofNullable(System.getenv("INKLING_TOKENIZERS")).orElse(".")).resolve(name + ".json");
    }

    private static void check(String name, Tokenizer tokenizer, JsonNode rows, Answer answer) {
        int same = 0;
        List<String> others = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<Integer> expected = StreamSupport.stream(rows.get(row).get("ids").spliterator(), false).map(JsonNode::intValue).toList();
            String text = rows.get(row).get("text").textValue();
            if (expected.equals(answer.ids().get(row))) {
                same++;
            } else {
                others.add(text);
                String spelled = tokenizer.decode(answer.ids().get(row).stream().mapToInt(id -> id).toArray());
                assertNotEquals(rows.get(row).get("decoded").textValue(), spelled, name + ": the same text in other tokens");
            }
        }
        System.out.printf("%s: %d of %d texts have the same ids%n", name, same, rows.size());
        List<String> expected = StreamSupport.stream(rows.spliterator(), false).map(row -> row.get("text").textValue())
            .filter(OTHERWISE.get(name)).toList();
        assertEquals(expected, others, name);
    }

    /** A model with the tokenizer's vocabulary that is otherwise as small as possible. */
    private static Gpt model(Tokenizer tokenizer, NDManager manager) {
        return Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(32).contextLength(16).positions(Positions.ROPE)
            .norm(Norm.RMS_NORM).activation(Activation.SWIGLU).bias(false)).over(tokenizer.vocabSize()), manager, 1);
    }
}
