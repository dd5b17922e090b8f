package inkling.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Learning rates against numbers that were worked out by hand from the formulas. */
class ScheduleTest {
    @ParameterizedTest
    @CsvSource({
        "0, 9.900990099009901e-6",      // 1e-3 · 1 / 101
        "49, 4.950495049504950e-4",     // 1e-3 · 50 / 101
        "99, 9.900990099009901e-4",     // 1e-3 · 100 / 101
        "100, 1.0e-3",
        "575, 8.681980515339464e-4",    // a quarter of the way: 1e-4 + (1 + √½) / 2 · 9e-4
        "1050, 5.5e-4",                 // half way
        "1525, 2.318019484660536e-4",   // three quarters: 1e-4 + (1 − √½) / 2 · 9e-4
        "2000, 1.0e-4",
        "9000, 1.0e-4"})
    void cosineWarmsUpThenFallsToTheMinimumAndStays(long step, double expected) {
        LearningRate rate = new Schedule.WarmupCosine(1e-3, 1e-4, 100, 2000).over(2000);
        assertEquals(expected, rate.at(step), 1e-15);
    }

    @Test
    void cosineDoesNotDependOnTheLengthOfTheRun() {
        Schedule schedule = new Schedule.WarmupCosine(1e-3, 1e-4, 100, 2000);
        assertEquals(schedule.over(2000).at(1234), schedule.over(500_000).at(1234));
    }

    /** Without {@code decay_steps}, a run of 300 updates reaches the minimum at its end. */
    @Test
    void cosineEndsWithTheRunUnlessItsEndIsGiven() {
        Schedule schedule = new Schedule.WarmupCosine(1e-3, 1e-4, 100, Optional.empty());
        assertEquals(5.5e-4, schedule.over(300).at(200), 1e-15);
        assertEquals(1e-4, schedule.over(300).at(300), 1e-15);
        assertEquals(5.5e-4, schedule.over(500).at(300), 1e-15);
    }

    @ParameterizedTest
    @CsvSource({"0, 9.090909090909091e-5", "9, 9.090909090909091e-4", "10, 1e-3", "900, 1e-3", "901, 9.91e-4", "950, 5.5e-4",
        "999, 1.09e-4",
        "1000, 1e-4", "1001, 1e-4"})
    void stableDecayEndsAtTheEndOfTheRun(long step, double expected) {
        assertEquals(expected, new Schedule.WarmupStableDecay(1e-3, 1e-4, 10, 100).over(1000).at(step), 1e-15);
    }

    @Test
    void aLongerRunDecaysLater() {
        Schedule schedule = new Schedule.WarmupStableDecay(1e-3, 0, 10, 100);
        assertEquals(5e-4, schedule.over(1000).at(950), 1e-15);
        assertEquals(1e-3, schedule.over(2000).at(950), 1e-15);
        assertEquals(5e-4, schedule.over(2000).at(1950), 1e-15);
    }

    @Test
    void stableDecayMustFitIntoTheRun() {
        Schedule schedule = new Schedule.WarmupStableDecay(1e-3, 0, 10, 100);
        assertEquals(1e-3, schedule.over(110).at(10));
        String message = assertThrows(ConfigException.class, () -> schedule.over(109)).getMessage();
        assertTrue(message.contains("warmup_steps = 10 and decay_steps = 100 do not fit into max_steps = 109"), message);
    }

    @Test
    void constantIsThePeakFromTheFirstUpdateUnlessAWarmUpIsGiven() {
        assertEquals(3e-4, new Schedule.Constant(3e-4, 0).over(10).at(0));
        assertEquals(1e-4, new Schedule.Constant(3e-4, 2).over(10).at(0), 1e-18);
        assertEquals(3e-4, new Schedule.Constant(3e-4, 2).over(10).at(2));
    }

    @Test
    void allBrokenRulesAreToldAtOnce() {
        ConfigException e = assertThrows(ConfigException.class, () -> new Schedule.WarmupCosine(-1, Double.NaN, -1, 0));
        assertEquals(java.util.List.of("learning_rate", "warmup_steps", "min_learning_rate", "decay_steps"),
            e.problems().stream().map(ConfigException.Problem::field).toList());
    }

    @Test
    void aMinimumAboveThePeakIsRefused() {
        String message = assertThrows(ConfigException.class, () -> new Schedule.WarmupCosine(1e-3, 2e-3, 1, 10)).getMessage();
        assertTrue(message.contains("min_learning_rate = 0.002 is above learning_rate = 0.001"), message);
    }
}
