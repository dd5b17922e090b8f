package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.checkpoint.WorkerStates;
import inkling.data.TokenLocation;
import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.run.TrainRun;
import inkling.run.TrainingMethod;
import inkling.run.WorkerTraining;
import inkling.train.DivergedException;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in a training in rounds, and what the user reads. Several tests resume a copy of a run, stopped after two rounds. */
@Tag("training")
class FaultsTest {
    @TempDir static Path directory;
    private static SmallRun small;

    @BeforeAll static void train() {
        small = new SmallRun(directory);
        int[] asked = {0};
        small.begin(SmallRun.on("local"), small.config("stopped"), new TrainingListener() { }, () -> ++asked[0] > 4);
        assertTrue(Files.isDirectory(small.run("stopped").resolve("step-000008"))
            && !Files.exists(small.run("stopped").resolve("step-000024")));
    }

    /** Copies the stopped run, which is at step 8, to a run of this name. */
    private static Path copy(String name) throws IOException {
        Path from = small.run("stopped");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.sorted().toList()) {
                Files.copy(path, small.run(name).resolve(from.relativize(path).toString()));
            }
        }
        return small.run(name);
    }

    private static <E extends InklingException> void fails(Class<E> type, Executable training, String... says) {
        String message = assertThrows(type, training).getMessage();
        for (String words : says) {
            assertTrue(message.contains(words), message);
        }
    }

    @Test void aWorkerThatDivergesEndsTheRoundAndNamesItself() {
        fails(DivergedException.class, () -> small.begin(SmallRun.on("local"), small.config("diverged", "schedule.learning_rate=1.0e+30",
            "schedule.min_learning_rate=1.0e+29", "optimizer.max_grad_norm=0")), "the round to step 4, worker 0",
            "training diverged at update", "schedule.learning_rate");
        assertTrue(Files.isDirectory(small.run("diverged").resolve("step-000000")), "the last checkpoint is whole");
        assertFalse(Files.exists(small.run("diverged").resolve("step-000004")), "nothing of the round is kept");
    }

    /** The loss of the round's only update is finite. The weights that the update makes are not. */
    @Test void aWeightThatIsNotFiniteEndsTheRound() {
        fails(DivergedException.class, () -> small.begin(SmallRun.on("local"), small.config("infinite", "cluster.inner_steps=1",
            "schedule.learning_rate=1.0e+39", "schedule.warmup_steps=0")), "the round to step 1, worker 0",
            "after update 1 a weight is not finite", "schedule.learning_rate");
        assertFalse(Files.exists(small.run("infinite").resolve("step-000001")), "nothing of the round is kept");
    }

    /** Every loss and every weight is finite, but weights change by more than 65,504, the largest number in float16. */
    @Test void aChangeThatIsTooLargeToBeSentEndsTheRound() {
        fails(DivergedException.class, () -> small.begin(SmallRun.on("local"), small.config("large", "cluster.deltas=float16",
            "cluster.inner_steps=1", "schedule.learning_rate=1.0e+6", "schedule.warmup_steps=0")), "the round to step 1, worker 0",
            "as float16", "schedule.learning_rate");
        assertFalse(Files.exists(small.run("large").resolve("step-000001")), "nothing of the round is kept");
    }

    @Test void aDamagedWorkersFileIsNoFreshOptimizer() throws IOException {
        Path file = WorkerStates.file(copy("damaged"), 8, 2);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        fails(ModelFormatException.class, () -> small.resume(SmallRun.on("local"), "damaged"), file.toString(), "sha256", "worker 2",
            "bring the file back");
    }

    @Test void aMissingWorkersFileIsNamed() throws IOException {
        Path file = WorkerStates.file(copy("missing"), 8, 1);
        Files.delete(file);
        fails(ModelFormatException.class, () -> small.resume(SmallRun.on("local"), "missing"), file.toString(), "is missing");
    }

    @Test void aDriverWithAnotherConfigIsRefused() throws IOException {
        Path config = copy("edited").resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("workers: 4", "workers: 2"));
        fails(ConfigException.class, () -> small.resume(SmallRun.on("local"), "edited"), "4 workers in rounds of 4", "2 and 4",
            "Change config.yaml back");
        copy("overridden");
        fails(ConfigException.class, () -> small.resume(SmallRun.on("local"), "overridden", "cluster.inner_steps=8"),
            "cluster.inner_steps cannot change");
    }

    @Test void neitherTrainNorClusterTrainResumesARunOfTheOther() throws IOException {
        copy("clusters");
        fails(ConfigException.class, () -> small.resume(TrainingMethod.THIS_MACHINE, "clusters"), "cluster train --resume", "init_from");
        small.begin(TrainingMethod.THIS_MACHINE, small.config("machines", "train.max_steps=2"));
        fails(ConfigException.class, () -> small.resume(SmallRun.on("local"), "machines", "train.max_steps=4"), "`train --resume",
            "init_from");
    }

    @Test void tooManyWorkersForTheTextAreRefused() {
        fails(ConfigException.class, () -> small.begin(SmallRun.on("local"),
            small.config("crowd", "cluster.workers=4000", "model.context_length=512")),
            "cluster.workers = 4000", "shorter than a window of 512", "at most");
    }

    /**
     * A file is in the place of the next round's directory, so the round cannot be written, as on storage that is full or read-only. The
     * round is not kept, and a later resume makes it.
     */
    @Test void storageThatCannotBeWrittenCostsNoRoundThatWasKept() throws IOException {
        Path next = copy("full").resolve("workers/step-000012");
        TrainingListener blocking = new TrainingListener() {
            @Override
            public void starting(long step, long ofSteps, String what) {
                try {
                    Files.writeString(next, "");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        fails(StorageException.class, () -> TrainRun.resume(small.run("full").toString(), small.runs(), List.of(), blocking, () -> false,
            SmallRun.on("local")), "the round to step 12 failed", "nothing of it was kept", "workers/step-000012");
        Files.delete(next);
        small.resume(SmallRun.on("local"), "full", "train.max_steps=12");
        assertTrue(Files.isDirectory(small.run("full").resolve("step-000012")));
    }

    /** An executor on a machine without the shared storage gets this message. */
    @Test void storageThatIsNotSharedIsNamed() {
        WorkerTraining.Setting setting = new WorkerTraining.Setting("", "/not/mounted/here/run", new TokenLocation(List.of()), 16, 1);
        fails(ConfigException.class, () -> WorkerTraining.open(setting, "step-000000"), "/not/mounted/here/run/step-000000 is not there",
            "storage that all machines share");
    }

    /**
     * Killed workers leave temporary files that are named after their process ids. The workers may have run on another machine, so the
     * files are removed even if processes of this machine have these ids.
     */
    @Test void whatWasHalfWrittenIsRemovedOnceItsRoundIsWhole() throws IOException {
        Path file = copy("half").resolve("workers/step-000008/.tmp-%d-0123456789abcdef-1"
            .formatted(ProcessHandle.current().parent().orElseThrow().pid()));
        Files.writeString(file, "half of a file");
        Path directory = small.run("half").resolve("workers/.tmp-%d-0123456789abcdef-2".formatted(ProcessHandle.current().pid()));
        Files.createDirectories(directory);
        small.resume(SmallRun.on("local"), "half", "train.max_steps=8");
        assertFalse(Files.exists(file) || Files.exists(directory));
    }

    @Test void pairsOfAnswersAreForOneMachine() throws IOException {
        Path pairs = directory.resolve("pairs.jsonl");
        Files.writeString(pairs, "{\"prompt\":\"Nell\",\"chosen\":\"yes\",\"rejected\":\"no\"}\n".repeat(20));
        small.begin(TrainingMethod.THIS_MACHINE, small.config("longer", "train.max_steps=1", "model.context_length=64"));
        fails(ConfigException.class, () -> small.begin(SmallRun.on("local"),
            small.config("pairs", "data={train: %s, format: preferences}".formatted(pairs),
            "model={init_from: longer}", "finetune={preference: {}}")), "data.format = preferences", "on one machine");
        assertFalse(Files.exists(small.run("pairs")), "refused before anything is made");
    }

    @Test void filesOfARoundThatWasNeverKeptAreRemoved() throws IOException {
        Path left = copy("left").resolve("workers/step-000012");
        Files.createDirectories(left);
        Files.writeString(left.resolve("worker-0000.safetensors"), "half of a round");
        small.resume(SmallRun.on("local"), "left", "train.max_steps=8");
        assertFalse(Files.exists(left));
        assertTrue(Files.isDirectory(small.run("left").resolve("workers/step-000008")));
    }

    @Test void aMasterWithoutWorkersIsWaitedForNoLongerThanAsked() throws IOException {
        try (Standalone cluster = Standalone.start(directory, 0)) {
            List<String> told = new ArrayList<>();
            TrainingListener listener = new TrainingListener() {
                @Override
                public void remark(String line) {
                    told.add(line);
                }
            };
            fails(ConfigException.class, () -> small.begin(SmallRun.on(cluster.master(), "spark.inkling.executorWaitSeconds=1"),
                small.config("alone"), listener, () -> false), cluster.master(), "no training process started within 1 s",
                "1 core (spark.executor.cores)", "1g (spark.executor.memory)", "the workers' logs");
            assertTrue(told.stream().anyMatch(line -> line.startsWith("waiting for " + cluster.master())
                && line.contains("up to 1 s") && line.contains("1g (spark.executor.memory)")), told.toString());
            assertEquals(180, SmallRun.on(cluster.master()).settings().executorWaitSeconds(), "if nothing else is asked for");
        }
    }

    /** The worker begins first, and finds no master. It joins the master that begins at that address later. */
    @Test void aWorkerThatFindsNoMasterGoesOnTrying() throws IOException {
        String port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = Integer.toString(socket.getLocalPort());
        }
        String address = "spark://127.0.0.1:" + port;
        List<Process> daemons = new ArrayList<>();
        try {
            daemons.add(Processes.start(directory, "worker", address, "--cores", "1", "--memory", "600m", "--work-dir",
                directory.resolve("late-work").toString()));
            assertTrue(Processes.await(daemons.get(0), address + " does not answer").contains("goes on trying"));
            daemons.add(Processes.start(directory, "master", "--port", port, "--webui-port", "0"));
            Processes.await(daemons.get(1), "The master is " + address);
            small.begin(SmallRun.on(address, "spark.executor.memory=600m"), small.config("late", "train.max_steps=4"));
            assertTrue(Files.isDirectory(small.run("late").resolve("step-000004")));
        } finally {
            daemons.forEach(daemon -> Processes.kill(daemon.toHandle()));
        }
    }

    @Test void moreProcessesThanWorkersAreRefused() {
        fails(ConfigException.class, () -> small.begin(SmallRun.on("local-cluster[2,1,512]"), small.config("idle", "cluster.workers=1")),
            "2 processes for 1 workers", "cluster.workers");
    }
}
