package inkling.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.RunHistory.Series;
import java.util.List;
import org.junit.jupiter.api.Test;

class CharacterChartTest {
    private static Series series(double... stepsAndValues) {
        int n = stepsAndValues.length / 2;
        double[] steps = new double[n];
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            steps[i] = stepsAndValues[2 * i];
            values[i] = stepsAndValues[2 * i + 1];
        }
        return new Series(steps, values);
    }

    @Test void aCurveGoesFromPointToPoint() {
        assertEquals(List.of(
            "  2.000 |aaaaaa",
            "        |      a",
            "  1.500 |       a",
            "        |        a",
            "  1.000 |         a",
            "        +----------",
            "         step 0 900"), draw(18, series(0, 2, 450, 2, 900, 1)));
    }

    private static List<String> draw(int lastColumn, Series... curves) {
        return CharacterChart.lines(List.of(curves), lastColumn + 1, 5);
    }

    @Test void curvesThatMeetAreMarkedAndTheLaterBeginsWhereItIsMeasured() {
        List<String> lines = draw(30, series(0, 2, 100, 1), series(50, 1.5, 100, 2));
        String all = String.join("\n", lines);
        assertTrue(lines.get(0).endsWith("b") && lines.get(0).contains("|a"), all);
        assertTrue(lines.get(2).contains("+") && !lines.get(1).contains("+") && !lines.get(3).contains("+"), all);
        assertTrue(lines.get(4).endsWith("a"), all);
    }

    @Test void theFallOfTheBeginningDoesNotFlattenTheRest() {
        List<String> lines = draw(40, series(0, 11, 50, 6, 100, 3, 1000, 2));
        assertTrue(lines.get(0).startsWith("  3.000 |"), String.join("\n", lines));
    }

    @Test void oneValueIsDrawnAndNoneMakesNoChart() {
        assertTrue(String.join("\n", draw(30, series(0, 2))).contains("|a"));
        assertEquals(List.of(), draw(30, series()));
        assertTrue(String.join("\n", draw(30, series(), series(0, 2, 5, 1))).contains("b"), "an empty curve keeps its letter");
    }
}
