package inkling.spark;

import inkling.runfile.ClusterConfig;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Tells the user of each round: how far its workers are, where its time went, and how much was moved. */
final class RoundLog {
    /** Rounds that take longer are told worker by worker. */
    private static final double LONG_ROUND_SECONDS = 20;

    private final ClusterConfig cluster;
    private final long weights;
    private final Consumer<String> remarks;
    private volatile long began;
    private volatile int done;
    private long round;
    private long rounds;
    private long to;
    private double trainedSeconds;
    private double stepSeconds;
    private final Set<String> cpus = new HashSet<>();

    /** @param weights how many numbers every worker sends */
    RoundLog(ClusterConfig cluster, long weights, Consumer<String> remarks) {
        this.cluster = cluster;
        this.weights = weights;
        this.remarks = remarks;
    }

    void begin(long from, long end, long maxSteps) {
        began = System.nanoTime();
        done = 0;
        stepSeconds = 0;
        round = from / cluster.innerSteps() + 1;
        rounds = (maxSteps + cluster.innerSteps() - 1) / cluster.innerSteps();
        to = end;
    }

    /** All workers are done, and their reports are here. */
    void trained() {
        trainedSeconds = seconds();
    }

    void stepped(long nanos) {
        stepSeconds += nanos / 1e9;
    }

    private double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    void end(List<WorkerReport.Trained> reports, double roundSeconds) {
        Map<String, Double> busy = new TreeMap<>();
        reports.forEach(report -> busy.merge(report.process(), report.receiveSeconds() + report.trainSeconds(), Double::sum));
        WorkerReport.Trained slowest = reports.stream().max(Comparator.comparingDouble(WorkerReport.Trained::trainSeconds)).orElseThrow();
        double longest = busy.values().stream().mapToDouble(seconds -> seconds).max().orElseThrow();
        double lost = busy.values().stream().mapToDouble(seconds -> longest - seconds).sum();
        long again = reports.stream().filter(report -> report.attempt() > 0).count();
        remarks.accept(text("round %,d/%,d, step %,d: %.1f s = training %.1f, gathering %.1f, outer step %.1f; %s in %s, slowest %d with %.1f s,"
            + " %.1f s lost waiting for it; %s%s", round, rounds, to, roundSeconds, trainedSeconds,
            Math.max(0, roundSeconds - trainedSeconds - stepSeconds), stepSeconds, counted(reports.size(), "worker", "workers"),
            counted(busy.size(), "process", "processes"), slowest.worker(), slowest.trainSeconds(), lost, moved(reports, busy.size()),
            again > 0 ? text("; %s begun anew", counted(again, "worker", "workers")) : ""));
        reports.forEach(report -> tellCpu(report.cpu()));
    }

    private static String counted(long count, String one, String more) {
        return text("%,d %s", count, count == 1 ? one : more);
    }

    /** What goes through the network where processes have machines of their own, and to and from the storage. */
    private String moved(List<WorkerReport.Trained> reports, int processes) {
        long received = processes * weights * Float.BYTES;
        long sent = reports.size() * weights * Encoding.width(cluster.deltas()) + weights * Double.BYTES;
        long stored = 2 * reports.stream().mapToLong(WorkerReport.Trained::stateBytes).sum();
        return text("%,.1f MB of weights sent to workers, %,.1f MB back, %,.1f MB of optimizers on storage", received / 1e6, sent / 1e6, stored / 1e6);
    }

    private void tellCpu(String cpu) {
        if (cpus.add(cpu) && cpus.size() == 2) {
            remarks.accept("The workers' machines have different processors (%s): libraries choose other kernels there, and the last bits of numbers depend on"
                .formatted(String.join("; ", cpus)) + " which machine trains which worker.");
        }
    }

    /** Tells of single workers in long rounds. */
    SparkListener listener() {
        return new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (!end.taskType().equals("ShuffleMapTask")) {
                    return;
                }
                double seconds = seconds();
                if (!end.taskInfo().successful()) {
                    remarks.accept(text("round %,d: worker %d on %s was lost after %.0f s and is begun anew", round, end.taskInfo().index(),
                        end.taskInfo().host(), end.taskInfo().duration() / 1e3));
                    return;
                }
                done++;
                if (seconds > LONG_ROUND_SECONDS) {
                    remarks.accept(text("round %,d/%,d: %d of %d workers done after %.0f s", round, rounds, done, cluster.workers(), seconds));
                }
            }
        };
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
