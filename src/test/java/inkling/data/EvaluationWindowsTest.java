package inkling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationWindowsTest {
    private static final long NO = Batch.IGNORED;

    private static Tokens counting(int n) {
        return Tokens.of(IntStream.range(0, n).toArray());
    }

    private static List<Batch> list(EvaluationWindows windows) {
        List<Batch> batches = new ArrayList<>();
        windows.forEach(batches::add);
        return batches;
    }

    @Test
    void windowsFollowOneAnotherAndTheLastIsShorter() {
        EvaluationWindows windows = EvaluationWindows.all(counting(9), 2, 3);
        List<Batch> batches = list(windows);
        assertEquals(3, windows.windows());
        assertEquals(2, windows.batches());
        assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, batches.get(0).ids());
        assertArrayEquals(new long[] {1, 2, 3, 4, 5, 6}, batches.get(0).targets());
        assertEquals(1, batches.get(1).rows());
        assertArrayEquals(new long[] {6, 7, 0}, batches.get(1).ids());
        assertArrayEquals(new long[] {7, 8, NO}, batches.get(1).targets());
    }

    /** Also checks at which token each window starts. */
    @ParameterizedTest
    @CsvSource({"2,4,4", "3,4,1", "4,4,4", "5,4,4", "6,4,4", "9,4,4", "9,4,3", "10,4,2", "11,4,1", "12,5,5", "100,7,3", "5,4,3"})
    void everyTokenButTheFirstIsPredictedOnce(int n, int T, int stride) {
        EvaluationWindows windows = EvaluationWindows.strided(counting(n), 3, T, stride);
        List<Long> predicted = new ArrayList<>();
        long k = 0;
        for (Batch batch : windows) {
            for (int r = 0; r < batch.rows(); r++, k++) {
                for (int t = 0; t < batch.columns(); t++) {
                    int i = r * batch.columns() + t;
                    if (batch.targets()[i] != NO) {
                        predicted.add(batch.targets()[i]);
                        assertEquals(k * stride + t, batch.ids()[i], "window k starts at k·stride");
                        assertEquals(batch.ids()[i] + 1, batch.targets()[i]);
                    }
                }
            }
        }
        assertEquals(LongStream.range(1, n).boxed().toList(), predicted);
        assertEquals(k, windows.windows());
        assertEquals(n - 1, windows.tokens());
    }

    @Test
    void aTextThatEndsInsideAWindowHasOneWindowMore() {
        assertEquals(354, EvaluationWindows.all(Tokens.of(new int[45_204]), 16, 128).windows());
    }

    @Test
    void aStrideScoresOnlyWhatNoWindowScoredBefore() {
        Batch batch = list(EvaluationWindows.strided(counting(7), 8, 4, 2)).get(0);
        assertArrayEquals(new long[] {1, 2, 3, 4, NO, NO, 5, 6}, batch.targets());
        assertArrayEquals(new long[] {0, 1, 2, 3, 2, 3, 4, 5}, batch.ids());
    }

    @Test
    void randomWindowsAreTheSameAtEveryPassAndDifferFromTraining() {
        EvaluationWindows windows = EvaluationWindows.random(counting(1000), 4, 8, 5, 1337);
        List<Batch> once = list(windows), twice = list(windows);
        assertEquals(5, once.size());
        assertEquals(5 * 4 * 8, windows.tokens());
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(once.get(i).ids(), twice.get(i).ids());
            assertFalse(Arrays.equals(once.get(i).ids(), Batches.random(counting(1000), 4, 8, 1337).at(i).ids()));
        }
    }

    @Test
    void bytesAreThoseOfPredictedTokensAndEndOfTextHasNone() {
        Tokens tokens = Tokens.of('a', 'b', ByteTokenizer.END_OF_TEXT, 'c', 'd');
        assertEquals(3, EvaluationWindows.all(tokens, 2, 3).bytes(new ByteTokenizer()));
        assertEquals(3, EvaluationWindows.strided(tokens, 2, 3, 1).bytes(new ByteTokenizer()));
    }

    @Test
    void tooFewTokensOrTooLongAStrideAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> EvaluationWindows.all(counting(1), 1, 4));
        assertThrows(IllegalArgumentException.class, () -> EvaluationWindows.random(counting(4), 1, 4, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> EvaluationWindows.strided(counting(9), 1, 4, 5));
    }
}
