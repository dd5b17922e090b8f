package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A master and two workers run on this machine, and processes of a training are killed within rounds. The victims are executors, worker
 * daemons (which are started again) and the driver (whose run is resumed). No round that was saved is lost, and the training ends with the
 * same bits as one that was not disturbed. The option {@code -Dinkling.kills} sets the number of kills (20 without it). The option
 * {@code -Dinkling.seed} sets the seed that chooses victims and moments (1 without it).
 */
@Tag("long")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class KillsTest {
    private static final int STEPS = 120;
    private static final int KILLS = Integer.getInteger("inkling.kills", 20);
    private static final long SEED = Long.getLong("inkling.seed", 1);
    @TempDir static Path directory;

    private enum Victim { EXECUTOR, WORKER, DRIVER }

    private final Random random = new Random(SEED);
    private final Map<Victim, Integer> killed = new EnumMap<>(Victim.class);

    @Test void noKillLosesARoundOrChangesABit() throws IOException {
        SmallRun small = new SmallRun(directory);
        small.begin(SmallRun.on("local"), small.config("whole", "train.max_steps=" + STEPS, "train.keep_checkpoints=2"));
        try (Standalone cluster = Standalone.start(directory, 2)) {
            for (int run = 0; kills() < KILLS; run++) {
                disturbed(small, "killed" + run, cluster);
                assertEquals(small.bits("whole", STEPS), small.bits("killed" + run, STEPS), "killed" + run + ", seed " + SEED);
                assertEquals(small.rows("whole", "metrics.csv", 6), small.rows("killed" + run, "metrics.csv", 6));
            }
        }
        System.out.println(kills() + " kills, seed " + SEED + ", " + killed + ": no round lost, the same bits");
    }

    private int kills() {
        return killed.values().stream().mapToInt(count -> count).sum();
    }

    /** One run from its beginning to its end, with kills on the way. */
    private void disturbed(SmallRun small, String name, Standalone cluster) throws IOException {
        Process driver = Processes.start(directory, "train", "small.yaml", "--run", name, "--set", "train.max_steps=" + STEPS, "--set",
            "train.keep_checkpoints=2", "--master", cluster.master(), "--conf", "spark.executor.memory=600m");
        BufferedReader lines = driver.inputReader(StandardCharsets.UTF_8);
        StringBuilder told = new StringBuilder();
        int savesLeft = 1 + random.nextInt(4);
        long reached = 0;
        long saved = System.nanoTime();
        while (true) {
            String line = lines.readLine();
            assertNotNull(line, () -> "the driver ended by itself:\n" + told);
            told.append(line).append('\n');
            if (line.startsWith("Done after " + STEPS)) {
                break;
            }
            if (!line.startsWith("saved step-")) {
                continue;
            }
            reached = Math.max(reached, Long.parseLong(line.substring(11)));
            long round = System.nanoTime() - saved;
            saved = System.nanoTime();
            if (--savesLeft > 0 || kills() == KILLS || reached > STEPS - 2 * SmallRun.ROUND) {
                continue;
            }
            savesLeft = 1 + random.nextInt(4);
            Processes.pause((long) (random.nextDouble() * Math.min(round, TimeUnit.SECONDS.toNanos(3))));   // some moment of the next round
            Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
            switch (victim) {
                case EXECUTOR -> {
                    List<ProcessHandle> executors = cluster.executors();
                    if (executors.isEmpty()) {
                        continue;   // the successor of a killed executor is not there yet
                    }
                    executors.get(random.nextInt(executors.size())).destroyForcibly();
                }
                case WORKER -> cluster.restart(random.nextInt(2));
                case DRIVER -> {
                    driver.destroyForcibly().onExit().join();
                    long last = Long.parseLong(Files.readString(small.run(name).resolve("last")).strip().substring(5));
                    assertTrue(last >= reached, "step " + last + " is the last, but step " + reached + " was saved");
                    driver = Processes.start(directory, "train", "--resume", name, "--master", cluster.master(), "--conf",
                        "spark.executor.memory=600m");
                    lines = driver.inputReader(StandardCharsets.UTF_8);
                }
            }
            killed.merge(victim, 1, Integer::sum);
            told.append("-- killed: ").append(victim).append('\n');
        }
        assertEquals(0, driver.onExit().join().exitValue());
    }
}
