package inkling.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
    private static final ProgressLine UNDER_WAY = new ProgressLine(1234, 2000, 1.2345, 1.5, 1000, 98765.4, 83.2);

    @Test void wideTerminalsShowAll() {
        String rest = " 1,234/2,000  loss 1.235  val 1.500 at 1,000  98,765 tokens/s  1 min 23 s left";
        assertEquals("train │" + "█".repeat(24) + "▋" + " ".repeat(15) + "│" + rest, UNDER_WAY.render(200));   // 1234 / 2000 of 40 cells
        assertTrue(UNDER_WAY.render(118).startsWith("train │█") && UNDER_WAY.render(118).endsWith(rest), UNDER_WAY.render(118));
    }

    @ParameterizedTest
    @ValueSource(ints = {36, 40, 50, 60, 70, 79, 80, 100, 132})
    void narrowTerminalsKeepTheStepTheLossesAndTheSpeed(int width) {
        String line = UNDER_WAY.render(width);
        assertTrue(line.length() <= width, line);
        for (String number : List.of("1,234/2,000", "1.235", "1.500", "98,765")) {
            assertTrue(line.contains(number), width + ": " + line);
        }
    }

    @Test void beforeTheFirstUpdateDashesStandForTheLossesAndTheSpeed() {
        String line = new ProgressLine(0, 10, Double.NaN, Double.NaN, 0, Double.NaN, Double.NaN).render(80);
        assertTrue(line.contains("0/10  loss -  val -  - tokens/s"), line);
    }

    @Test void oneSlowUpdateHardlyMovesTheTimeLeft() {
        TimeLeft left = new TimeLeft(1, 0);
        assertTrue(Double.isNaN(left.seconds(1, 1000, 0)));
        assertEquals(900, left.seconds(101, 1001, 100_000_000_000L));      // 100 updates of one second each
        assertEquals(908.1, left.seconds(102, 1001, 102_020_000_000L), 0.1);   // and one of 2.02 seconds
    }
}
