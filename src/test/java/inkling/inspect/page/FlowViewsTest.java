package inkling.inspect.page;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.data.Tokens;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.inspect.AttentionMap;
import inkling.inspect.BlockArithmetic;
import inkling.inspect.ContextCurve;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.Neurons;
import inkling.inspect.NextToken;
import inkling.model.Gpt;
import inkling.model.Lora;
import inkling.model.LoraConfig;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.run.LoadedModel;
import inkling.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers of traces, attention, the lens, a head's arithmetic and neurons, against their definitions. */
class FlowViewsTest extends TracedModels {
    @ParameterizedTest
    @MethodSource("architectures")
    void aTraceHasTheLogitsOfAnOrdinaryPassAndItsPartsAddUp(GptConfig config) {
        Gpt gpt = model(config);
        ForwardTrace trace = trace(gpt, 3, 1, 4, 1, 5, 9, 2);
        float[] plain = plainLogits(gpt, 3, 1, 4, 1, 5, 9, 2);
        for (int t = 0; t < trace.length(); t++) {
            assertArrayEquals(Arrays.copyOfRange(plain, t * 23, (t + 1) * 23), trace.logits()[t], 2e-5f);
        }
        for (int layer = 0; layer < config.nLayer(); layer++) {
            ForwardTrace.Block block = trace.blocks().get(layer);
            for (int t = 0; t < trace.length(); t++) {
                for (int c = 0; c < config.nEmbd(); c++) {
                    assertEquals(trace.stream(layer)[t][c] + block.attention()[t][c], block.afterAttention()[t][c], 1e-4);
                    assertEquals(block.afterAttention()[t][c] + block.mlp()[t][c], trace.stream(layer + 1)[t][c], 1e-4);
                }
            }
        }
    }

