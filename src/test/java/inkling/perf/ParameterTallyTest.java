package inkling.perf;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.formats.ModelDirectory;
import inkling.inspect.GptPresets;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.reference.OptionMatrix;
import inkling.reference.ReferenceGpt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ParameterTallyTest {
    /** A block of GPT-2 has 4·C² weights in attention, 8·C² in the MLP, their biases, and two norms. A gated MLP has three matrices. */
    @Test void placesTellWhatABlockIsMadeOf() {
        long c = 768;
        Map<String, Map<String, Long>> places = ParameterTally.of(GptPresets.named("gpt2")).places();
        assertEquals(List.of("embedding", "positions", "block 1"), List.copyOf(places.keySet()).subList(0, 3));
        assertEquals("final norm", List.copyOf(places.keySet()).get(14));
        assertEquals(Map.of("attention", 4 * c * c + 4 * c, "mlp", 8 * c * c + 5 * c, "norms", 4 * c), places.get("block 12"));
        assertEquals(124_439_808, places.values().stream().flatMap(kinds -> kinds.values().stream()).mapToLong(size -> size).sum());
        long gated = ParameterTally.of(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).nInner(16)
            .activation(Activation.SWIGLU).bias(false)
            .tieEmbeddings(false)).over(20)).places().get("block 1").get("mlp");
        assertEquals(3 * 8 * 16, gated);
    }

    @Test
    void gpt3IsCountedByItsEightRoles() {
        JsonNode json = ParameterTally.of(GptPresets.named("gpt3")).toJson();
        JsonNode roles = json.get("categories");
        assertEquals(List.of("embedding", "key", "query", "value", "output", "up_projection", "down_projection", "unembedding"),
            names(roles));
        for (String role : List.of("embedding", "unembedding")) {
            assertEquals(617_558_016L, roles.get(role).asLong(), role);
        }
        for (String role : List.of("key", "query", "value", "output")) {
            assertEquals(14_495_514_624L, roles.get(role).asLong(), role);
        }
        for (String role : List.of("up_projection", "down_projection")) {
            assertEquals(57_982_058_496L, roles.get(role).asLong(), role);
        }
        assertEquals(175_181_291_520L, json.get("total").asLong());
        assertEquals(27_938, json.get("matrices").asLong());
        assertEquals(617_558_016L, json.get("tied").asLong());
        assertEquals(2048L * 12_288, json.get("other").get("positions").asLong());
        assertEquals(json.get("total").asLong() + 2048L * 12_288 + json.get("other").get("layer_norms").asLong()
            + json.get("other").get("biases").asLong() - 617_558_016L, json.get("parameters").asLong());
    }

    /** The numbers of elements in the released files. */
    @ParameterizedTest
    @CsvSource({"gpt2,124439808", "gpt2-medium,354823168", "gpt2-large,774030080", "gpt2-xl,1557611200"})
    void gpt2sParametersAreThoseOfTheReleasedFiles(String name, long parameters) {
        assertEquals(parameters, ParameterTally.of(GptPresets.named(name)).parameters());
    }

    @Test
    void parametersAreTheStoredElementsOfEveryArchitecture() {
        for (Positions positions : Positions.values()) {
            for (Norm norm : Norm.values()) {
                for (Activation activation : Activation.values()) {
                    for (boolean bias : new boolean[] {true, false}) {
                        for (boolean tied : new boolean[] {true, false}) {
                            for (int nKvHead : new int[] {6, 3, 1}) {
                                GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(6).nKvHead(nKvHead).nEmbd(24)
                                    .nInner(40).contextLength(17).bias(bias).tieEmbeddings(tied).positions(positions).norm(norm)
                                    .activation(activation)).over(101);
                                assertAgreesWithShapes(config);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void assertAgreesWithShapes(GptConfig config) {
        ParameterTally tally = ParameterTally.of(config);
        assertEquals(storedElements(config), tally.parameters(), config.toString());
        int heads = config.attention().nHead() + 2 * config.attention().nKvHead();
        assertEquals(2 + config.nLayer() * (heads + 3 + (config.mlp().gated() ? 1 : 0)), tally.matrices());
        assertEquals(4 * tally.parameters(), tally.cost().float32Bytes());
    }

    /** Tensor by tensor, as a weight file lists them. */
    private static long storedElements(GptConfig config) {
        int C = config.nEmbd();
        int kv = config.attention().nKvHead() * (C / config.attention().nHead());
        List<int[]> shapes = new ArrayList<>();
        shapes.add(new int[] {config.vocabSize(), C});
        if (config.positions() == Positions.LEARNED) {
            shapes.add(new int[] {config.contextLength(), C});
        }
        for (int layer = 0; layer < config.nLayer(); layer++) {
            addNorm(shapes, config);
            addLinear(shapes, config, C, C + kv + kv);
            addLinear(shapes, config, C, C);
            addNorm(shapes, config);
            addLinear(shapes, config, C, config.mlp().nInner());
            if (config.mlp().activation() == Activation.SWIGLU || config.mlp().activation() == Activation.GEGLU_TANH) {
                addLinear(shapes, config, C, config.mlp().nInner());
            }
            addLinear(shapes, config, config.mlp().nInner(), C);
        }
        addNorm(shapes, config);
        if (!config.tieEmbeddings()) {
            shapes.add(new int[] {config.vocabSize(), C});
        }
        return shapes.stream().mapToLong(shape -> shape.length == 1 ? shape[0] : (long) shape[0] * shape[1]).sum();
    }

    private static void addNorm(List<int[]> shapes, GptConfig config) {
        shapes.add(new int[] {config.nEmbd()});
        if (config.norm().kind() == Norm.LAYER_NORM && config.mlp().bias()) {
            shapes.add(new int[] {config.nEmbd()});
        }
    }

    private static void addLinear(List<int[]> shapes, GptConfig config, int in, int out) {
        shapes.add(new int[] {in, out});
        if (config.mlp().bias()) {
            shapes.add(new int[] {out});
        }
    }

    private static Stream<Path> models() {
        return Fixtures.models("pretrained/dickens-gpt2");
    }

    @ParameterizedTest
    @MethodSource("models")
    void parametersAreTheElementsOfARealWeightFile(Path model) throws Exception {
        GptConfig config = ModelDirectory.config(model);
        byte[] bytes = Files.readAllBytes(model.resolve("model.safetensors"));
        int length = Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        long elements = 0;
        for (JsonNode tensor : new ObjectMapper().readTree(new String(bytes, 8, length, StandardCharsets.UTF_8))) {
            if (tensor.has("shape")) {
                long product = 1;
                for (JsonNode dimension : tensor.get("shape")) {
                    product *= dimension.asLong();
                }
                elements += product;
            }
        }
        assertEquals(elements, ParameterTally.of(config).parameters());
    }

    /**
     * Worked by hand; training takes 6·N + 12·L·C·T. N leaves out what is only looked up: the positions of GPT-2, and the token embedding
     * of the untied model.
     */
    @Test
    void costFollowsTheFormula() {
        ParameterTally gpt2 = ParameterTally.of(GptPresets.named("gpt2"));
        long n = 124_439_808L - 1024 * 768;
        assertEquals(6 * n + 12L * 12 * 768 * 1024, gpt2.cost().trainingFlops());
        assertEquals(2 * n + 4L * 12 * 768 * 1024, gpt2.cost().forwardFlops());
        assertEquals(2L * 12 * 768 * 4, gpt2.cost().kvCacheBytes());
        assertEquals(8 * 124_439_808L, gpt2.cost().adamBytes());
        assertEquals(2 * 124_439_808L, gpt2.cost().bfloat16Bytes());

        GptConfig untied = GptOptions.DEFAULT.with(o -> o.nLayer(2).nKvHead(2).nEmbd(16).nInner(32).contextLength(8).bias(false)
            .tieEmbeddings(false).positions(Positions.NONE).norm(Norm.RMS_NORM).activation(Activation.RELU)).over(100);
        ParameterTally tally = ParameterTally.of(untied);
        assertEquals(6 * (tally.parameters() - 1600) + 12 * 2 * 16 * 8, tally.cost().trainingFlops());
        assertEquals(2 * 2 * 2 * 4 * 4, tally.cost().kvCacheBytes(), "two layers, k and v, two heads of four channels, four bytes");
    }

    /** Six blocks, of which five read 10 tokens of a context of 64. */
    @Test
    void aWindowBoundsWhatAttentionCosts() {
        LayerConfig near = new LayerConfig(Optional.of(10), LayerRope.MAIN);
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(6).nEmbd(16).contextLength(64)
            .layers(List.of(near, near, near, near, near, LayerConfig.DEFAULT))).over(100);
        ParameterTally tally = ParameterTally.of(config);
        long n = tally.parameters() - 64 * 16;
        assertEquals(6 * n + 12 * 16 * (5 * 10 + 64), tally.cost().trainingFlops());
        assertEquals(6 * n + 12 * 16 * (5 * 8 + 8), tally.trainingFlops(8), "a text of 8 tokens is shorter than the blocks' windows");
    }

    @Test
    void whatOtherFamiliesStoreIsCountedToo() {
        OptionMatrix.named().forEach((name, config) -> {
            long stored = ReferenceGpt.parameterShapes(config).values().stream().mapToLong(shape ->
                Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b)).sum();
            assertEquals(stored, ParameterTally.of(config).parameters(), name);
        });
    }

    @Test
    void tableIsAlignedAndComplete() {
        String text = ParameterTally.of(GptPresets.named("gpt3")).toText();
        assertTrue(text.contains("query            12,288 × 128 × 9,216"), text);
        assertTrue(text.contains("The eight roles, the tied unembedding counted too: 175,181,291,520 parameters in 27,938 matrices\n"),
            text);
        assertTrue(text.lines().allMatch(line -> line.length() <= 100), text);
        List<Integer> ends = text.lines().filter(line -> line.contains("%")).map(line -> line.indexOf("%")).distinct().toList();
        assertEquals(1, ends.size(), "the shares stand in one column:\n" + text);
    }

    /** A tied model's embedding is counted once: the row of the unembedding has no number. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void theSharesAddUpToAllThatIsStored(boolean tied) {
        ParameterTally tally = ParameterTally.of(GptOptions.DEFAULT.with(o -> o.nLayer(2).nEmbd(16).tieEmbeddings(tied)).over(1000));
        assertEquals(tally.parameters(), TallyTable.rows(tally).stream().mapToLong(TallyTable.Row::parameters).sum());
        String text = tally.toText();
        double shares = text.lines().filter(line -> line.contains("%")).mapToDouble(line ->
            Double.parseDouble(line.replaceAll(".* ([0-9.]+)%.*", "$1"))).sum();
        assertEquals(200, shares, 0.5, "the rows, and all that is stored:\n" + text);
        String unembedding = text.lines().filter(line -> line.startsWith("unembedding")).findFirst().orElseThrow();
        assertEquals(tied, unembedding.endsWith("the embedding"), unembedding);
        assertEquals(!tied, unembedding.contains("%"), unembedding);
    }

    @Test
    void anArchitectureTooLargeToCountIsRefused() {
        int most = Integer.MAX_VALUE;
        String message = assertThrows(ConfigException.class, () -> ParameterTally.of(GptOptions.DEFAULT.with(o -> o.nLayer(most)
            .nHead(1).nEmbd(most).nInner(most).contextLength(most).activation(Activation.RELU)).over(most))).getMessage();
        assertTrue(message.contains("n_layer = 2147483647 must be at most"), message);
    }

    @Test
    void theRefusalOfAnUnknownPresetListsTheKnownOnes() {
        String message = assertThrows(ConfigException.class, () -> GptPresets.named("gpt5")).getMessage();
        says(message, "gpt5", "gpt2, gpt2-medium, gpt2-large, gpt2-xl, gpt3");
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
