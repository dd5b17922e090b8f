package inkling.perf;

import inkling.runfile.ClusterConfig;
import inkling.runfile.ClusterConfig.Deltas;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The traffic and the waiting time of a training in rounds. They are compared with a training whose machines add up their gradients in
 * every update:
 * <pre>
 * N, W            machines and workers
 * P, O            bytes of the trained weights, and of one worker's optimizer
 * B               bytes a second of one machine's network: 88 % of its nominal speed
 * every update    each machine sends 2·(N − 1)/N·P bytes (a ring), which takes 2·(N − 1)/N·P / B seconds besides the update itself
 * a round         P bytes go to each machine, ⌈W/N⌉·P back from it (half of that with float16), and 2·P from the reducers to the driver.
 *                 Each worker's optimizer is read from the shared storage and written to it: 2·O·W bytes in all. All this moves at the
 *                 rate B. Spark's own work takes another {@value #ROUND_SECONDS} s
 * efficiency      time of updates / time of all
 * </pre>
 * The time of an update is the one that {@link Estimate} gives, for machines like this one.
 *
 * @param weightBytes P
 * @param optimizerBytes O, of one worker
 * @param updateSeconds of one worker's update on one machine
 * @param machines N, one process each
 * @param gigabits nominal speed of the network in Gbit/s: 10 for 10 GbE
 */
public record ClusterEstimate(ClusterConfig cluster, long weightBytes, long optimizerBytes, double updateSeconds, int machines,
                              double gigabits) {
    private static final double USEFUL_SHARE_OF_NETWORK = 0.88;
    private static final double ROUND_SECONDS = 1;

    public ClusterEstimate {
        if (machines < 1 || !(gigabits > 0)) {
            throw new IllegalArgumentException("%d machines, %s Gbit/s".formatted(machines, gigabits));
        }
    }

    private double bandwidth() {
        return gigabits * 1e9 / 8 * USEFUL_SHARE_OF_NETWORK;
    }

    /** Workers that the busiest machine trains, one after the other. */
    public int turns() {
        return (cluster.workers() + machines - 1) / machines;
    }

    /** Bytes that one machine sends in each update, if gradients are added up in every update. */
    public double ringBytes() {
        return 2.0 * (machines - 1) / machines * weightBytes;
    }

    /** The share of the time in which a machine computes, if gradients are added up in every update. */
    public double ringEfficiency() {
        return updateSeconds / (updateSeconds + ringBytes() / bandwidth());
    }

    /** Bytes that the busiest machine sends back in a round. */
    private double backBytes() {
        return (double) turns() * weightBytes / (cluster.deltas() == Deltas.FLOAT16 ? 2 : 1);
    }

    /** Bytes that the busiest machine receives and sends in a round, divided by the number of its updates. */
    public double roundBytesAnUpdate() {
        return (weightBytes + backBytes() + 2.0 * turns() * optimizerBytes) / (turns() * (double) cluster.innerSteps());
    }

    /** Seconds of a round in which no machine computes. */
    public double outerSeconds() {
        double moved = weightBytes + backBytes() + 2.0 * weightBytes + 2.0 * cluster.workers() * optimizerBytes;
        return moved / bandwidth() + ROUND_SECONDS;
    }

    /** Seconds of a round in which the busiest machine makes updates. */
    public double innerSeconds() {
        return (double) turns() * cluster.innerSteps() * updateSeconds;
    }

    /** The share of the time in which the busiest machine computes, in a training in rounds. */
    public double roundEfficiency() {
        return innerSeconds() / (innerSeconds() + outerSeconds());
    }

    /** The value of {@code cluster} in the document of {@code estimate --cluster --json}. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machines", machines);
        document.put("workers", cluster.workers());
        document.put("network_gbit", gigabits);
        document.put("update_seconds", updateSeconds);
        document.put("every_update", Map.of("bytes_per_machine_and_update", ringBytes(), "efficiency", ringEfficiency()));
        document.put("rounds", Map.of("bytes_per_machine_and_update", roundBytesAnUpdate(), "inner_seconds", innerSeconds(),
            "outer_seconds", outerSeconds(), "efficiency", roundEfficiency()));
        return document;
    }
}
