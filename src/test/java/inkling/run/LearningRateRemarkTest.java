package inkling.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.optim.Schedule;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LearningRateRemarkTest {
    private static Schedule cosine(long warmupSteps, long decaySteps) {
        return new Schedule.WarmupCosine(1e-3, 1e-4, warmupSteps, decaySteps);
    }

    @Test
    void aRateThatNeverComesDownIsSaid() {
        assertEquals(Optional.of("the learning rate falls less than half of the way to its minimum: 9.99e-04 at the last update,"
            + " 1.00e-03 at most, since"
            + " schedule.decay_steps = 2000 lies far beyond train.max_steps = 50. With --set schedule.decay_steps=50 it falls "
            + "to 1.00e-04 by"
            + " the end."), LearningRateRemark.of(cosine(5, 2000), 0, 50));
        assertEquals(true, LearningRateRemark.of(cosine(0, 2000), 0, 1000).isPresent(), "the last rate is just above the middle");
        assertEquals(Optional.empty(), LearningRateRemark.of(cosine(0, 2000), 0, 1010));
        assertEquals(Optional.empty(), LearningRateRemark.of(cosine(5, 50), 0, 50));
        assertEquals(Optional.of("the run ends while the learning rate still rises: schedule.warmup_steps = 100, train.max_steps = 50."),
            LearningRateRemark.of(cosine(100, 2000), 0, 50));
    }

    @Test
    void updatesAfterTheDecayAreRemarked() {
        assertEquals(Optional.of("all updates from here on have the smallest learning rate, 1.00e-04: they come after"
            + " schedule.decay_steps = 50. With --set schedule.decay_steps=60 the rate reaches this minimum only at the end of the run."),
            LearningRateRemark.of(cosine(5, 50), 50, 60));
        assertEquals(Optional.empty(), LearningRateRemark.of(cosine(5, 50), 49, 60), "one update is within the decay");
        assertEquals(Optional.empty(), LearningRateRemark.of(cosine(5, 50), 60, 60), "no update is left");
    }

    @Test
    void aRunOfAnotherLengthIsToldWhereItsRateGoes() {
        assertEquals(Optional.of("the learning rate follows train.max_steps: 5.50e-04 at the next update, 1.00e-04 at the end."),
            LearningRateRemark.ofOtherLength(run("train.max_steps=4000", "schedule.warmup_steps=0"), 2000));
        assertEquals(Optional.empty(), LearningRateRemark.ofOtherLength(run("train.max_steps=4000", "schedule.decay_steps=2000"), 2000));
    }

    private static RunConfig run(String... settings) {
        return ConfigFile.parse("name: a\ndata: {train: x.txt}\nschedule: {learning_rate: 1.0e-3}\n", "x.yaml", List.of(settings));
    }

    @Test
    void otherSchedulesAndAFlatCosineNeedNoRemark() {
        assertEquals(Optional.empty(), LearningRateRemark.of(new Schedule.Constant(1e-3, 0), 0, 50));
        assertEquals(Optional.empty(), LearningRateRemark.of(new Schedule.WarmupStableDecay(1e-3, 0, 10, 20), 0, 50));
        assertEquals(Optional.empty(), LearningRateRemark.of(new Schedule.WarmupCosine(1e-3, 1e-3, 5, 2000), 0, 50),
            "nothing to come down to");
    }
}
