package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.data.TokenLocation;
import inkling.errors.ConfigException;
import inkling.run.TrainingMethod;
import inkling.run.WorkerTraining;
import inkling.runfile.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task that Spark has given up on goes on computing: nobody may free the arrays that it reads, or train beside it. */
@Tag("training")
class OpenTrainingTest {
    @TempDir static Path directory;
    private static WorkerTraining.Setting setting;
    private final List<Runnable> ends = new ArrayList<>();

    /** Trains a run on one machine, and keeps the setting that its workers would be given. */
    @BeforeAll static void train() {
        SmallRun small = new SmallRun(directory);
        small.begin(new TrainingMethod() {
            @Override
            public String command() {
                return "cluster train";
            }

            @Override
            public void requireKnown(RunConfig config) {}

            @Override
            public void requireOwn(Path checkpoint, RunConfig config) {}

            @Override
            public Session open(Parts parts) {
                setting = new WorkerTraining.Setting(parts.config().toYaml(), parts.run().toAbsolutePath().toString(),
                    parts.data().forWorkers(parts.run(), 4, parts.columns()).orElseThrow(), parts.columns(), 1);
                return THIS_MACHINE.open(parts);
            }
        }, small.config("run", "train.max_steps=1"));
    }

    @AfterEach void free() {
        ends.forEach(Runnable::run);
        OpenTraining.close();
    }

    private WorkerTraining open(WorkerTraining.Setting asked) {
        return OpenTraining.of(asked, "step-000001", ends::add);
    }

    private void endFirst() {
        ends.remove(0).run();
    }

    @Test void whatATaskComputesWithIsNotFreed() {
        NDArray weight = open(setting).weights().get(0);
        OpenTraining.close();
        assertEquals(weight.size(), weight.toFloatArray().length, "its arrays are there while it goes on");
        endFirst();
        OpenTraining.close();
        assertThrows(IllegalStateException.class, weight::toFloatArray, "freed, now that nobody computes with it");
    }

    /** The model is read before the text, whose file is missing here. */
    @Test void whatCannotBeOpenedLeavesNothingInMemory() {
        NDManager everything = open(setting).weights().get(0).getManager();
        while (everything.getParentManager() != null && everything.getParentManager() != everything) {
            everything = everything.getParentManager();
        }
        endFirst();
        OpenTraining.close();
        TokenLocation missing = new TokenLocation(List.of(new TokenLocation.Part(directory.resolve("none").toString(), "", 300, 0, 100)));
        WorkerTraining.Setting faulty = new WorkerTraining.Setting(setting.runFile(), setting.run(), missing, setting.columns(), 1);
        int before = everything.getManagedArrays().size();
        assertThrows(ConfigException.class, () -> open(faulty));
        assertEquals(before, everything.getManagedArrays().size(), "arrays in this process");
    }

    @Test void theNextTaskWaitsUntilTheOneBeforeItComputesNoMore() {
        WorkerTraining first = open(setting);
        NDArray weight = first.weights().get(0);
        WorkerTraining.Setting another = new WorkerTraining.Setting(setting.runFile(), setting.run(), setting.examples(),
            setting.columns(), 2);
        CompletableFuture<WorkerTraining> second = new CompletableFuture<>();
        Thread next = new Thread(() -> second.complete(open(another)), "next task");
        next.start();
        while (next.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertFalse(second.isDone());
        assertEquals(weight.size(), weight.toFloatArray().length);
        endFirst();
        assertNotSame(first, second.join());
        assertThrows(IllegalStateException.class, weight::toFloatArray, "one training is open at a time");
    }
}
