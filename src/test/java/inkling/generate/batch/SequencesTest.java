package inkling.generate.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.generate.GptLogits;
import inkling.generate.batch.Sequences.Sequence;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import inkling.model.config.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencesTest {
    private static final int V = 3001;
    private static final int CONTEXT = 300;

    private final NDManager manager = Devices.manager(Device.cpu());
    private final ComputeContext context = ComputeContext.of("cpu");

    @AfterEach
    void free() {
        manager.close();
    }

    /** As wide as GPT-2, so that matrix products are computed as for GPT-2. */
    private Gpt wide() {
        return Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(12).nEmbd(768).contextLength(CONTEXT)).over(V), manager, 9);
    }

    private Gpt narrow() {
        return Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(6).nKvHead(2).nEmbd(84).contextLength(CONTEXT)
            .positions(Positions.ROPE)).over(V), manager, 9);
    }

    private static int[] text(int number) {
        return new Random(number).ints(3 + 17 * number, 0, V).toArray();
    }

    /** Reads one more token of each of {@code rows} texts in one pass. Returns the logits of row {@code place}, which is text 0. */
    private static float[] beside(Sequences sequences, int rows, int place, int seed) {
        List<Sequence> all = new ArrayList<>();
        List<Integer> others = new ArrayList<>(IntStream.range(1, 16).boxed().toList());
        Collections.shuffle(others, new Random(seed));
        for (int row = 0; row < rows; row++) {
            int[] ids = text(row == place ? 0 : others.get(row % others.size()));
            Sequence sequence = sequences.open();
            sequences.read(sequence, ids);
            all.add(sequence);
        }
        int[] next = IntStream.range(0, rows).map(row -> row == place ? 77 : seed + row).toArray();
        float[] logits = sequences.next(all, next)[place];
        all.forEach(Sequence::close);
        return logits;
    }

    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16})
    void aRowsNumbersDependOnTheBucketAloneAndNotOnTheThreads(int bucket) {
        for (Gpt gpt : List.of(wide(), narrow())) {
            try (gpt; Sequences manyThreads = new Sequences(gpt, manager, context, GptLogits.MOST_COPIED_BYTES);
                 Sequences oneThread = new Sequences(gpt, manager, context.withThreads(1), GptLogits.MOST_COPIED_BYTES)) {
                float[] expected = beside(manyThreads, bucket, 0, 1);
                assertArrayEquals(expected, beside(oneThread, bucket, bucket - 1, 2), "another place, other texts, one thread");
                assertArrayEquals(expected, beside(manyThreads, bucket / 2 + 1, bucket / 2, 3), "the fewest rows of the bucket");
            }
        }
    }

    /** Without this, the test above would also pass if the numbers of a bucket were always the same, but wrong. */
    @Tag("thorough")
    @Test
    void theNumbersOfAFullPassAreThoseOfTheModelAlone() {
        try (Gpt gpt = wide(); Sequences sequences = new Sequences(gpt, manager, context, 0)) {
            int[] whole = IntStream.concat(Arrays.stream(text(0)), IntStream.of(77)).toArray();
            float[] expected = sequences.readApart(whole);
            for (int bucket : new int[] {1, 2, 4, 8, 16}) {
                assertArrayEquals(expected, beside(sequences, bucket, bucket / 3, 5), 1e-4f, bucket + " rows");
            }
        }
    }

    @Test
    void sequencesComeGrowAreCopiedCutAndGo() {
        try (Gpt gpt = narrow(); Sequences sequences = new Sequences(gpt, manager, context, GptLogits.MOST_COPIED_BYTES)) {
            Sequence a = sequences.open();
            long small = a.bytes();
            sequences.read(a, text(6));                                       // 105 tokens
            Sequence b = sequences.open();
            sequences.read(b, 4, 5, 6);
            for (int id = 0; id < 40; id++) {
                sequences.next(List.of(a, b), id, id + 1);
            }
            assertEquals(145, a.length());
            assertEquals(2 * small, a.bytes(), "room for 256");
            assertEquals(sequences.bytes(145), a.bytes());
            int[] readByA = IntStream.concat(Arrays.stream(text(6)), IntStream.range(0, 40)).toArray();
            Sequence c = sequences.copy(a, 120);
            a.close();
            int[] inC = IntStream.concat(Arrays.stream(readByA).limit(120), IntStream.of(9, 8)).toArray();
            int[] inB = IntStream.concat(IntStream.of(4, 5, 6), IntStream.rangeClosed(1, 40)).toArray();
            float[][] rows = sequences.next(List.of(c, b, c), 9, 7, 8);
            assertArrayEquals(sequences.readApart(Arrays.copyOf(inC, 121)), rows[0], 1e-4f);
            assertArrayEquals(sequences.readApart(inC), rows[2], 1e-4f, "the second of two tokens of one sequence");
            assertArrayEquals(sequences.readApart(IntStream.concat(Arrays.stream(inB), IntStream.of(7)).toArray()), rows[1], 1e-4f);
            c.truncate(100);
            assertArrayEquals(sequences.readApart(IntStream.concat(Arrays.stream(readByA).limit(100), IntStream.of(3)).toArray()),
                sequences.next(List.of(c), 3)[0], 1e-4f);
            assertThrows(IllegalArgumentException.class, () -> sequences.read(c, new int[CONTEXT]), "beyond the context");
            assertThrows(IllegalArgumentException.class, () -> sequences.next(Collections.nCopies(17, c), new int[17]));
        }
    }

    @Test
    void rowsAreFilledUpToPowersOfTwo() {
        assertEquals(List.of(1, 2, 4, 4, 8, 8, 16, 16), Stream.of(1, 2, 3, 4, 5, 8, 9, 16).map(Sequences::bucket).toList());
        assertThrows(IllegalArgumentException.class, () -> Sequences.bucket(0));
    }

    @Test
    void aCopyThatFailsLeavesNothingBehind() {
        try (Gpt gpt = narrow(); Sequences sequences = new Sequences(gpt, manager, context, 0); Sequence three = sequences.open()) {
            sequences.read(three, 1, 2, 3);
            int before = manager.getManagedArrays().size();
            assertThrows(IllegalArgumentException.class, () -> sequences.copy(three, 4));
            assertEquals(before, manager.getManagedArrays().size());
            sequences.copy(three, 3).close();
            assertEquals(before, manager.getManagedArrays().size());
        }
    }
}
