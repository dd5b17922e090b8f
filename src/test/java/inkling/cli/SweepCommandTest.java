package inkling.cli;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code sweep} trains several runs one after the other, and goes on where it was broken off. */
@Tag("process")
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SweepCommandTest {
    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void open() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static Path run(String name) {
        return directory.resolve("checkpoints").resolve(name);
    }

    @Test void eachCombinationIsTrainedOnceAndTheyAreCompared() throws IOException {
        String[] command = {"sweep", "tiny.yaml", "--run", "grid", "--over", "schedule.learning_rate=1e-2,4e-3", "--over", "seed=1,2"};
        Shell.Result result = shell.run(command);
        assertEquals(0, result.exit(), result.err());
        says(result.err(), "run 1 of 4: grid-learning_rate-1e-2-seed-1, begun", "run 4 of 4: grid-learning_rate-4e-3-seed-2, begun");
        says(result.out(), "a  grid-", "validation loss", "What differs:", "seed");
        assertTrue(result.out().contains("0.01") && result.out().contains("0.004"), result.out());
        says(shell.read("grid-sweep.html"), "grid: a sweep", "grid-learning_rate-");

        String before = TinyRun.listing(run("grid-learning_rate-4e-3-seed-1"));
        Shell.Result again = shell.run(command);
        assertEquals(0, again.exit(), again.err());
        says(again.err(), "run 1 of 4", "done already", "run 4 of 4", "done already");
        assertEquals(before, TinyRun.listing(run("grid-learning_rate-4e-3-seed-1")), "what is done is not touched");
        assertEquals(result.out(), again.out());
    }

    @Test void aLongerSweepGoesOnWithTheRunsThatAreThere() throws IOException {
        assertEquals(0, shell.run("sweep", "tiny.yaml", "--run", "more", "--over", "seed=1,2").exit());
        Shell.Result longer = shell.run("sweep", "tiny.yaml", "--run", "more", "--over", "seed=1,2", "--set", "train.max_steps=12");
        assertEquals(0, longer.exit(), longer.err());
        says(longer.err(), "more-seed-1, resumed", "from step-000008");
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "whole", "--set", "seed=2", "--set", "train.max_steps=12").exit());
        assertEquals(TinyRun.bits(run("whole"), 12), TinyRun.bits(run("more-seed-2"), 12));
    }

    /** A resume forgets the run's time limit. A sweep gives it again, so that its run is done as it says. */
    @Test void aRunThatGoesOnKeepsItsTimeLimit() {
        String[] shorter = {"sweep", "tiny.yaml", "--run", "timed", "--over", "seed=1", "--set", "train.max_minutes=50"};
        assertEquals(0, shell.run(shorter).exit());
        String[] longer = Stream.concat(Arrays.stream(shorter), Stream.of("--set", "train.max_steps=10")).toArray(String[]::new);
        says(shell.run(longer).err(), "timed-seed-1, resumed");
        says(shell.run(longer).err(), "timed-seed-1, done already");
    }

    @Test void anotherRunOfTheSameNameIsLeftAlone() throws IOException {
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "taken-seed-2", "--set", "model.n_embd=8").exit());
        String before = TinyRun.listing(run("taken-seed-2"));
        Shell.Result result = shell.run("sweep", "tiny.yaml", "--run", "taken", "--over", "seed=1,2");
        assertEquals(2, result.exit(), result.err());
        says(result.err(), "taken-seed-2 is another run", "seed is 1337, here it is 2", "--run NAME", "runs remove taken-seed-2");
        assertFalse(Files.exists(run("taken-seed-1")), "nothing was trained");
        assertEquals(before, TinyRun.listing(run("taken-seed-2")));
    }

    @Test void aRunThatDivergesDoesNotEndTheSweep() {
        String[] command = {"sweep", "tiny.yaml", "--run", "wild", "--set", "optimizer.max_grad_norm=1.0e+30", "--over",
            "schedule={type: constant, learning_rate: 1.0e+30},{type: constant, learning_rate: 1.0e-3}"};
        Shell.Result result = shell.run(command);
        assertEquals(0, result.exit(), result.err());
        says(result.err(), "run 1 of 2", "diverged", "run 2 of 2");
        assertTrue(result.out().contains("diverged") && result.out().contains("finished"), result.out());
        says(shell.run(command).err(), "not tried again: it diverged", "done already");
    }

    @DisabledOnOs(OS.WINDOWS)
    @Test void aSignalStopsTheSweepAndTheSameCommandGoesOn() throws Exception {
        String[] command = {"sweep", "tiny.yaml", "--run", "cut", "--over", "seed=1,2,3", "--set", "train.max_steps=300", "--set",
            "train.checkpoint_interval=20", "--set", "train.eval_interval=150", "--set", "train.log_interval=100"};
        Process process = shell.process(List.of(), command).start();
        await(process.inputReader(), "run 2 of 3");
        await(process.inputReader(), "saved step-000020");
        assertEquals(0, new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor());
        await(process.inputReader(), "Stopped. The same command goes on from here.");
        assertEquals(143, Shell.exitOf(process));
        assertFalse(Files.exists(run("cut-seed-3")));

        Shell.Result result = shell.run(command);
        assertEquals(0, result.exit(), result.err());
        says(result.err(), "cut-seed-1, done already", "cut-seed-2, resumed", "cut-seed-3, begun");
        assertEquals("step-000300", Files.readString(run("cut-seed-2").resolve("last")).strip());
    }

    private static void await(BufferedReader output, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            read.append(line).append('\n');
            if (line.contains(text)) {
                return;
            }
        }
        throw new AssertionError("ended without \"" + text + "\":\n" + read);
    }
}
