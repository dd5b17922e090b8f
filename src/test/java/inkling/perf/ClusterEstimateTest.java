package inkling.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.runfile.ClusterConfig;
import inkling.runfile.ClusterConfig.Deltas;
import inkling.runfile.ClusterConfig.Nesterov;
import org.junit.jupiter.api.Test;

/** GPT-2 124M on eight machines with 10 GbE, by hand: P = 496 MB, B = 1.1 GB/s. */
class ClusterEstimateTest {
    private static ClusterEstimate of(int workers, int machines, Deltas deltas) {
        return new ClusterEstimate(new ClusterConfig(workers, 500, new Nesterov(0.7, 0.9), deltas), 496_000_000L, 992_000_000L, 6.1,
            machines, 10);
    }

    @Test void aRingInEveryUpdateSendsNearlyTwiceTheWeights() {
        assertEquals(868e6, of(8, 8, Deltas.FLOAT32).ringBytes(), 1);
        assertEquals(0.89, of(8, 8, Deltas.FLOAT32).ringEfficiency(), 0.005);
        assertEquals(0, of(1, 1, Deltas.FLOAT32).ringBytes());
    }

    /** (1 + 1 + 2) · 496 MB and 16 · 992 MB of optimizers through 1.1 GB/s, and a second. */
    @Test void aRoundMovesWeightsOnceAndOptimizersTwice() {
        ClusterEstimate round = of(8, 8, Deltas.FLOAT32);
        assertEquals((4 * 0.496 + 16 * 0.992) / 1.1 + 1, round.outerSeconds(), 1e-9);
        assertEquals((496e6 + 496e6 + 2 * 992e6) / 500, round.roundBytesAnUpdate(), 1);
        assertEquals(500 * 6.1, round.innerSeconds(), 1e-9);
        assertEquals(0.994, round.roundEfficiency(), 0.001);
    }

    @Test void fewerMachinesTakeTurnsAndHalvesHalveWhatIsSent() {
        assertEquals(2 * 500 * 6.1, of(8, 4, Deltas.FLOAT32).innerSeconds(), 1e-9);
        assertEquals(3, of(8, 3, Deltas.FLOAT32).turns());
        assertEquals(0.248 / 1.1, of(8, 8, Deltas.FLOAT32).outerSeconds() - of(8, 8, Deltas.FLOAT16).outerSeconds(), 1e-9);
    }
}
