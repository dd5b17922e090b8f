package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The test sets the clock, and so decides how long a piece of work takes on all threads and on one. */
class ThreadChoiceTest {
    private long now;
    private long onAll = 25;
    private long onOne = 40;
    private final ThreadChoice choice = new ThreadChoice(() -> now);

    /** Does {@code pieces} pieces of work. Tells for each piece whether one thread did it. */
    private List<Boolean> run(int pieces) {
        List<Boolean> one = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            boolean onOneThread = choice.beginOnOne();
            now += onOneThread ? onOne : onAll;
            choice.end();
            one.add(onOneThread);
        }
        return one;
    }

    private static List<Boolean> times(int count, boolean value) {
        return Collections.nCopies(count, value);
    }

    @Test
    void triesAllThenOneThenStaysWithTheFaster() {
        assertEquals(times(ThreadChoice.TRIAL, false), run(ThreadChoice.TRIAL));
        assertEquals(times(ThreadChoice.TRIAL, true), run(ThreadChoice.TRIAL));
        assertEquals(times(2 * ThreadChoice.SHORTEST_STAY, false), run(2 * ThreadChoice.SHORTEST_STAY));
        assertEquals(times(ThreadChoice.TRIAL, true), run(ThreadChoice.TRIAL));
        assertEquals(times(4 * ThreadChoice.SHORTEST_STAY, false), run(4 * ThreadChoice.SHORTEST_STAY));
    }

    @Test
    void staysWithOneThreadWhereThatIsFaster() {
        onOne = 10;
        run(2 * ThreadChoice.TRIAL);
        assertEquals(times(ThreadChoice.SHORTEST_STAY, true), run(ThreadChoice.SHORTEST_STAY));
    }

    @Test
    void changesWhenAnotherProcessTakesACoreAndBackWhenItLeaves() {
        run(2 * ThreadChoice.TRIAL + 2 * ThreadChoice.SHORTEST_STAY - ThreadChoice.TRIAL);
        onAll = 100;
        run(2 * ThreadChoice.TRIAL);
        assertEquals(times(ThreadChoice.SHORTEST_STAY, true), run(ThreadChoice.SHORTEST_STAY));
        onAll = 25;
        assertEquals(times(ThreadChoice.TRIAL, false), run(ThreadChoice.TRIAL));
        assertEquals(times(ThreadChoice.SHORTEST_STAY, false), run(ThreadChoice.SHORTEST_STAY));
    }

    @Test
    void theLoserIsTriedSeldom() {
        List<Boolean> all = run(20_000);
        long onOneThread = all.stream().filter(one -> one).count();
        assertTrue(onOneThread < 20_000 / 100, onOneThread + " of 20,000 on the slower number of threads");
        assertTrue(all.subList(10_000, 20_000).contains(true), "still tried");
    }
}
