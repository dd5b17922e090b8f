package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.inspect.AttentionMap.Place;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

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
        assertEquals(new Place(1, 0), map().clearest(OptionalInt.empty(), OptionalInt.of(0)), "of head 0 in each layer");
    }

    @Test void whatIsAskedForIsShown() {
        assertEquals(new Place(0, 1), map().clearest(OptionalInt.of(1), OptionalInt.of(1)));
        assertEquals(new Place(0, 0), map().clearest(OptionalInt.of(1), OptionalInt.empty()), "none stands out: the first");
    }
}
