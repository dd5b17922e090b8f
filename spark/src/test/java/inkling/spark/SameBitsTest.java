package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.checkpoint.Progress;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Six rounds of four workers end with the same bits wherever they run, and whatever is killed on the way. */
@Tag("training")
@Tag("process")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SameBitsTest {
    @TempDir static Path directory;
    private static SmallRun small;
    private static String expected;

    @BeforeAll static void inThisProcess() throws IOException {
        small = new SmallRun(directory);
        small.begin(SmallRun.on("local"), small.config("local"));
        expected = small.bits("local", SmallRun.STEPS);
    }

    private static void same(String name) throws IOException {
        assertEquals(expected, small.bits(name, SmallRun.STEPS));
        assertEquals(small.rows("local", "metrics.csv", 6), small.rows(name, "metrics.csv", 6));
        assertEquals(small.rows("local", "workers.csv", 6), small.rows(name, "workers.csv", 6));
    }

    /** The processes that trained in the round to {@code step}. */
    private static List<ProcessHandle> trainers(String name, long step) throws IOException {
        return Files.readAllLines(small.run(name).resolve("workers.csv")).stream().filter(row -> row.startsWith(step + ","))
            .map(row -> Long.parseLong(row.substring(row.lastIndexOf('/') + 1))).distinct().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
    }

    private interface Deed {
        void after(long step) throws IOException;
    }

    private static TrainingListener doing(Deed deed) {
        return new TrainingListener() {
            @Override
            public void saved(Progress progress) {
                try {
                    deed.after(progress.step());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** In two processes, of which one is killed as the third round begins; nothing listens where others could reach it. */
    @Test void inProcessesOfThisMachineOfWhichOneIsKilled() throws IOException {
        List<String> ports = new ArrayList<>();
        List<ProcessHandle> killed = new ArrayList<>();
        small.begin(SmallRun.on("local-cluster[2,1,512]"), small.config("processes"), doing(step -> {
            if (step == 2 * SmallRun.ROUND) {
                ports.addAll(Ports.ofThisTree());
                killed.addAll(trainers("processes", step).subList(0, 1));
                killed.get(0).destroyForcibly();
            }
        }), () -> false);
        same("processes");
        assertTrue(!killed.get(0).equals(ProcessHandle.current()) && !trainers("processes", SmallRun.STEPS).contains(killed.get(0)));
        assertTrue(ports.size() >= 4, "the driver, the master and two workers listen at least: " + ports);
        assertEquals(List.of(), ports.stream().filter(port -> !Ports.isLoopback(port)).toList(), "open to others");
    }

    /** A master and two workers, of which one is killed with its executor as the third round begins. */
    @Test void onAStandaloneClusterOfWhichAWorkerIsKilled() throws IOException {
        List<Process> daemons = new ArrayList<>();
        try {
            daemons.add(Processes.start(directory, "master", "--port", "0", "--webui-port", "0"));
            String master = Processes.await(daemons.get(0), "The master is ").replaceAll("The master is (spark://[^ ]*[0-9])\\. .*", "$1");
            for (String name : List.of("one", "two")) {
                daemons.add(Processes.start(directory, "worker", master, "--cores", "1", "--memory", "600m", "--work-dir",
                    directory.resolve(name).toString()));
            }
            List<String> ports = new ArrayList<>();
            small.begin(SmallRun.on(master, "spark.executor.memory=600m"), small.config("standalone"), doing(step -> {
                if (step == 2 * SmallRun.ROUND) {
                    ports.addAll(Ports.ofThisTree());
                    daemons.get(1).destroyForcibly();
                }
            }), () -> false);
            same("standalone");
            assertTrue(ports.size() >= 4, ports.toString());
            assertEquals(List.of(), ports.stream().filter(port -> !Ports.isLoopback(port)).toList(), "open to others");
        } finally {
            daemons.forEach(daemon -> Processes.kill(daemon.toHandle()));
        }
    }

    /** The driver is killed in the midst of a round, and begun anew. */
    @Test void withADriverThatIsKilledAndBegunAnew() throws IOException {
        Process driver = Processes.start(directory, "train", "small.yaml", "--run", "driver");
        Processes.await(driver, "saved step-000008");
        Path second = small.run("driver").resolve("workers/step-000012/worker-0001.safetensors");
        while (driver.isAlive() && !Files.exists(second)) {
            Thread.onSpinWait();
        }
        Processes.kill(driver.toHandle());
        assertTrue(Files.exists(second) && !Files.exists(small.run("driver").resolve("step-000012")), "killed within the third round");
        Process again = Processes.start(directory, "train", "--resume", "driver");
        Processes.await(again, "Done after 24 updates");
        same("driver");
    }
}
