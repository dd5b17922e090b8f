package inkling.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardTest {
    private static final Tokens TEXT = Tokens.of(IntStream.range(0, 1_003).toArray());
    private static final int COLUMNS = 7;

    /**
     * The first ids of all windows of a shard. They tell where the windows lie, since each token's id in {@link #TEXT} is its position.
     */
    private static List<Integer> windows(Shard shard) {
        Tokens own = shard.of(TEXT, COLUMNS);
        List<Integer> first = new ArrayList<>();
        for (long place = 0; place < own.count() - COLUMNS; place++) {
            long[] window = new long[COLUMNS + 1];
            own.read(place, window, 0, COLUMNS + 1);
            assertEquals(window[0] + COLUMNS, window[COLUMNS], "neighbours in the text");
            assertEquals(window[0], own.at(place));
            first.add((int) window[0]);
        }
        return first;
    }

    @Test void shardsAreDisjointAndComplete() {
        for (int workers : new int[] {1, 2, 3, 10, 141}) {
            Set<Integer> seen = new HashSet<>();
            for (int worker = 0; worker < workers; worker++) {
                for (int window : windows(new Shard(worker, workers))) {
                    assertTrue(seen.add(window), "window %d is in two shards of %d".formatted(window, workers));
                }
            }
            assertEquals(1_003 - COLUMNS, seen.size(), workers + " workers have every window");
        }
    }

    @Test void oneWorkerHasTheWholeTextAndTheRunsSeed() {
        assertEquals(1_003, new Shard(0, 1).of(TEXT, COLUMNS).count());
        assertEquals(42, new Shard(0, 1).seed(42));
        assertEquals(100, IntStream.range(0, 100).mapToLong(worker -> new Shard(worker, 100).seed(42)).distinct().count());
    }

    @Test void aShardThatIsTooShortIsRefusedWithTheLargestNumberOfWorkers() {
        String message = assertThrows(ConfigException.class, () -> new Shard(0, 143).of(TEXT, COLUMNS)).getMessage();
        for (String part : List.of("cluster.workers = 143", "6", "1,003", "window of 7", "at most 142")) {
            assertTrue(message.contains(part), message);
        }
        assertEquals(8, new Shard(0, 1).of(Tokens.of(0, 1, 2, 3, 4, 5, 6, 7), COLUMNS).count(),
            "a single worker may have a text of one window, as a run without a cluster may");
    }
}
