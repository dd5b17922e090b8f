package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.runfile.ClusterConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.Resubmitted$;
import org.apache.spark.Success$;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskState;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines that the user reads about a round. */
class RoundLogTest {
    @TempDir static Path directory;
    private final List<String> told = new ArrayList<>();

    private RoundLog log(String... cpus) {
        ClusterConfig cluster = new SmallRun(directory).config("log").cluster();
        return new RoundLog(cluster, 1_000_000, Set.of(cpus), told::add);
    }

    private static WorkerReport.Trained report(int worker, String process, String cpu, int attempt, double seconds) {
        return new WorkerReport.Trained(worker, attempt, process, cpu, 3, 1, 1e-3, 3, 512, new WorkerReport.Seconds(2, 1, seconds), "",
            8_000_000);
    }

    private void round(RoundLog log, WorkerReport.Trained... reports) {
        round(log, 0, reports);
    }

    private void round(RoundLog log, long from, WorkerReport.Trained... reports) {
        log.begin(from, from + SmallRun.ROUND, SmallRun.STEPS);
        log.sent();
        log.trained();
        log.ended(List.of(reports), 60);
        log.saved(1.5);
    }

    @Test void aSlowWorkerIsNamedWithTheTimeThatOthersWaited() {
        round(log(), report(0, "a/1", "one", 0, 10), report(1, "b/2", "one", 0, 45), report(2, "a/1", "one", 0, 11),
            report(3, "c/3", "one", 0, 40));
        String line = told.get(0);
        assertTrue(line.startsWith("round 1/6, step 4: 61.5 s = model and text 4.0, 2.0 to send weights, "), line);
        assertTrue(line.contains("saving 1.5; 4 workers in 3 processes, slowest 1 on b/2 with 45.0 s, 26.0 s lost waiting for the last"
            + " process; "), line);
        assertTrue(line.contains("12.0 MB of weights sent to workers, 24.0 MB back, 32.0 MB of optimizers on storage"), line);
        assertEquals(1, told.size(), told.toString());
    }

    /** In the first round, workers write the state of their optimizers. In later rounds they read it, too. */
    @Test void theFirstRoundReadsNoOptimizers() {
        RoundLog log = log();
        for (long from : new long[] {0, 2, SmallRun.ROUND}) {   // at 2 if train.max_steps was 2, and the run went on
            round(log, from, report(0, "a/1", "one", 0, 10), report(1, "b/2", "one", 0, 10));
        }
        assertTrue(told.get(0).contains(" 16.0 MB of optimizers on storage"), told.get(0));
        assertTrue(told.get(1).contains(" 32.0 MB of optimizers on storage"), told.get(1));
        assertTrue(told.get(2).contains(" 32.0 MB of optimizers on storage"), told.get(2));
    }

    @Test void workersThatWereMadeAgainAreCounted() {
        round(log(), report(0, "a/1", "one", 0, 10), report(1, "a/1", "one", 2, 10));
        assertTrue(told.get(0).endsWith("; 1 worker made again") && !told.get(0).contains("waiting"), told.get(0));
    }

    private static SparkListenerTaskEnd end(int worker, TaskEndReason reason) {
        TaskInfo info = new TaskInfo(7, 0, 0, worker, 1_000, "executor", "host", TaskLocality.ANY(), false);
        info.markFinished(TaskState.FINISHED(), 13_000);
        return new SparkListenerTaskEnd(1, 0, "ShuffleMapTask", reason, info, null, null);
    }

    /** If a process dies after its worker was done, Spark reports the worker's task once more, as resubmitted. */
    @Test void aWorkerThatWasDoneAndIsLostWithItsProcessIsTold() {
        RoundLog log = log();
        log.begin(0, SmallRun.ROUND, SmallRun.STEPS);
        SparkListener listener = log.listener();
        listener.onTaskEnd(end(3, Success$.MODULE$));
        assertEquals(List.of(), told);
        listener.onTaskEnd(end(3, Resubmitted$.MODULE$));
        assertEquals(1, told.size(), told.toString());
        assertTrue(told.get(0).contains("worker 3 on host was lost after 12 s"), told.get(0));
    }

    @Test void differentProcessorsAreToldOnce() {
        RoundLog log = log();
        round(log, report(0, "a/1", "Zen 4 01234567", 0, 10), report(1, "b/2", "Xeon 89abcdef", 0, 10));
        round(log, report(0, "a/1", "Zen 4 01234567", 0, 10), report(1, "b/2", "Xeon 89abcdef", 0, 10));
        List<String> remarks = told.stream().filter(line -> line.contains("different processors (Xeon 89abcdef; Zen 4 01234567)")).toList();
        assertEquals(1, remarks.size(), told.toString());
        assertTrue(remarks.get(0).contains("last bits"), remarks.toString());
    }

    @Test void otherProcessorsThanThoseBeforeAResumeAreTold() {
        RoundLog log = log("Zen 4 01234567");
        round(log, report(0, "a/1", "Xeon 89abcdef", 0, 10), report(1, "b/2", "Xeon 89abcdef", 0, 10));
        assertTrue(told.get(1).contains("different processors (Xeon 89abcdef; Zen 4 01234567)"), told.toString());
    }

    @Test void aProcessorIsItsModelAndItsFeatures() {
        String one = Machine.cpu(List.of("model name\t: AMD EPYC, 9B14", "flags\t\t: fpu avx2"));
        String two = Machine.cpu(List.of("model name\t: AMD EPYC, 9B14", "flags\t\t: fpu avx2 avx512f"));
        assertTrue(one.startsWith("AMD EPYC  9B14 ") && !one.equals(two), one + "; " + two);
        assertTrue(Machine.cpu(List.of("Features\t: asimd sve")).startsWith(System.getProperty("os.arch") + " "));
    }
}
