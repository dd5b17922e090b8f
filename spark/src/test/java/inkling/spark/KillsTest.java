package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes are killed at random, -Dinkling.kills of them (20), by a seed, -Dinkling.seed (1): no round that was saved is lost, and the bits are the same. */
@Tag("long")
class KillsTest {
    private static final int STEPS = 120;
    private static final int KILLS = Integer.getInteger("inkling.kills", 20);
    private static final long SEED = Long.getLong("inkling.seed", 1);
    @TempDir static Path directory;

    @Test void noKillLosesARoundOrChangesABit() throws IOException {
        SmallRun small = new SmallRun(directory);
        String length = "train.max_steps=" + STEPS;
        small.begin(SmallRun.on("local"), small.config("whole", length, "train.keep_checkpoints=2"));
        Random random = new Random(SEED);
        int kills = 0;
        for (int run = 0; kills < KILLS; run++) {
            String name = "killed" + run;
            long reached = 0;
            Process driver = Processes.start(directory, "train", "small.yaml", "--run", name, "--set", length, "--set", "train.keep_checkpoints=2",
                "--master", "local-cluster[2,1,512]");
            for (boolean done = false; !done; ) {
                BufferedReader lines = driver.inputReader(StandardCharsets.UTF_8);
                boolean killDriver = random.nextInt(3) == 0;
                int savesLeft = 1 + random.nextInt(4);
                for (String line = lines.readLine(); line != null && !done; line = lines.readLine()) {
                    done = line.startsWith("Done after " + STEPS);
                    reached = line.startsWith("saved step-") ? Math.max(reached, Long.parseLong(line.substring(11))) : reached;
                    if (line.startsWith("saved step-") && --savesLeft == 0 && kills < KILLS) {
                        kills++;
                        if (killDriver) {
                            break;
                        }
                        executor(driver, random).destroyForcibly();
                        savesLeft = 1 + random.nextInt(4);
                    }
                }
                if (!done) {
                    assertTrue(killDriver || kills >= KILLS, "ended by itself after step " + reached);
                    Processes.kill(driver.toHandle());
                    driver.onExit().join();
                    String last = Files.readString(small.run(name).resolve("last")).strip();
                    assertTrue(Long.parseLong(last.substring(5)) >= reached, last + ", but step " + reached + " was saved");
                    driver = Processes.start(directory, "train", "--resume", name, "--master", "local-cluster[2,1,512]");
                }
            }
            assertEquals(0, driver.onExit().join().exitValue());
            assertEquals(small.bits("whole", STEPS), small.bits(name, STEPS), name + ", seed " + SEED);
            assertEquals(small.rows("whole", "metrics.csv", 6), small.rows(name, "metrics.csv", 6));
        }
        System.out.println(kills + " kills, seed " + SEED + ": the same bits");
    }

    private static ProcessHandle executor(Process driver, Random random) {
        List<ProcessHandle> executors = driver.descendants().filter(p -> p.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
            .toList();
        return executors.get(random.nextInt(executors.size()));
    }
}
