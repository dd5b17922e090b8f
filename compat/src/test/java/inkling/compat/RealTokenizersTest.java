package inkling.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Tokenizers that people use, as GGUF: llama.cpp gives the ids of Hugging Face's own library, but for texts that a remark names. */
class RealTokenizersTest {
    private static final Predicate<String> MARK = text -> text.matches("(?s).*<\\|?/?[a-z_]+\\|?>.*");
    /** Texts for which an export remarks that llama.cpp gives others. */
    private static final Map<String, Predicate<String>> OTHERWISE = otherwise();

    @TempDir
    Path directory;

    private static Map<String, Predicate<String>> otherwise() {
        Map<String, Predicate<String>> all = new LinkedHashMap<>();
        all.put("llama2", text -> false);
        all.put("mistral01", text -> text.startsWith(" ") || MARK.test(text));
        all.put("mistral03", text -> text.startsWith(" ") || MARK.test(text));
        all.put("phi3mini", MARK);
        all.put("gpt_neox", text -> !Normalizer.isNormalized(text, Normalizer.Form.NFC));
        return all;
    }

    @Test void idsAreThoseOfTheOriginalLibrary() throws IOException, InterruptedException {
        ComputeContext context = ComputeContext.of("cpu");
        context.enter();
        List<Question> questions = new ArrayList<>();
        List<JsonNode> vectors = new ArrayList<>();
        List<String> names = new ArrayList<>(OTHERWISE.keySet());
        try (NDManager manager = context.manager()) {
            for (String name : names) {
                Tokenizer tokenizer = TokenizerFiles.read(Needs.shared("data/tokenizers/" + name + ".json"));
                JsonNode rows = new ObjectMapper().readTree(Needs.shared("data/tokenizer-vectors/" + name + ".json").toFile()).get("rows");
                vectors.add(rows);
                Subject subject = new Subject(name, model(tokenizer, manager), new Beside(Optional.of(tokenizer),
                    GenerationSettings.of(SpecialIds.of(tokenizer)), Optional.empty()), List.of(), new int[0], 0);
                questions.add(new Question(subject.export(directory, GgufType.Q8_0),
                    StreamSupport.stream(rows.spliterator(), false).map(row -> row.get("text").textValue()).toList(), List.of(), 0, 0, 16));
            }
        }
        List<Answer> answers = LlamaCpp.ask(directory, questions);
        for (int i = 0; i < names.size(); i++) {
            check(names.get(i), vectors.get(i), answers.get(i));
        }
    }

    private static void check(String name, JsonNode rows, Answer answer) {
        int same = 0;
        List<String> others = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<Integer> expected = StreamSupport.stream(rows.get(row).get("ids").spliterator(), false).map(JsonNode::intValue).toList();
            if (expected.equals(answer.ids().get(row))) {
                same++;
            } else {
                others.add(rows.get(row).get("text").textValue());
            }
        }
        System.out.printf("%s: %d of %d texts have the same ids%n", name, same, rows.size());
        assertEquals(List.of(), others.stream().filter(OTHERWISE.get(name).negate()).toList(), name);
        assertTrue(same > 0.6 * rows.size(), name);
    }

    /** As small as it can be with so many tokens. */
    private static Gpt model(Tokenizer tokenizer, NDManager manager) {
        return Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(32).contextLength(16).positions(Positions.ROPE)
            .norm(Norm.RMS_NORM).activation(Activation.SWIGLU).bias(false)).over(tokenizer.vocabSize()), manager, 1);
    }
}
