package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.TinyRun;
import inkling.own.MadeTasks;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

/** Processes that are told to stop, whose output nobody reads any more, or that start in an unusual environment. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("process")
class SignalsTest {
    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void start() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
    }

    @AfterAll static void close() throws Exception {
        shell.close();
        assertFalse(Files.exists(directory.resolve("hs_err.log")));
    }

    private static void send(String signal, Process process) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor());
    }

    /** Reads on until a line contains {@code text}. */
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

    private void stopsAndContinues(String signal, int exit) throws Exception {
        String name = signal.toLowerCase(java.util.Locale.ROOT);
        Process process = shell.process(List.of(), "train", "tiny.yaml", "--run", name, "--set", "train.max_steps=1000000",
            "--set", "train.max_minutes=2").start();   // so that it ends even if no signal reaches it
        await(process.inputReader(), "saved step-000004");
        send(signal, process);
        await(process.inputReader(), "SIG" + signal + ": saving after this update; a second signal quits at once.");
        await(process.inputReader(), "Stopped after ");
        assertEquals(exit, Shell.exitOf(process));

        Path run = directory.resolve("checkpoints").resolve(name);
        long stopped = Long.parseLong(Files.readString(run.resolve("last")).strip().substring(5));
        long end = stopped + 3;
        Shell.Result resumed = shell.run("train", "--resume", name, "--set", "train.max_steps=" + end);
        assertEquals(0, resumed.exit(), resumed.err());
        Shell.Result whole = shell.run("train", "tiny.yaml", "--run", name + "-whole", "--set", "train.max_steps=" + end);
        assertEquals(0, whole.exit(), whole.err());
        Path undisturbed = directory.resolve("checkpoints").resolve(name + "-whole");
        assertEquals(TinyRun.bits(undisturbed, end), TinyRun.bits(run, end));
        assertEquals(TinyRun.metrics(undisturbed), TinyRun.metrics(run));
    }

    @Test void anInterruptSavesAndExits130() throws Exception {
        stopsAndContinues("INT", 130);
    }

    @Test void aTerminationSavesAndExits143() throws Exception {
        stopsAndContinues("TERM", 143);
    }

    @Test void aHangUpSavesAndExits129() throws Exception {
        stopsAndContinues("HUP", 129);
    }

    @Test void aSignalEndsALongEvaluationToo() throws Exception {
        Process process = shell.process(List.of(), "train", "tiny.yaml", "--run", "evaluating", "--set", "train.eval_batches=100000000")
            .start();
        await(process.inputReader(), "training and");
        send("TERM", process);
        await(process.inputReader(), "Stopped after 0 updates");
        assertEquals(143, Shell.exitOf(process));
        assertFalse(Files.exists(directory.resolve("checkpoints/evaluating/last")), "nothing was learned yet");
        Shell.Result resumed = shell.run("train", "--resume", "evaluating", "--set", "train.eval_batches=2");
        assertEquals(0, resumed.exit(), resumed.err());
        assertEquals("step-000008", shell.read("checkpoints/evaluating/last").strip());
    }

    @Test void anEvaluationAtTasksKeepsWhatIsScored() throws Exception {
        shell.write("many.jsonl", MadeTasks.hellaswag(10_000, 7));
        Process process = shell.process(List.of(), "eval", Fixtures.own("gpt2").toString(), "--tasks", "hellaswag=many.jsonl").start();
        await(process.inputReader(), " of 10,000 items");
        send("INT", process);
        await(process.inputReader(), "SIGINT: stopping after these items, and keeping what is scored; a second signal quits at once.");
        await(process.inputReader(), "Stopped. The same command goes on from here.");
        assertEquals(130, Shell.exitOf(process));
        try (Stream<Path> files = Files.walk(directory.resolve("checkpoints/.tasks"))) {
            Path kept = files.filter(file -> file.getFileName().toString().matches("[0-9a-f]{16}") && Files.isRegularFile(file))
                .findFirst().orElseThrow(() -> new AssertionError("nothing of it is kept"));
            assertTrue(Integer.parseInt(Files.readAllLines(kept).get(0)) >= 1_000, "the items of the line before the signal");
        }
    }

    @Test void aSecondSignalQuitsAtOnceWhateverIsGoingOn() throws Exception {
        Process process = shell.process(List.of(), "train", "tiny.yaml", "--run", "twice", "--set", "train.eval_interval=1",
            "--set", "train.checkpoint_interval=100", "--set", "train.sample={interval: 1, prompt: T, max_tokens: 1000000}").start();
        await(process.inputReader(), "step 1  validation loss");   // in the long sample that follows, training looks for no stop
        send("INT", process);
        await(process.inputReader(), "a second signal quits at once");
        send("INT", process);
        assertEquals(130, Shell.exitOf(process));
    }

    @Test void aReaderThatGoesAwayDoesNotStopTheTraining() throws Exception {
        ProcessBuilder java = shell.process(List.of(), "train", "tiny.yaml", "--run", "unread");
        List<String> piped = List.of("sh", "-c", "trap '' PIPE; { \"$@\" 2>&1; echo $? > unread.exit; } | head -n 1", "sh");
        ProcessBuilder builder = shell.process(List.of());
        builder.command(Stream.concat(piped.stream(), java.command().stream()).toList());
        assertEquals(0, Shell.finish(builder).exit());
        assertEquals("0", shell.read("unread.exit").strip());
        assertEquals("step-000008", shell.read("checkpoints/unread/last").strip());
    }

    @Test void localeTimeZoneAndCharsetChangeNoBit() throws Exception {
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "here").exit());
        ProcessBuilder elsewhere = shell.process(List.of("-Dfile.encoding=ISO-8859-1", "-Duser.language=tr", "-Duser.country=TR",
            "-Duser.timezone=Asia/Kathmandu"),
            "train", "tiny.yaml", "--run", "elsewhere");
        elsewhere.environment().putAll(Map.of("LC_ALL", "C", "TZ", "Pacific/Apia"));
        Shell.Result result = Shell.finish(elsewhere);
        assertEquals(0, result.exit(), result.out());
        Path here = directory.resolve("checkpoints/here");
        Path there = directory.resolve("checkpoints/elsewhere");
        assertEquals(TinyRun.bits(here, 8), TinyRun.bits(there, 8));
        assertEquals(TinyRun.metrics(here), TinyRun.metrics(there));

        String[] sample = {"sample", "here", "--prompt-ids", "1,2,3", "--max-tokens", "20", "--seed", "7", "--json"};
        ProcessBuilder sampling = shell.process(List.of("-Dfile.encoding=US-ASCII", "-Duser.language=tr"),
            sample).redirectErrorStream(false);
        sampling.environment().put("LC_ALL", "C");
        String out = Shell.finish(sampling).out();
        assertEquals(shell.run(sample).out(), out);
        assertEquals(shell.run(sample).out(), out);
        String[] eval = {"eval", "here", "--data", "corpus.txt", "--json"};
        assertEquals(shell.run(eval), shell.run(eval));
        assertTrue(shell.run(eval).out().contains("\"bits_per_byte\""));
    }
}