    @Test void aTraceLeavesNoArrayBehind() {
        Gpt gpt = model(architectures().findFirst().orElseThrow());
        trace(gpt, 1, 2, 3);
        int before = manager.getManagedArrays().size();
        trace(gpt, 1, 2, 3);
        assertEquals(before, manager.getManagedArrays().size());
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void attentionRowsSumToOneAndNothingLooksAhead(GptConfig config) throws Exception {
        AttentionMap map = AttentionMap.of(trace(model(config), 7, 7, 1, 0, 22, 4));
        JsonNode json = new ObjectMapper().valueToTree(map.json());
        assertEquals(List.of("#7", "#7", "#1", "#0", "#22", "#4"), map.tokens());
        assertEquals(config.nLayer(), json.get("weights").size());
        assertEquals(config.attention().nHead(), json.get("weights").get(0).size());
        boolean uneven = false;
        for (JsonNode layer : json.get("weights")) {
            for (JsonNode head : layer) {
                for (int q = 0; q < 6; q++) {
                    double sum = 0;
                    for (int k = 0; k < 6; k++) {
                        double weight = head.get(q).get(k).doubleValue();
                        sum += weight;
                        assertTrue(k <= q ? weight > 0 : weight == 0, "query " + q + ", key " + k + ": " + weight);
                        uneven |= q == 5 && Math.abs(weight - 1 / 6.0) > 0.1;
                    }
                    assertEquals(1, sum, 1e-5);
                }
            }
        }
        assertTrue(uneven, "a pattern that is even everywhere would prove nothing");
    }

    @Test void habitsAreMeansOverTheQueriesThatHaveAChoice() {
        float[][] rows = {{1, 0, 0}, {0.25f, 0.75f, 0}, {0.5f, 0, 0.5f}};
        AttentionMap map = new AttentionMap(List.of("a", "b", "c"), List.of("a", "b", "c"), new float[][][][] {{rows}});
        AttentionMap.HeadSummary habit = map.summary(0, 0);
        assertEquals(0.625, habit.self(), 1e-9);
        assertEquals(0.125, habit.previous(), 1e-9);
        assertEquals(0.375, habit.first(), 1e-9);
        assertEquals((0.25 + 1.0) / 2, habit.distance(), 1e-9);
        assertEquals((0.8112781 + 1) / 2, habit.entropyBits(), 1e-6);
        String picture = map.text(OptionalInt.of(1), OptionalInt.of(1));
        assertTrue(picture.contains("   2 b              ▒▒██   b              75%"), picture);
        says(assertThrows(ConfigException.class, () -> map.text(OptionalInt.of(2), OptionalInt.empty())).getMessage(), "--layer 2",
            "1 layers", "1 to 1");
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void theLensEndsAtTheModelsOwnPrediction(GptConfig config) {
        Gpt gpt = model(config);
        ForwardTrace trace = trace(gpt, 3, 1, 4, 1, 5);
        LogitLens lens = LogitLens.of(trace, gpt, manager, 6);
        assertEquals(config.nLayer() + 1, lens.layers().size());
        for (int t = 0; t < 5; t++) {
            List<NextToken> expected = NextToken.likeliest(trace.logits()[t], 6, trace.tokenText());
            List<NextToken> found = lens.layers().get(config.nLayer()).positions().get(t).top();
            assertEquals(expected.stream().map(NextToken::id).toList(), found.stream().map(NextToken::id).toList());
            for (int i = 0; i < 6; i++) {
                assertEquals(expected.get(i).probability(), found.get(i).probability(), 1e-6);
            }
        }
        JsonNode json = new ObjectMapper().valueToTree(lens.json());
        assertEquals(0, json.get("layers").get(0).get("layer").intValue());
        JsonNode last = json.get("layers").get(config.nLayer()).get("positions");
        assertEquals(0, last.get(2).get("kl_bits").doubleValue());
        assertTrue(json.get("layers").get(0).get("positions").get(2).get("kl_bits").doubleValue() > 0.01);
        double[] p = softmax(trace.logits()[1]);
        assertEquals(p[4], last.get(1).get("actual").doubleValue(), 1e-6);
        assertTrue(last.get(4).get("actual").isNull());
        assertEquals(Arrays.stream(p).map(q -> -q * Math.log(q) / Math.log(2)).sum(),
            last.get(1).get("entropy_bits").doubleValue(), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aHeadsArithmeticGivesItsAttention(GptConfig config) {
        Gpt gpt = model(config);
        int[] ids = {3, 1, 4, 1, 5, 9, 2};
        ForwardTrace trace = trace(gpt, ids);
        List<BlockArithmetic> blocks = BlockArithmetic.of(gpt, manager, ids);
        assertEquals(config.nLayer(), blocks.size());
        for (BlockArithmetic block : blocks) {
            assertEquals(config.attention().nHead(), block.heads().size());
            for (int h = 0; h < block.heads().size(); h++) {
                arithmeticIsThatOf(trace.blocks().get(block.layer()).pattern()[h], block.heads().get(h));
            }
        }
    }

    private static void arithmeticIsThatOf(float[][] pattern, BlockArithmetic.Head head) {
        for (int at = 0; at < pattern.length; at++) {
            double[] scores = head.scores(at);
            double sum = Arrays.stream(scores).map(Math::exp).sum();
            float expected = 0;
            for (int key = 0; key <= at; key++) {
                assertEquals(pattern[at][key], Math.exp(scores[key]) / sum, 1e-5);
                expected += pattern[at][key] * head.value()[key][1];
            }
            assertEquals(expected, head.mix(pattern[at], at)[1], 1e-5);
        }
    }

    /** The strongest neuron's first token is the one whose logit it raises most: by its activation and its row of c_proj. */
    @Test void neuronsSpeakForTheTokensThatTheyRaise() {
        Gpt gpt = model(architectures().findFirst().orElseThrow());
        int[] ids = {3, 1, 4};
        List<BlockArithmetic> blocks = BlockArithmetic.of(gpt, manager, ids);
        Neurons.Neuron strongest = Neurons.of(gpt, manager, blocks, 2, 3).get(1).get(2).get(0);
        float[] activations = blocks.get(1).neurons()[2];
        for (float other : activations) {
            assertTrue(Math.abs(other) <= Math.abs(strongest.activation()));
        }
        assertEquals(activations[strongest.index()], strongest.activation());
        int c = gpt.config().nEmbd();
        float[] written = gpt.parameters().get("h.1.mlp.c_proj.weight").toFloatArray();
        float[] unembedding = gpt.parameters().get(gpt.layout().unembedding()).toFloatArray();
        int best = IntStream.range(0, 23).boxed().max(Comparator.comparingDouble(id -> Math.signum(strongest.activation())
            * IntStream.range(0, c).mapToDouble(i -> written[strongest.index() * c + i] * unembedding[id * c + i]).sum())).orElseThrow();
        assertEquals(best, strongest.tokens().get(0));
        assertEquals(3, strongest.tokens().size());
    }

    @Test void neuronsOfAModelWithAdaptersSpeakAsThoseOfTheMergedModel() {
        Gpt plain = model(architectures().findFirst().orElseThrow());
        Lora lora = new Lora(new LoraConfig(4, 8, 0, List.of("mlp.c_proj")));
        lora.addTo(plain.parameters(), plain.config(), 1);
        lora.specs(plain.config()).forEach(spec -> plain.parameters().get(spec.name()).addi(1));
        Gpt adapted = new Gpt(plain.config(), plain.parameters(), Optional.of(lora));
        List<BlockArithmetic> blocks = BlockArithmetic.of(adapted, manager, new int[] {3, 1, 4});
        List<List<List<Neurons.Neuron>>> found = Neurons.of(adapted, manager, blocks, 2, 3);
        assertEquals(Neurons.of(lora.merged(adapted, manager), manager, blocks, 2, 3), found);
        assertNotEquals(Neurons.of(plain, manager, blocks, 2, 3), found);
    }

    @Test void promptsThatDoNotFitAreRefused() {
        Gpt gpt = model(architectures().findFirst().orElseThrow());
        says(assertThrows(ConfigException.class, () -> trace(gpt, new int[13])).getMessage(), "13 tokens", "1 to 12", "Shorten");
        says(assertThrows(ConfigException.class, () -> trace(gpt, 23)).getMessage(), "id 23", "vocabulary", "0 to 22");
        GptConfig wide = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(1).nEmbd(8).nInner(8).contextLength(1024).bias(false)
            .positions(Positions.NONE).norm(Norm.RMS_NORM).activation(Activation.RELU)).over(50_000);
        String message = assertThrows(ConfigException.class, () -> trace(Gpt.initialise(wide, manager, 1), new int[1000])).getMessage();
        assertTrue(message.matches("The prompt is 1000 tokens; views of this model show at most \\d+ at once\\. Shorten it\\."), message);
    }

    private static Stream<Reader> readers() {
        String tales = Fixtures.tales().substring(Fixtures.tales().length() - 5_000);
        Stream<Reader> own = Stream.of("gpt2", "llama").map(name -> new Reader(Fixtures.own(name),
            "Where is the blue boat of Otto? It is not", "Ġin", tales));
        return Stream.concat(own, Fixtures.sharedIfThere("pretrained/dickens-gpt2").map(model -> new Reader(model,
            "The old man looked at the child, and the child looked at the old", "Ġman",
            Fixtures.dickens().substring(1_100_000, 1_120_000))));
    }

    @ParameterizedTest
    @MethodSource("readers")
    void aTrainedModelNearsItsPredictionLayerByLayerAndPredictsBetterWithMoreContext(Reader reader) {
        try (LoadedModel model = LoadedModel.open(reader.model(), ComputeContext.of("cpu"))) {
            Tokenizer tokenizer = model.requireTokenizer("test");
            int[] ids = tokenizer.encode(reader.begun());
            ForwardTrace trace = ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids);
            LogitLens lens = LogitLens.of(trace, model.gpt(), model.manager(), 5);
            int nLayer = model.gpt().config().nLayer();
            assertEquals(reader.next(), lens.layers().get(nLayer).positions().get(ids.length - 1).top().get(0).token());
            double early = lens.layers().get(0).positions().stream().mapToDouble(LogitLens.Position::klBits).sum();
            double late = lens.layers().get(nLayer - 1).positions().stream().mapToDouble(LogitLens.Position::klBits).sum();
            assertTrue(late < early, late + " is not below " + early);
            int[] text = tokenizer.encode(reader.unread());
            List<ContextCurve.Range> ranges = ContextCurve.of(model.gpt(), model.manager(), Tokens.of(text), 64, 60).ranges();
            assertTrue(ranges.get(0).loss() - ranges.get(ranges.size() - 1).loss() > 0.3, ranges.toString());
        }
    }
}
