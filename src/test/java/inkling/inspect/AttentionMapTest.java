package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.inspect.AttentionMap.Place;
import inkling.run.LoadedModel;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionMapTest {
    private interface Head {
        double weight(int query, int key);
    }

    private static float[][] head(Head head) {
        float[][] rows = new float[5][5];
        for (int query = 0; query < 5; query++) {
            for (int key = 0; key <= query; key++) {
                rows[query][key] = (float) head.weight(query, key);
            }
        }
        return rows;
    }

    /** One head is even, one rests on the first token, one leans on itself, one looks at the token before. */
    private static AttentionMap map() {
        float[][] even = head((query, key) -> 1.0 / (query + 1));
        float[][] first = head((query, key) -> key == 0 ? 1 : 0);
        float[][] leaning = head((query, key) -> key == query ? query == 0 ? 1 : 0.6 : 0.4 / query);
        float[][] before = head((query, key) -> key == Math.max(0, query - 1) ? 1 : 0);
        List<String> labels = List.of("a", "b", "c", "d", "e");
        return new AttentionMap(labels, labels, new float[][][][] {{even, first}, {leaning, before}});
    }

    @Test void theClearestHeadIsNeitherEvenNorAtRestOnTheFirstToken() {
        assertEquals(new Place(1, 1), map().clearest(OptionalInt.empty(), OptionalInt.empty()));
        assertEquals(new Place(1, 0), map().clearest(OptionalInt.empty(), OptionalInt.of(1)), "of head 1 in each layer");
    }

    @Test void whatIsAskedForIsShown() {
        assertEquals(new Place(0, 1), map().clearest(OptionalInt.of(1), OptionalInt.of(2)));
        assertEquals(new Place(0, 0), map().clearest(OptionalInt.of(1), OptionalInt.empty()), "none stands out: the first");
    }

    @Test void theTableSaysOverWhichTokensItsMeansAre() {
        assertTrue(map().text(OptionalInt.empty(), OptionalInt.empty())
            .startsWith("Where each head looks, on average over all 5 tokens but the first, which sees only itself:\n"));
        AttentionMap one = new AttentionMap(List.of("a"), List.of("a"), new float[][][][] {{{{1}}}});
        assertTrue(one.text(OptionalInt.empty(), OptionalInt.empty())
            .startsWith("Where each head looks: the prompt has one token, which sees only itself.\n"));
    }

    /** The largest weight on a key after the first, minus the weight of an even head: the mean over all queries but the first two. */
    private static double beyondEven(float[][] rows) {
        double sum = 0;
        for (int query = 2; query < rows.length; query++) {
            float most = 0;
            for (int key = 1; key <= query; key++) {
                most = Math.max(most, rows[query][key]);
            }
            sum += most - 1.0 / (query + 1);
        }
        return sum / (rows.length - 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void aTrainedModelOpensOnAHeadWithStructure(String name) {
        try (LoadedModel model = LoadedModel.open(Fixtures.own(name), ComputeContext.of("cpu"))) {
            int[] ids = model.tokenizer().orElseThrow()
                .encode("Once there was a king who had a daughter, and the king said to the daughter");
            AttentionMap map = AttentionMap.of(ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), ids));
            Place opened = map.clearest(OptionalInt.empty(), OptionalInt.empty());
            double[] all = IntStream.range(0, map.layers() * map.heads())
                .mapToDouble(i -> beyondEven(map.weights()[i / map.heads()][i % map.heads()])).sorted().toArray();
            double shown = beyondEven(map.weights()[opened.layer()][opened.head()]);
            assertEquals(all[all.length - 1], shown, "the others have " + Arrays.toString(all));
            assertTrue(shown > 1.2 * all[all.length / 2], shown + " is no more than what most heads have: " + Arrays.toString(all));
        }
    }
}
