package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.page.SvgChart.Line;
import inkling.inspect.page.SvgChart.Scale;
import inkling.inspect.page.SvgChart.Stroke;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SvgChartTest {
    @Test void ticksAreRoundNumbersWithinTheAxis() {
        assertArrayEquals(new double[] {0, 500, 1000, 1500, 2000}, SvgChart.ticks(0, 2000, 4), 1e-9);
        assertArrayEquals(new double[] {3.2, 3.4, 3.6, 3.8}, SvgChart.ticks(3.15, 3.85, 4), 1e-9);
        assertArrayEquals(new double[] {0.5, 1, 2, 5}, SvgChart.logTicks(0.3, 7), 1e-9);
        assertArrayEquals(new double[] {1e-5, 1e-4, 1e-3, 1e-2, 0.1}, SvgChart.logTicks(5e-6, 0.2), 1e-12);
    }

    @Test void numbersAreShort() {
        assertEquals(List.of("0", "0.001", "5e-4", "2.5e-5", "3.5", "1200", "10k", "12.5k", "2e6", "−3", "−2e-4"),
            List.of(0.0, 1e-3, 5e-4, 2.5e-5, 3.5, 1200.0, 1e4, 12_500.0, 2e6, -3.0, -2e-4).stream().map(SvgChart::number).toList());
    }

    @Test void pointsLieWhereTheAxisSays() {
        Line line = new Line("a", Stroke.STRONG, new double[] {0, 50, 100}, new double[] {0, 5, 10});
        String svg = new SvgChart("c", "t", List.of(line), List.of(Scale.FROM_ZERO)).svg(464, 256);      // 400 × 200 within the margins
        assertTrue(svg.contains("d=\"M50.0 212.0L250.0 116.8L450.0 21.5\""), svg);
        assertTrue(svg.contains(">updates</text>"), "the axis says what it counts");
        assertEquals(3, Pattern.compile("<circle").matcher(svg).results().count());
    }

    @Test void aValueOfZeroRulesOutTheLogarithmicScale() {
        Line line = new Line("a", Stroke.THIN, new double[] {1, 2}, new double[] {0, 1});
        assertEquals(List.of(Scale.LINEAR), new SvgChart("c", "t", List.of(line), List.of(Scale.LOG, Scale.LINEAR)).scales());
        assertEquals(List.of(Scale.LINEAR), new SvgChart("c", "t", List.of(line), List.of(Scale.LOG)).scales());
        Line positive = new Line("a", Stroke.THIN, new double[] {1, 2}, new double[] {0.1, 1});
        assertEquals(List.of(Scale.LOG), new SvgChart("c", "t", List.of(positive), List.of(Scale.LOG)).scales());
    }

    @Test void manyPointsAreThinnedWithoutLosingTheExtremes() {
        double[] x = IntStream.range(0, 50_000).asDoubleStream().toArray();
        double[] y = x.clone();
        Arrays.fill(y, 1);
        y[31_007] = 99;
        y[31_013] = -99;
        Line thinned = new Line("a", Stroke.THIN, x, y).thinned();
        assertTrue(thinned.x().length <= 1600, thinned.x().length + " points");
        assertEquals(99, Arrays.stream(thinned.y()).max().orElseThrow());
        assertEquals(-99, Arrays.stream(thinned.y()).min().orElseThrow());
        assertEquals(49_999, thinned.x()[thinned.x().length - 1]);
    }

    @Test void aSinglePointIsDrawnOnEveryScale() {
        for (Scale scale : Scale.values()) {
            Line point = new Line("a", Stroke.THIN, new double[] {7}, new double[] {3});
            String svg = new SvgChart("c", "t", List.of(point), List.of(scale)).svg(400, 200);
            assertTrue(svg.contains("<circle") && !svg.contains("NaN") && !svg.contains("Infinity"), svg);
        }
    }
}
