package inkling.perf;

import inkling.runfile.ClusterConfig;
import inkling.runfile.ClusterConfig.Deltas;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a training in rounds sends and how long it waits, beside one in which all machines add up their gradients in every update:
 * <pre>
 * P               bytes of the trained weights; B bytes a second of one machine's network, 88 % of what it is called
 * every update    2·(N − 1)/N·P sent by each machine (a ring), so 2·(N − 1)/N·P / B seconds on top of an update's
 * a round         P to each machine; ⌈W/N⌉·P back from it, half of that with float16; 2·P from reducers to the driver; each worker's
 *                 optimizer read from the shared storage and written to it, 2·O·W in all at the rate B; {@value #ROUND_SECONDS} s of
 * Spark's own efficiency      time of updates / time of all
 * </pre>
 * An update's time is that of {@link Estimate}, for machines like this one.
 *
 * @param weightBytes P
 * @param optimizerBytes O, of one worker
 * @param updateSeconds of one worker's update on one machine
 * @param machines N, one process each
 * @param gigabits what the network is called: 10 for 10 GbE
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

    /** Bytes that one machine sends in each update where gradients are added up in each. */
    public double ringBytes() {
        return 2.0 * (machines - 1) / machines * weightBytes;
    }

    /** The share of its time that a machine computes then. */
    public double ringEfficiency() {
        return updateSeconds / (updateSeconds + ringBytes() / bandwidth());
    }

    private double backBytes() {
        return (double) turns() * weightBytes / (cluster.deltas() == Deltas.FLOAT16 ? 2 : 1);
    }

    /** Bytes that one machine receives and sends in a round, spread over its updates. */
    public double roundBytesAnUpdate() {
        return (weightBytes + backBytes() + 2.0 * turns() * optimizerBytes) / (turns() * (double) cluster.innerSteps());
    }

    /** Seconds of a round in which no machine computes. */
    public double outerSeconds() {
        double moved = weightBytes + backBytes() + 2.0 * weightBytes + 2.0 * cluster.workers() * optimizerBytes;
        return moved / bandwidth() + ROUND_SECONDS;
    }

    /** Seconds of updates in a round. */
    public double innerSeconds() {
        return turns() * cluster.innerSteps() * updateSeconds;
    }

    public double roundEfficiency() {
        return innerSeconds() / (innerSeconds() + outerSeconds());
    }

    /** The part of {@code estimate --cluster --json} under {@code cluster}. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machines", machines);
        document.put("workers", cluster.workers());
        document.put("network_gbit", gigabits);
        document.put("update_seconds", updateSeconds);
        document.put("every_update", Map.of("bytes_per_machine_and_update", ringBytes(), "efficiency", ringEfficiency()));
        document.put("rounds", Map.of("bytes_per_machine_and_update", roundBytesAnUpdate(), "inner_seconds", innerSeconds(),
            "outer_seconds",
            outerSeconds(), "efficiency", roundEfficiency()));
        return document;
    }
}
