package inkling.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.cli.Main;
import inkling.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training with two threads gives the same bits every time, on a busy machine, in a new process for each run (docs/decisions/0010). A
 * library may decide something once per process, when it is first used; only many processes can show that. {@code bench/same-bits/run}
 * tries more settings.
 */
@Tag("process")
class SameBitsTest {
    private static final String RUN_FILE = """
        name: NAME
        threads: 2
        data: {train: a.txt, val: b.txt, tokenizer: {type: bpe, vocab_size: 300}}
        model: {n_layer: 1, n_head: 2, n_embd: 16, context_length: 16}
        schedule: {type: constant, learning_rate: 1.0e-2}
        train: {max_steps: 2, batch_size: 2, log_interval: 1, eval_interval: 2, eval_batches: all, checkpoint_interval: 2, sample: null}
        """;

    @TempDir static Path directory;
    private static final AtomicBoolean DONE = new AtomicBoolean();
    private static final List<Thread> BUSY = new ArrayList<>();

    @BeforeAll static void prepare() throws IOException {
        Files.writeString(directory.resolve("a.txt"), Fixtures.macbeth().substring(0, 4_000));
        Files.writeString(directory.resolve("b.txt"), Fixtures.macbeth().substring(4_000, 4_400));
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                while (!DONE.get()) {
                    Thread.onSpinWait();
                }
            }, "busy");
            thread.start();
            BUSY.add(thread);
        }
    }

    @AfterAll static void rest() throws InterruptedException {
        DONE.set(true);
        for (Thread thread : BUSY) {
            thread.join();
        }
    }

    @Test void sixProcessesOnABusyMachine() throws Exception {
        assertEquals(1, ends("plain", 6, Map.of()).size());
    }

    @Test @Tag("long") void aThousandProcessesOnABusyMachine() throws Exception {
        assertEquals(1, ends("many", 1_000, Map.of()).size());
    }

    /**
     * Holds the first thread that asks MKL which processor this is, in the middle of MKL's answer. Without {@code FirstUse}, another thread
     * would now read a half-written answer.
     */
    @Test void fourProcessesWhoseFirstThreadIsHeldInTheMiddleOfAnAnswer() throws Exception {
        Fixtures.assume(onAvx512() && compiles(), "needs Linux on x86-64 with AVX-512, and a C compiler");
        assertEquals(1, ends("held", 4, Map.of("LD_PRELOAD", directory.resolve("preempt.so").toString())).size());
    }

    private static boolean onAvx512() throws IOException {
        Path processor = Path.of("/proc/cpuinfo");
        return Files.exists(processor) && Files.readString(processor).contains("avx512f");
    }

    private static boolean compiles() throws InterruptedException {
        try {
            return new ProcessBuilder("cc", "-O2", "-shared", "-fPIC", "-o", directory.resolve("preempt.so").toString(),
                "bench/same-bits/preempt.c").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .waitFor() == 0;
        } catch (IOException e) {
            return false; // no compiler
        }
    }

    /** The different ends of {@code runs} trainings: losses, gradient norms and the sha256 of the weights. Two processes run at a time. */
    private static Set<String> ends(String name, int runs, Map<String, String> environment) throws Exception {
        Set<String> ends = new TreeSet<>();
        for (int i = 0; i < runs; i += 2) {
            List<Process> pair = List.of(start(name + i, environment), start(name + (i + 1), environment));
            for (Process process : pair) {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, process.waitFor(), output);
                assertTrue(environment.isEmpty() || output.contains("held"), output);
            }
            ends.add(end(name + i));
            ends.add(end(name + (i + 1)));
        }
        return ends;
    }

    private static Process start(String run, Map<String, String> environment) throws IOException {
        Files.writeString(directory.resolve(run + ".yaml"), RUN_FILE.replace("NAME", run));
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), Main.class.getName(), "train",
            run + ".yaml").directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String end(String run) throws IOException {
        Path folder = directory.resolve("checkpoints").resolve(run);
        StringBuilder end = new StringBuilder(Sha256.of(folder.resolve("step-000002/model.safetensors")));
        for (String row : Files.readAllLines(folder.resolve("metrics.csv"))) {
            String[] cells = row.split(",", -1);
            end.append(' ').append(cells[2]).append(' ').append(cells[3]).append(' ').append(cells[5]);
        }
        return end.toString();
    }
}
