package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.checkpoint.Progress;
import inkling.checkpoint.WorkerStates;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Six rounds of four workers end with the same bits, wherever the workers run and whatever process is killed on the way. */
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

    /** The ids of the processes that trained in the round that ended at {@code step}. Some may have ended. */
    private static Set<Long> trainers(String name, long step) throws IOException {
        return Files.readAllLines(small.run(name).resolve("workers.csv")).stream().filter(row -> row.startsWith(step + ","))
            .map(row -> row.split(",")[9]).map(process -> Long.parseLong(process.substring(process.lastIndexOf('/') + 1)))
            .collect(Collectors.toSet());
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

    /**
     * The workers run in two processes. One process is killed as the third round begins. In the fifth round both are killed when a worker
     * has written its file. What this worker sent is lost with its process, so its updates are made again, and its file is replaced. No
     * process listens at an address that other machines could reach.
     */
    @Test void inProcessesOfThisMachineThatAreKilled() throws IOException {
        long third = 3 * SmallRun.ROUND;
        long fifth = 5 * SmallRun.ROUND;
        List<String> ports = new ArrayList<>();
        List<Long> first = new ArrayList<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        small.begin(SmallRun.on("local-cluster[2,1,512]"), small.config("processes"), doing(step -> {
            if (step == third - SmallRun.ROUND) {
                ports.addAll(Ports.ofThisTree());
                first.add(trainers("processes", step).iterator().next());
                ProcessHandle.of(first.get(0)).orElseThrow().destroyForcibly();
            } else if (step == fifth - SmallRun.ROUND) {
                List<ProcessHandle> all = executors();
                second.completeAsync(() -> {
                    awaitWorkersFile(WorkerStates.directory(small.run("processes"), fifth));
                    all.forEach(ProcessHandle::destroyForcibly);
                    return null;
                });
            }
        }), () -> false);
        second.join();
        same("processes");
        assertFalse(trainers("processes", third).contains(first.get(0)), "the killed process trains no more");
        assertFalse(first.contains(ProcessHandle.current().pid()), "the workers are in processes of their own");
        assertTrue(Files.readAllLines(small.run("processes").resolve("workers.csv")).stream().filter(row -> row.startsWith(fifth + ","))
            .anyMatch(row -> !row.split(",")[8].equals("0")), "a worker was made again");
        for (long step = third; step <= SmallRun.STEPS; step += SmallRun.ROUND) {
            try (Stream<Path> files = Files.list(WorkerStates.directory(small.run("processes"), step))) {
                assertEquals(4, files.count(), "nothing half written is left");
            }
        }
        assertTrue(ports.size() >= 4, "the driver, the master and two workers listen at least: " + ports);
        assertEquals(List.of(), ports.stream().filter(port -> !Ports.isLoopback(port)).toList(), "open to others");
    }

    private static List<ProcessHandle> executors() {
        return ProcessHandle.current().descendants().filter(Processes::isExecutor).toList();
    }

    private static void awaitWorkersFile(Path directory) {
        boolean there = false;
        while (!there) {
            Thread.onSpinWait();
            try (Stream<Path> files = Files.isDirectory(directory) ? Files.list(directory) : Stream.of()) {
                there = files.anyMatch(file -> file.getFileName().toString().startsWith("worker-"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A master and two worker daemons of Spark run. One daemon is killed as the third round begins. Its executor notices that and ends. */
    @Test void onAStandaloneClusterOfWhichAWorkerIsKilled() throws IOException {
        try (Standalone cluster = Standalone.start(directory, 2)) {
            List<String> ports = new ArrayList<>();
            List<ProcessHandle> lost = new ArrayList<>();
            small.begin(SmallRun.on(cluster.master(), "spark.executor.memory=600m"), small.config("standalone"), doing(step -> {
                if (step == 2 * SmallRun.ROUND) {
                    ports.addAll(Ports.ofThisTree());
                    lost.addAll(cluster.executors(0));
                    cluster.kill(0);
                } else if (step == 4 * SmallRun.ROUND) {
                    lost.forEach(executor -> executor.onExit().join());
                }
            }), () -> false);
            same("standalone");
            assertEquals(1, lost.size(), "executors of the killed daemon");
            assertFalse(trainers("standalone", 5 * SmallRun.ROUND).contains(lost.get(0).pid()), "another executor trains the workers");
            assertTrue(ports.size() >= 4, ports.toString());
            assertEquals(List.of(), ports.stream().filter(port -> !Ports.isLoopback(port)).toList(), "open to others");
        }
    }

    /** The driver is killed in the middle of a round; then another driver resumes the run. */
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
        Processes.await(again, "Resuming checkpoints/driver from step-000008");
        Processes.await(again, "Done after 24 updates");
        same("driver");
    }
}
