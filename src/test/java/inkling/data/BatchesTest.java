package inkling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchesTest {
    private static Tokens counting(int n) {
        return Tokens.of(IntStream.range(100, 100 + n).toArray());
    }

    @ParameterizedTest
    @CsvSource({"7,2,2", "5,2,4", "6,3,5", "100,4,8", "9,8,8", "3,5,2"})
    void sequentialBatchesFollowTheFormula(int n, int B, int T) {
        Tokens ids = counting(n);
        Batches batches = Batches.sequential(ids, B, T);
        for (long k : new long[] {0, 1, 2, 3, 17, 1_000_000_007L}) {
            Batch batch = batches.at(k);
            for (int i = 0; i < B * T; i++) {
                assertEquals(ids.at((k * B * T + i) % n), batch.ids()[i]);
                assertEquals(ids.at((k * B * T + i + 1) % n), batch.targets()[i]);
            }
        }
    }

    @Test
    void aRandomBatchIsAFunctionOfSeedAndMicroStepAlone() {
        Batches batches = Batches.random(counting(1000), 4, 16, 1337);
        Batch first = batches.at(5);
        batches.at(6);
        Batch again = Batches.random(counting(1000), 4, 16, 1337).at(5);
        assertArrayEquals(first.ids(), again.ids());
        assertArrayEquals(first.targets(), again.targets());
        assertFalse(Arrays.equals(first.ids(), batches.at(4).ids()), "another micro-step");
        assertFalse(Arrays.equals(first.ids(), Batches.random(counting(1000), 4, 16, 1338).at(5).ids()), "another seed");
    }

    @Test
    void accumulatedMicroStepsAreTheRowsOfTheLargeBatch() {
        Batches large = Batches.random(counting(1000), 6, 8, 7);
        Batches small = Batches.random(counting(1000), 2, 8, 7);
        long[] joined = LongStream.range(0, 3).boxed().flatMapToLong(m -> Arrays.stream(small.at(4 * 3 + m).ids())).toArray();
        assertArrayEquals(large.at(4).ids(), joined);
    }

    @Test
    void randomWindowsAreContiguousAndPredictTheNextToken() {
        Batch batch = Batches.random(counting(50), 3, 10, 1).at(0);
        for (int i = 0; i < 30; i++) {
            assertEquals(batch.ids()[i] + 1, batch.targets()[i]);
            assertTrue(i % 10 == 0 || batch.ids()[i] == batch.ids()[i - 1] + 1);
        }
    }

    @Test
    void everyOffsetFromTheFirstToTheLastIsDrawnAboutEquallyOften() {
        int n = 24, T = 4, draws = 20_000;   // offsets 0 … 19
        int[] seen = new int[n - T];
        Batches batches = Batches.random(counting(n), 1, T, 99);
        for (int k = 0; k < draws; k++) {
            seen[(int) batches.at(k).ids()[0] - 100]++;
        }
        double expected = draws / 20.0;
        double chiSquare = Arrays.stream(seen).mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
        assertTrue(chiSquare < 43.8, "chi-square of 19 degrees at 0.1 %: " + chiSquare + " " + Arrays.toString(seen));
    }

    @Test
    void theOnlyWindowOfTheShortestTextBeginsAtItsFirstToken() {
        assertArrayEquals(new long[] {100, 101, 102}, Batches.random(counting(4), 1, 3, 5).at(9).ids());
    }

    @ParameterizedTest
    @CsvSource({"7", "8"})
    void fewerTokensThanOneWindowAndItsTargetAreRefused(int n) {
        for (Runnable make : new Runnable[] {() -> Batches.random(counting(n), 1, 8, 0), () -> Batches.sequential(counting(n), 1, 8)}) {
            String message = assertThrows(IllegalArgumentException.class, make::run).getMessage();
            assertTrue(message.contains("at least 9 tokens, there are " + n), message);
        }
        Batches.random(counting(9), 1, 8, 0).at(0);
        Batches.sequential(counting(10), 1, 8).at(3);
    }

    /** The JDK's SplittableRandom is an independent implementation of SplitMix64 with the same constants. */
    @Test
    void drawsAreSplitMix64() {
        SplittableRandom oracle = new SplittableRandom(WindowDraws.TRAINING.start(1337));
        for (int j = 0; j < 1000; j++) {
            assertEquals(oracle.nextLong(), WindowDraws.TRAINING.bits(1337, j));
        }
        assertFalse(WindowDraws.TRAINING.bits(1, 0) == WindowDraws.EVALUATION.bits(1, 0));
    }

    @Test
    void drawsStayBelowBoundsBeyondAnInt() {
        long bound = 5_000_000_000L, largest = 0;
        for (int j = 0; j < 10_000; j++) {
            long draw = WindowDraws.TRAINING.at(3, j, bound);
            assertTrue(draw >= 0 && draw < bound);
            largest = Math.max(largest, draw);
        }
        assertTrue(largest > bound - bound / 100, "the upper end is reached: " + largest);
    }
}
