package inkling.spark;

import inkling.runfile.ClusterConfig;
import inkling.spark.settings.ClusterSettings;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.apache.spark.Resubmitted$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Tells the user about each round: how far its workers are, how long each part took, and how many bytes were moved. */
final class RoundLog {
    /** Once a round has taken longer, each further worker that is done is reported. */
    private static final double LONG_ROUND_SECONDS = 20;
    /** A shorter time for reading model and text is not reported. */
    private static final double SHORT_OPENING = 0.05;

    private final ClusterConfig cluster;
    private final long weights;
    private final Consumer<String> remarks;
    private volatile long began;   // System.nanoTime() at the round's beginning
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();   // the workers that are done
    private long round;
    private long rounds;
    private long from;             // the step at the round's beginning
    private long to;               // the step at the round's end
    private double trainedSeconds;
    private double stepSeconds;
    private double sentSeconds;
    private Optional<DoubleFunction<String>> roundLine = Optional.empty();   // of an unsaved round, given the seconds of saving
    private final Set<String> cpus;
    private boolean cpusTold;

    /**
     * @param weights how many numbers every worker sends
     * @param cpus the processors on which the run was trained before
     */
    RoundLog(ClusterConfig cluster, long weights, Set<String> cpus, Consumer<String> remarks) {
        this.cluster = cluster;
        this.weights = weights;
        this.remarks = remarks;
        this.cpus = new TreeSet<>(cpus);
    }

    /** Tells the user that no process can train yet. */
    void waiting(ClusterSettings settings) {
        remarks.accept("waiting for %s to start a training process, up to %d s; each process asks for %s".formatted(settings.master(),
            settings.executorWaitSeconds(), settings.asked()));
    }

    /** Begins a round of the updates after {@code start}, up to {@code end}, in a run of {@code maxSteps} updates. */
    void begin(long start, long end, long maxSteps) {
        began = System.nanoTime();
        done.clear();
        stepSeconds = 0;
        round = start / cluster.innerSteps() + 1;
        rounds = (maxSteps + cluster.innerSteps() - 1) / cluster.innerSteps();
        from = start;
        to = end;
    }

    /** The driver has read the weights and given them to Spark to send. */
    void sent() {
        sentSeconds = seconds();
    }

    /** All workers are done, and the driver has their reports. */
    void trained() {
        trainedSeconds = seconds();
    }

    /** The outer step of a chunk took {@code nanos}. */
    void stepped(long nanos) {
        stepSeconds += nanos / 1e9;
    }

    private double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    /**
     * The round has new weights. The user is told when the weights are saved, since the round's time includes saving.
     *
     * @param roundSeconds how long the round has taken so far
     */
    void ended(List<WorkerReport.Trained> reports, double roundSeconds) {
        double opening = longest(reports, WorkerReport.Seconds::open);
        double sending = sentSeconds + longest(reports, WorkerReport.Seconds::receive);
        double gathering = Math.max(0, roundSeconds - trainedSeconds - stepSeconds);
        String workers = workers(reports);
        roundLine = Optional.of(saving -> text("round %,d/%,d, step %,d: %.1f s = %s%.1f to send weights, training %.1f, gathering %.1f,"
            + " outer step %.1f, saving %.1f; %s", round, rounds, to, roundSeconds + saving,
            opening < SHORT_OPENING ? "" : text("model and text %.1f, ", opening), sending, Math.max(0, trainedSeconds - opening - sending),
            gathering, stepSeconds, saving, workers));
        cpus.addAll(reports.stream().map(WorkerReport.Trained::cpu).toList());
    }

    /**
     * A checkpoint was written, in {@code seconds}. If the checkpoint ends a round, tells the user about that round. If the run's workers
     * had different processors, tells the user so once, and again after a resume.
     */
    void saved(double seconds) {
        roundLine.ifPresent(line -> remarks.accept(line.apply(seconds)));
        roundLine = Optional.empty();
        if (cpus.size() > 1 && !cpusTold) {
            cpusTold = true;
            remarks.accept("The run's workers had different processors (%s): libraries choose kernels by processor, and the last bits of"
                .formatted(String.join("; ", cpus)) + " numbers depend on which machine trained which worker.");
        }
    }

    /** Adds up one kind of time (e.g. receiving) over the workers of each process; returns the longest sum, in seconds. */
    private static double longest(List<WorkerReport.Trained> reports, ToDoubleFunction<WorkerReport.Seconds> part) {
        return byProcess(reports, part).values().stream().mapToDouble(seconds -> seconds).max().orElseThrow();
    }

    private static Map<String, Double> byProcess(List<WorkerReport.Trained> reports, ToDoubleFunction<WorkerReport.Seconds> part) {
        Map<String, Double> seconds = new TreeMap<>();
        reports.forEach(report -> seconds.merge(report.process(), part.applyAsDouble(report.seconds()), Double::sum));
        return seconds;
    }

    private String workers(List<WorkerReport.Trained> reports) {
        Map<String, Double> busy = byProcess(reports, WorkerReport.Seconds::all);
        WorkerReport.Trained slowest = reports.stream().max(Comparator.comparingDouble(report -> report.seconds().train())).orElseThrow();
        double longest = longest(reports, WorkerReport.Seconds::all);
        double lost = busy.values().stream().mapToDouble(seconds -> longest - seconds).sum();
        long again = reports.stream().filter(report -> report.attempt() > 0).count();
        return text("%s in %s, slowest %d on %s with %.1f s%s; %s%s", counted(reports.size(), "worker", "workers"),
            counted(busy.size(), "process", "processes"), slowest.worker(), slowest.process(), slowest.seconds().train(),
            busy.size() > 1 ? text(", %.1f s lost waiting for the last process", lost) : "", moved(reports, busy.size()),
            again > 0 ? text("; %s made again", counted(again, "worker", "workers")) : "");
    }

    private static String counted(long count, String one, String more) {
        return text("%,d %s", count, count == 1 ? one : more);
    }

    /**
     * How many bytes go over the network, if each process has its own machine, and how many bytes of optimizers go to and from the storage.
     */
    private String moved(List<WorkerReport.Trained> reports, int processes) {
        long received = processes * weights * Float.BYTES;
        long sent = reports.size() * weights * ChunkBytes.width(cluster.deltas()) + weights * Double.BYTES;
        long written = reports.stream().mapToLong(WorkerReport.Trained::stateBytes).sum();
        long stored = from == 0 ? written : 2 * written;   // a run's first round has no state to read
        return text("%,.1f MB of weights sent to workers, %,.1f MB back, %,.1f MB of optimizers on storage", received / 1e6, sent / 1e6,
            stored / 1e6);
    }

    /** Reports each worker that is lost, also if it was done, and in long rounds each further worker that is done. */
    SparkListener listener() {
        return new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (!end.taskType().equals("ShuffleMapTask")) {
                    return;
                }
                double seconds = seconds();
                int worker = end.taskInfo().partitionId();
                if (!end.taskInfo().successful() || end.reason() == Resubmitted$.MODULE$) {   // resubmitted: was done, then lost
                    done.remove(worker);
                    remarks.accept(text("round %,d: worker %d on %s was lost after %.0f s; Spark begins it again if a try is left", round,
                        worker, end.taskInfo().host(), end.taskInfo().duration() / 1e3));
                } else if (done.add(worker) && seconds > LONG_ROUND_SECONDS) {
                    remarks.accept(text("round %,d/%,d: %d of %d workers done after %.0f s", round, rounds, done.size(), cluster.workers(),
                        seconds));
                }
            }
        };
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
