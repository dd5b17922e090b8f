package inkling.inspect.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.inspect.embedding.EmbeddingSpace.Neighbor;
import inkling.inspect.embedding.EmbeddingSpace.Projection;
import inkling.inspect.embedding.EmbeddingSpace.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddingSpaceTest {
    @TempDir
    static Path directory;

    /** Small enough to work out by hand. */
    private final EmbeddingSpace plane = new EmbeddingSpace(List.of("east", "north", "northeast", "west", "far east", "nowhere"),
        new float[][] {{1, 0}, {0, 2}, {3, 3}, {-1, 0}, {50, 0.5f}, {0, 0}});

    private Word word(String token) {
        return WordLookup.exact(plane).find(token);
    }

    private static List<String> tokens(List<Neighbor> neighbors) {
        return neighbors.stream().map(Neighbor::token).toList();
    }

    @Test
    void neighborsAreOrderedByCosineNotByLength() {
        List<Neighbor> neighbors = plane.neighbors(word("east"), 10);
        assertEquals(List.of("far east", "northeast", "north", "west"), tokens(neighbors), "the zero vector is near nothing");
        assertEquals(Math.sqrt(0.5), neighbors.get(1).similarity(), 1e-12);
        assertEquals(-1, neighbors.get(3).similarity(), 1e-12);
        assertEquals(List.of("far east"), tokens(plane.neighbors(word("east"), 1)));
    }

    @Test
    void analogyIsTheMeanOfUnitVectorsAndExcludesTheQuestion() {
        List<Neighbor> answers = plane.analogy(List.of(word("east"), word("north")), List.of(word("west")), 5);
        assertEquals(List.of("northeast", "far east"), tokens(answers).subList(0, 2));
        assertEquals(3 / Math.sqrt(10), answers.get(0).similarity(), 1e-12, "cosine of (2, 1) and (1, 1)");
    }

    @Test
    void directionGivesSignedLengths() {
        List<Projection> along = plane.direction(word("west"), word("east"), List.of(word("northeast"), word("west"), word("north")));
        assertEquals(List.of(new Projection("northeast", 3), new Projection("west", -1), new Projection("north", 0)), along);
    }

    @Test
    void questionsWithoutAnAnswerAreToldSo() {
        assertTrue(assertThrows(ConfigException.class, () -> plane.neighbors(word("nowhere"), 3)).getMessage().contains("nowhere is zero"));
        assertTrue(assertThrows(ConfigException.class, () -> plane.direction(word("east"), word("east"), List.of())).getMessage()
            .contains("same vector"));
        assertTrue(assertThrows(ConfigException.class, () -> plane.analogy(List.of(word("east")), List.of(word("east")), 1)).getMessage()
            .contains("cancel out"));
        float[][] broken = {{Float.NaN}};
        assertTrue(assertThrows(ModelFormatException.class, () -> new EmbeddingSpace(List.of("a"), broken)).getMessage()
            .contains("token 0 (a)"));
    }

    @Test
    void aWordOfSeveralTokensIsTheirMean() {
        Word both = plane.word("east north", 0, 1);
        assertEquals("east north", both.reading());
        assertEquals(0.5f, both.vector()[0]);
        assertEquals(1f, both.vector()[1]);
        assertEquals("northeast", plane.neighbors(both, 1).get(0).token());
    }

    /** A file of word vectors, and how near "queen" is to king − man + woman in it. */
    private record Vectors(Path file, double queen) {}

    /** Made vectors, whose similarity is worked out below, and real ones, if they are there, with what gensim's most_similar says. */
    private static Stream<Vectors> vectors() throws IOException {
        Map<String, float[]> made = madeVectors();
        Path own = Files.write(directory.resolve("own.txt"), made.entrySet().stream().map(word -> word.getKey() + " "
            + IntStream.range(0, word.getValue().length).mapToObj(i -> "" + word.getValue()[i]).collect(Collectors.joining(" "))).toList());
        return Stream.concat(Stream.of(new Vectors(own, queenByDefinition(made))),
            Fixtures.sharedIfThere("data/embeddings/glove-slice.txt").map(file -> new Vectors(file, 0.76985)));
    }

    /** Each word is the sum of noise and of its meanings (royal, woman, animal, many …), which are random directions in 50 dimensions. */
    private static Map<String, float[]> madeVectors() {
        Random random = new Random(3);
        Map<String, double[]> meanings = new HashMap<>();
        Map<String, float[]> words = new LinkedHashMap<>();
        Map.of("king", "person royal", "queen", "person royal woman", "man", "person", "woman", "person woman", "cat", "animal small",
            "dog", "animal small", "cats", "animal small many", "palace", "royal house", "mother", "person woman child").entrySet().stream()
            .sorted(Map.Entry.comparingByKey()).forEach(word -> words.put(word.getKey(), sum(random, meanings, word.getValue(), 0)));
        List<String> counting = List.of("one", "two", "three", "four");
        counting.forEach(word -> words.put(word, sum(random, meanings, "number many", counting.indexOf(word) - 1)));
        return words;
    }

    /** Noise and all meanings, of which the last counts 1 + 0.5 · {@code more} times. */
    private static float[] sum(Random random, Map<String, double[]> meanings, String names, int more) {
        double[] sum = random.doubles(50, -0.2, 0.2).toArray();
        String[] all = names.split(" ");
        for (int i = 0; i < all.length; i++) {
            double[] meaning = meanings.computeIfAbsent(all[i], name -> random.doubles(50, -1, 1).toArray());
            double times = i == all.length - 1 ? 1 + 0.5 * more : 1;
            Arrays.setAll(sum, d -> sum[d] + times * meaning[d]);
        }
        float[] rounded = new float[50];
        IntStream.range(0, 50).forEach(d -> rounded[d] = (float) sum[d]);
        return rounded;
    }

    /** The cosine of queen and king + woman − man, each of these three as a unit vector. */
    private static double queenByDefinition(Map<String, float[]> words) {
        double[] question = new double[50];
        Map.of("king", 1, "woman", 1, "man", -1).forEach((word, sign) ->
            Arrays.setAll(question, d -> question[d] + sign * words.get(word)[d] / length(words.get(word))));
        float[] queen = words.get("queen");
        double product = IntStream.range(0, 50).mapToDouble(d -> question[d] * queen[d]).sum();
        return product / length(queen) / Math.sqrt(Arrays.stream(question).map(v -> v * v).sum());
    }

    private static double length(float[] vector) {
        return Math.sqrt(IntStream.range(0, vector.length).mapToDouble(d -> (double) vector[d] * vector[d]).sum());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void kingMinusManPlusWomanIsQueen(Vectors vectors) {
        EmbeddingSpace space = WordVectorFile.read(vectors.file());
        WordLookup words = WordLookup.exact(space);
        List<Neighbor> answers = space.analogy(List.of(words.find("king"), words.find("woman")), List.of(words.find("man")), 3);
        assertEquals("queen", answers.get(0).token());
        assertEquals(vectors.queen(), answers.get(0).similarity(), 1e-5);
        assertEquals("dog", space.neighbors(words.find("cat"), 1).get(0).token());

        List<String> counting = List.of("one", "two", "three", "four");
        List<Projection> plural = space.direction(words.find("cat"), words.find("cats"), counting.stream().map(words::find).toList());
        for (int i = 1; i < plural.size(); i++) {
            assertTrue(plural.get(i - 1).projection() < plural.get(i).projection(), plural.toString());
        }
        assertTrue(assertThrows(ConfigException.class, () -> words.find("King")).getMessage().contains("Did you mean king?"));
        assertTrue(assertThrows(ConfigException.class, () -> words.find("quen")).getMessage().contains("queen"));
    }

    /** 100-dimensional GloVe is known to correlate with SimLex-999 at about 0.3 (Spearman). */
    @Test
    void similarityAgreesWithPeopleAsWellAsIsKnownOfGlove() throws IOException {
        assertEquals(1, agreement(dial(),
            IntStream.range(1, 30).mapToObj(hour -> new String[] {"0", "" + hour, "" + (30 - hour)}).toList()),
            1e-12, "what lies farther around is less alike");
        for (Path glove : Fixtures.sharedIfThere("data/embeddings/glove-slice.txt").toList()) {
            List<String[]> pairs = Files.readAllLines(glove.resolveSibling("simlex999.txt")).stream()
                .filter(line -> !line.startsWith("#")).map(line -> line.split("\t")).toList();
            assertEquals(0.298, agreement(WordVectorFile.read(glove), pairs), 0.01);
        }
    }

    /** Thirty words whose vectors point around half a circle and have different lengths. */
    private static EmbeddingSpace dial() {
        return new EmbeddingSpace(IntStream.range(0, 30).mapToObj(i -> "" + i).toList(), IntStream.range(0, 30).mapToObj(i ->
            new float[] {(float) ((1 + i % 7) * Math.cos(i * Math.PI / 30)), (float) ((1 + i % 7) * Math.sin(i * Math.PI / 30))})
            .toArray(float[][]::new));
    }

    /** Spearman's correlation of people's scores, the third cell of each pair, with similarities. */
    private static double agreement(EmbeddingSpace space, List<String[]> pairs) {
        WordLookup words = WordLookup.exact(space);
        double[] people = pairs.stream().mapToDouble(pair -> Double.parseDouble(pair[2])).toArray();
        double[] vectors = pairs.stream().mapToDouble(pair -> space.similarity(words.find(pair[0]), words.find(pair[1]))).toArray();
        return correlation(ranks(people), ranks(vectors));
    }

    private static double[] ranks(double[] values) {
        Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
        double[] ranks = new double[values.length];
        for (int i = 0, end; i < order.length; i = end) {
            for (end = i + 1; end < order.length && values[order[end]] == values[order[i]]; end++) {
                continue;
            }
            for (int tie = i; tie < end; tie++) {
                ranks[order[tie]] = (i + end - 1) / 2.0;
            }
        }
        return ranks;
    }

    private static double correlation(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }
}
