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
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddingSpaceTest {
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

    @Test
    void onRealVectorsKingMinusManPlusWomanIsQueen() {
        EmbeddingSpace glove = WordVectorFile.read(Fixtures.shared("data/embeddings/glove-slice.txt"));
        WordLookup words = WordLookup.exact(glove);
        List<Neighbor> answers = glove.analogy(List.of(words.find("king"), words.find("woman")), List.of(words.find("man")), 3);
        assertEquals("queen", answers.get(0).token());
        assertEquals(0.76985, answers.get(0).similarity(), 1e-5, "what gensim's most_similar gives on these vectors");
        assertEquals("dog", glove.neighbors(words.find("cat"), 1).get(0).token());

        List<String> counting = List.of("one", "two", "three", "four");
        List<Projection> plural = glove.direction(words.find("cat"), words.find("cats"), counting.stream().map(words::find).toList());
        for (int i = 1; i < plural.size(); i++) {
            assertTrue(plural.get(i - 1).projection() < plural.get(i).projection(), plural.toString());
        }
        assertTrue(assertThrows(ConfigException.class, () -> words.find("King")).getMessage().contains("Did you mean king?"));
        assertTrue(assertThrows(ConfigException.class, () -> words.find("quen")).getMessage().contains("queen"));
    }

    /** 100-dimensional GloVe is known to correlate with SimLex-999 at about 0.3 (Spearman). */
    @Test
    void similarityAgreesWithPeopleAsFarAsThisKindOfVectorDoes() throws IOException {
        EmbeddingSpace glove = WordVectorFile.read(Fixtures.shared("data/embeddings/glove-slice.txt"));
        WordLookup words = WordLookup.exact(glove);
        List<String[]> pairs = Files.readAllLines(Fixtures.shared("data/embeddings/simlex999.txt")).stream()
            .filter(line -> !line.startsWith("#")).map(line -> line.split("\t")).toList();
        double[] people = pairs.stream().mapToDouble(pair -> Double.parseDouble(pair[2])).toArray();
        double[] vectors = pairs.stream().mapToDouble(pair -> glove.similarity(words.find(pair[0]), words.find(pair[1]))).toArray();
        double spearman = correlation(ranks(people), ranks(vectors));
        assertEquals(0.298, spearman, 0.01);
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
