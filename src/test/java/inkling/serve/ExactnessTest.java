package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.generate.Distribution;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.inspect.TokenScores;
import inkling.model.Mode;
import inkling.run.LoadedModel;
import inkling.serve.http.Limits;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's texts, probabilities and losses are those that other commands give for the same model. */
@Tag("thorough")
class ExactnessTest {
    private static final int PROMPTS = 100;
    private static TestServer server;

    @BeforeAll static void start() {
        server = TestServer.start(TestServer.options(6, Limits.DEFAULT), "gpt2", "llama");
    }

    @AfterAll static void stop() {
        server.close();
    }

    /** Beginnings of lines of the text that the models learned from. */
    private static List<String> prompts() {
        List<String> lines = Fixtures.tales().lines().filter(line -> line.length() > 20 && !line.contains("\"")).toList();
        return IntStream.range(0, PROMPTS).mapToObj(i -> lines.get(i % lines.size()).substring(0, 3 + i % 15)).toList();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void exactTextIsThatOfSampleWhateverElseGoesOn(String name) {
        LoadedModel model = server.model(name).model();
        List<String> prompts = prompts();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(8 + i % 9).withSeed(i);
            try (GenerationSession session = model.openSession()) {
                expected.add(session.generate(prompts.get(i), options, Generator.Listener.NONE).samples().get(0).text().orElseThrow());
            }
        }
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService load = Executors.newFixedThreadPool(3);
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int client = 0; client < 3; client++) {
            String noise = "{'model':'" + name + "','prompt':'" + "Once ".repeat(client + 1) + "','max_tokens':30,'temperature':2}";
            others.add(CompletableFuture.runAsync(() -> {
                while (!done.get()) {
                    assertEquals(200, server.post("/v1/completions", noise).status());
                }
            }, load));
        }
        try {
            for (int i = 0; i < PROMPTS; i++) {
                JsonNode answer = server.post("/v1/completions", ("{'model':'%s','prompt':'%s','max_tokens':%d,'seed':%d,'temperature':0.8,"
                    + "'inkling':{'exact':true}}").formatted(name, escaped(prompts.get(i)), 8 + i % 9, i)).json();
                assertEquals(expected.get(i), answer.get("choices").get(0).get("text").asText(), prompts.get(i));
                assertEquals(0, answer.get("usage").get("prompt_tokens_details").get("cached_tokens").asInt());
            }
        } finally {
            done.set(true);
            others.forEach(CompletableFuture::join);
            load.shutdown();
        }
    }

    @Test void theSameExactRequestGivesTheSameTextBesideOthers() {
        String asked = "{'model':'gpt2','prompt':'The old','max_tokens':20,'seed':5,'inkling':{'exact':true}}";
        String first = server.post("/v1/completions", asked).json().get("choices").toString();
        List<CompletableFuture<String>> all = IntStream.range(0, 12).mapToObj(i -> CompletableFuture.supplyAsync(() ->
            server.post("/v1/completions", asked).json().get("choices").toString())).toList();
        all.forEach(one -> assertEquals(first, one.join()));
    }

    /** Compares the server's log-probabilities with those of a pass over the whole text. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void logprobsAreThoseOfTheModelsLogits(String name) {
        LoadedModel model = server.model(name).model();
        Tokenizer tokenizer = server.model(name).tokenizer();
        for (String prompt : prompts().subList(0, 10)) {
            JsonNode choice = server.post("/v1/completions", ("{'model':'%s','prompt':'%s','max_tokens':24,'seed':4,'logprobs':3,"
                + "'temperature':1.3,'top_k':50}").formatted(name, escaped(prompt))).json().get("choices").get(0);
            JsonNode logprobs = choice.get("logprobs");
            int[] ids = tokenizer.encode(prompt + choice.get("text").asText());
            int begin = tokenizer.encode(prompt).length;
            if (!Arrays.equals(tokenizer.encode(prompt), Arrays.copyOf(ids, begin))
                || ids.length - begin != logprobs.get("tokens").size()) {
                continue; // the tokenizer splits this text into other tokens than were drawn
            }
            float[][] logits = logits(model, ids);
            for (int i = 0; i < ids.length - begin; i++) {
                Distribution p = Distribution.softmax(doubles(logits[begin + i - 1]), 1);
                assertEquals(p.logProbability(ids[begin + i]), logprobs.get("token_logprobs").get(i).asDouble(), 1e-5);
                int likeliest = p.likeliest(1)[0];
                double told = logprobs.get("top_logprobs").get(i).get(text(tokenizer, likeliest)).asDouble();
                assertEquals(p.logProbability(likeliest), told, 1e-5);
            }
        }
    }

    private static String text(Tokenizer tokenizer, int id) {
        return tokenizer.bytes(id).length == 0 ? tokenizer.token(id) : tokenizer.decode(new int[] {id});
    }

    private static double[] doubles(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
    }

    private static float[][] logits(LoadedModel model, int[] ids) {
        List<float[]> rows = new ArrayList<>();
        TokenScores.of(model.gpt(), model.manager(), model.tokenText(), ids, 0, rows::add);
        return rows.toArray(float[][]::new);
    }

    /** The negative mean of echoed log-probabilities is the loss of training, for short texts and for one as long as the context. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void theMeanOfEchoedLogprobsIsTheLoss(String name) {
        LoadedModel model = server.model(name).model();
        int[] all = server.model(name).tokenizer().encode(Fixtures.tales());
        for (int length : List.of(2, 17, 64)) {
            int[] ids = Arrays.copyOfRange(all, 100, 100 + length);
            JsonNode logprobs = server.post("/v1/completions", "{'model':'%s','prompt':%s,'max_tokens':0,'echo':true,'logprobs':1}"
                .formatted(name, Arrays.toString(ids))).json().get("choices").get(0).get("logprobs");
            assertEquals(length, logprobs.get("token_logprobs").size());
            assertTrue(logprobs.get("token_logprobs").get(0).isNull() && logprobs.get("top_logprobs").get(0).isNull());
            double sum = 0;
            for (int i = 1; i < length; i++) {
                sum -= logprobs.get("token_logprobs").get(i).asDouble();
            }
            assertEquals(loss(model, ids), sum / (length - 1), 1e-5);
            JsonNode more = server.post("/v1/completions", "{'model':'%s','prompt':%s,'max_tokens':1,'echo':true,'logprobs':1}"
                .formatted(name, Arrays.toString(Arrays.copyOf(ids, Math.min(length, 63))))).json().get("choices").get(0).get("logprobs");
            assertEquals(Math.min(length, 63) + 1, more.get("tokens").size());
            for (int i = 1; i < Math.min(length, 63); i++) {
                assertEquals(logprobs.get("token_logprobs").get(i).asDouble(), more.get("token_logprobs").get(i).asDouble(), 1e-5);
            }
        }
    }

    private static double loss(LoadedModel model, int[] ids) {
        try (NDManager scope = model.manager().newSubManager()) {
            NDArray inputs = scope.create(Arrays.stream(ids, 0, ids.length - 1).asLongStream().toArray(), new Shape(1, ids.length - 1));
            NDArray targets = scope.create(Arrays.stream(ids, 1, ids.length).asLongStream().toArray(), new Shape(1, ids.length - 1));
            return model.gpt().loss(inputs, targets, Mode.EVAL).toFloatArray()[0];
        }
    }
}
