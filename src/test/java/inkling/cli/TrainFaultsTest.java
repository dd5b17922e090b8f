package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import inkling.io.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train} does with runs, run files and texts that are missing, damaged, in use or wrong: the message and the exit code. */
@Tag("process")
class TrainFaultsTest {
    @TempDir static Path directory;
    private static Shell shell;
    private static Path runs;

    @BeforeAll static void trainOnce() throws IOException {
        TinyRun.files(directory);
        shell = Shell.in(directory);
        runs = directory.resolve("checkpoints");
        Shell.Result trained = shell.run("train", "tiny.yaml");
        assertEquals(0, trained.exit(), trained.err());
        assertTrue(trained.err().contains("saved step-000008"), trained.err());
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    /** A copy of the trained run, for a test to spoil. */
    private static Path copy(String name) throws IOException {
        Path run = runs.resolve(name);
        try (var all = Files.walk(runs.resolve("tiny"))) {
            for (Path from : all.toList()) {
                Files.copy(from, run.resolve(runs.resolve("tiny").relativize(from).toString()));
            }
        }
        return run;
    }

    private static void refused(int exit, String message, Shell.Result result) {
        assertTrue(result.err().contains(message), result.err());
        assertEquals(exit, result.exit(), result.err());
        assertFalse(result.err().contains("\tat inkling."), "no stack trace without --debug");
        assertEquals("", result.out());
    }

    @Test void aRunThatExistsIsNotBegunAgain() throws IOException {
        String before = TinyRun.listing(runs.resolve("tiny"));
        refused(2,
            "inkling: checkpoints/tiny exists already. Continue that run with `train --resume checkpoints/tiny`, or begin another with"
            + " --run OTHER_NAME. Nothing was changed.", shell.run("train", "tiny.yaml"));
        assertEquals(before, TinyRun.listing(runs.resolve("tiny")));
    }

    @Test void aDirectoryWithoutAWholeCheckpointIsBegunAnewAndSaysSo() throws IOException {
        shell.write("checkpoints/abandoned/config.yaml", "left by a process that died");
        Shell.Result result = shell.run("train", "tiny.yaml", "--run", "abandoned", "--set", "train.max_steps=1");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("checkpoints/abandoned holds no whole checkpoint: it is begun anew."), result.err());
    }

    @Test void resumeNeedsARun() throws IOException {
        refused(2, "nowhere does not exist, nor does checkpoints/nowhere", shell.run("train", "--resume", "nowhere"));
        Files.createDirectories(directory.resolve("empty"));
        refused(2, "empty is no run directory: there is no config.yaml. Begin a run with `train CONFIG.yaml`.", shell.run("train",
            "--resume", "empty"));
        refused(2, "checkpoints/tiny/step-000007", shell.run("train", "--resume", "checkpoints/tiny/step-000007"));
    }

    @Test void aRunWithoutAWholeCheckpointStartsAtItsBeginning() throws IOException {
        shell.write("checkpoints/begun/config.yaml", shell.read("checkpoints/tiny/config.yaml").replace("name: tiny", "name: begun"));
        Shell.Result result = shell.run("train", "--resume", "begun");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("checkpoints/begun holds no whole checkpoint: starting at step 0 from its config.yaml."),
            result.err());
        assertEquals(TinyRun.bits(runs.resolve("tiny"), 8), TinyRun.bits(runs.resolve("begun"), 8));
        assertEquals(TinyRun.metrics(runs.resolve("tiny")), TinyRun.metrics(runs.resolve("begun")));
    }

    @Test void aLostPointerLosesNoCheckpoint() throws IOException {
        Path run = copy("pointerless");
        Files.delete(run.resolve("last"));
        Shell.Result result = shell.run("train", "--resume", "pointerless", "--set", "train.max_steps=9");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("Resuming checkpoints/pointerless from step-000008."), result.err());
    }

    @Test void aCheckpointNamedByItsPathIsComparedWithItsManifestToo() throws IOException {
        Path weights = copy("named").resolve("step-000008/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        refused(4, "model.safetensors: sha256 is",
            shell.run("sample", "checkpoints/named/step-000008", "--prompt", "T", "--max-tokens", "1"));
        refused(4, "The newest whole checkpoint is step-000004", shell.run("export", "checkpoints/named/step-000008", "--to", "exported"));
    }

    @Test void whatWouldMakeItAnotherRunCannotBeSetAtResume() {
        Shell.Result result = shell.run("train", "--resume", "tiny", "--set", "schedule.learning_rate=1", "--set", "seed=2");
        refused(2, "schedule.learning_rate cannot change when a run is resumed. These can: train.max_steps, ", result);
        refused(2, "seed cannot change when a run is resumed.", result);
    }

    @Test void aCorpusThatChangedIsNotTrainedOn() throws IOException {
        Path run = copy("changed");
        Files.copy(directory.resolve("corpus.txt"), directory.resolve("other.txt"));
        Files.writeString(run.resolve("config.yaml"), Files.readString(run.resolve("config.yaml")).replace("corpus.txt", "other.txt"));
        Files.writeString(directory.resolve("other.txt"), "!", StandardOpenOption.APPEND);
        refused(2, "other.txt changed since the run began", shell.run("train", "--resume", "changed", "--set", "train.max_steps=9"));
        Files.delete(directory.resolve("other.txt"));
        refused(2, "other.txt does not exist", shell.run("train", "--resume", "changed", "--set", "train.max_steps=9"));
    }

    @Test void aDamagedLastCheckpointIsRefusedAndTheNewestWholeOneNamed() throws IOException {
        Path run = copy("damaged");
        Path weights = run.resolve("step-000008/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Shell.Result result = shell.run("train", "--resume", "damaged");
        refused(4, "checkpoints/damaged/step-000008: this checkpoint cannot be used.", result);
        refused(4, "model.safetensors: sha256 is ", result);
        refused(4, "The newest whole checkpoint is step-000004: continue from it with `train --resume checkpoints/damaged/step-000004`.",
            result);
        assertEquals(4, shell.run("sample", "damaged", "--prompt", "a", "--checkpoint", "last").exit());

        Shell.Result advised = shell.run("train", "--resume", "checkpoints/damaged/step-000004");
        assertEquals(0, advised.exit(), advised.err());
        assertEquals(TinyRun.bits(runs.resolve("tiny"), 8), TinyRun.bits(run, 8));
        assertEquals(TinyRun.metrics(runs.resolve("tiny")), TinyRun.metrics(run));
    }

    @Test void aMissingOrTruncatedFileOfACheckpointIsFound() throws IOException {
        Path step = copy("truncated").resolve("step-000008");
        try (var files = Files.list(step)) {
            for (Path file : files.sorted().toList()) {
                byte[] whole = Files.readAllBytes(file);
                for (boolean there : new boolean[] {true, false}) {
                    Files.deleteIfExists(file);
                    if (there) {
                        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
                    }
                    Shell.Result result = shell.run("train", "--resume", "truncated");
                    refused(4, file.getFileName().toString(), result);
                    refused(4, "The newest whole checkpoint is step-000004", result);
                }
                Files.write(file, whole);
            }
        }
        assertEquals(0, shell.run("train", "--resume", "truncated").exit());
    }

    @Test void aFileOfAnotherCheckpointOrAPointerElsewhereIsRefused() throws IOException {
        Path run = copy("mixed");
        Files.copy(run.resolve("step-000004/optimizer.safetensors"), run.resolve("step-000008/optimizer.safetensors"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refused(4, "optimizer.safetensors: sha256 is ", shell.run("train", "--resume", "mixed"));
        Path foreign = copy("foreign");
        Files.writeString(foreign.resolve("last"), "../tiny/step-000008\n");
        refused(4, "last: holds \"../tiny/step-000008\", expected the name of a step directory.", shell.run("train", "--resume",
            "foreign"));
        Files.writeString(foreign.resolve("last"), "step-000099\n");
        refused(4, "last: names step-000099, which is not there; there are step-000008, step-000004.", shell.run("train", "--resume",
            "foreign"));
    }

    @Test void unknownExtraFilesAreIgnored() throws IOException {
        Path run = copy("extra");
        Files.writeString(run.resolve("step-000008/notes.txt"), "mine");
        Shell.Result result = shell.run("train", "--resume", "extra", "--set", "train.max_steps=9");
        assertEquals(0, result.exit(), result.err());
    }

    @Test void whatAKilledProcessLeftIsRemovedAtTheNextStart() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path left = copy("killed").resolve(".tmp-%d-0123456789abcdef-1".formatted(dead.pid()));
        Files.createDirectories(left);
        Files.writeString(left.resolve("model.safetensors"), "half of a checkpoint, or of one that was being deleted");
        Shell.Result result = shell.run("train", "--resume", "killed", "--set", "train.max_steps=9");
        assertEquals(0, result.exit(), result.err());
        assertFalse(Files.exists(left));
    }

    @Test void aResumeWithOtherThreadsSaysThatLastBitsMayDiffer() throws IOException {
        copy("threads");
        Shell.Result same = shell.run("train", "--resume", "threads", "--set", "train.max_steps=9");
        assertEquals(0, same.exit(), same.err());
        assertFalse(same.err().contains("last bits"), same.err());
        Shell.Result other = shell.run("train", "--resume", "threads", "--set", "train.max_steps=10", "--set", "threads=2");
        assertEquals(0, other.exit(), other.err());
        assertTrue(other.err().contains(", 1 thread, on ") && other.err().contains(", 2 threads, "), other.err());
        assertTrue(other.err().contains("the last bits of its numbers may differ."), other.err());
    }

    @Test void aNewerFormatIsNamedWithTheVersionsThatAreRead() throws IOException {
        Path run = copy("newer");
        for (Map.Entry<String, String> file : Map.of("run.json",
            "run.json: format_version = 9 is none of 1 to 2, which this version reads. Update Inkling.", "step-000008/manifest.json",
            "step-000008/manifest.json: has format version 9; this program reads up to 1. Update Inkling to read it.").entrySet()) {
            Path path = run.resolve(file.getKey());
            String now = Files.readString(path);
            Files.writeString(path, now.replaceFirst("(\"format_version\" ?: )[12]", "$19"));
            refused(4, file.getValue(), shell.run("train", "--resume", "newer"));
            Files.writeString(path, now);
        }
    }

    @Test void aSecondTrainerIsToldWhoHoldsTheDirectory() throws IOException {
        Path run = copy("held");
        try (DirectoryLock ours = DirectoryLock.acquire(run)) {
            String before = TinyRun.listing(run);
            refused(3, "checkpoints/held is in use: process " + ProcessHandle.current().pid()
                + " writes there. Wait until it ends, or stop it",
                shell.run("train", "--resume", "held"));
            refused(2, "checkpoints/held exists already.", shell.run("train", "tiny.yaml", "--run", "held"));
            assertEquals(before, TinyRun.listing(run));
        }
        assertEquals(0, shell.run("train", "--resume", "held").exit());
    }

    @Test void trainingThatDivergesKeepsTheLastCheckpointWhole() {
        Shell.Result result = shell.run("train", "tiny.yaml", "--run", "diverged", "--set", "schedule.learning_rate=1e38",
            "--set", "schedule.min_learning_rate=1e37", "--set", "schedule.warmup_steps=0", "--set", "optimizer.max_grad_norm=0");
        assertEquals(5, result.exit(), result.err());
        assertTrue(result.err().contains("inkling: training diverged at update ") && result.err().contains("(micro-steps "), result.err());
        assertTrue(result.err().contains("The update was not applied."), result.err());
        assertEquals(0, shell.run("sample", "diverged", "--checkpoint", "last", "--prompt", "a", "--max-tokens", "3").exit());
    }

    @Test void anEndOtherThanTheLastStepIsStillSuccess() {
        Shell.Result minutes = shell.run("train", "tiny.yaml", "--run", "short", "--set", "train.max_minutes=1.0e-9");
        assertEquals(0, minutes.exit(), minutes.err());
        assertTrue(minutes.out().startsWith("Time is up after 0 updates"), minutes.out());
        Shell.Result patience = shell.run("train", "tiny.yaml", "--run", "patient", "--set", "train.early_stopping_patience=1",
            "--set", "schedule.learning_rate=1.0e-30", "--set", "schedule.min_learning_rate=0", "--set", "train.max_steps=100");
        assertEquals(0, patience.exit(), patience.err());
        assertTrue(patience.out().startsWith("Stopped early, no longer improving, after 4 updates"), patience.out());
    }

    @Test void corpusFaultsAreFoundBeforeTheRunDirectoryIsMade() throws IOException {
        Files.write(directory.resolve("latin1.txt"), new byte[] {'a', 'b', (byte) 0xE9, 'c'});
        Files.writeString(directory.resolve("empty.txt"), "");
        Files.writeString(directory.resolve("blank.txt"), " \n\t\n");
        Files.writeString(directory.resolve("brief.txt"), "abcdefghijklmnopqrstuvwxyz");
        Files.createDirectories(directory.resolve("folder"));
        Map.of("missing.txt", "missing.txt does not exist", "latin1.txt", "latin1.txt: byte 2", "empty.txt", "empty.txt", "blank.txt",
            "blank.txt",
            "brief.txt", "needs at least 17 tokens", "folder", "folder is a folder without any file", "/dev/zero",
                "/dev/zero is a FIFO, socket or device",
            "'*.none'", "*.none matches no file").forEach((corpus, message) -> {
                refused(2, message, shell.run("train", "tiny.yaml", "--run", "never", "--set", "data.train=" + corpus));
                assertFalse(Files.exists(runs.resolve("never")), corpus);
            });
    }

    @Test void aWrongRunFileOrCommandLineIsRefused() throws IOException {
        shell.write("bad.yaml", TinyRun.CONFIG.replace("n_head: 2", "n_head: 3").replace("batch_size: 4", "batch_sise: 4"));
        refused(2, "bad.yaml", shell.run("train", "bad.yaml"));
        refused(2, "batch_size", shell.run("train", "bad.yaml"));
        refused(2, "none.yaml", shell.run("train", "none.yaml"));
        refused(2, "train needs a run file, or --resume RUN, and not both", shell.run("train"));
        refused(2, "--run names a new run", shell.run("train", "--resume", "tiny", "--run", "x"));
        refused(2, "Unknown option", shell.run("train", "tiny.yaml", "--lerning-rate"));
        refused(2, "device", shell.run("train", "tiny.yaml", "--run", "x", "--set", "device=cuda:7"));
    }

    @Test void aModelOrBatchThatIsTooLargeIsRefusedAndTheEngineStillWorks() {
        refused(2, "inkling: the engine ran out of memory. Try a smaller model or train.batch_size (and more grad_accum_steps)",
            shell.run("train", "tiny.yaml", "--run", "huge", "--set", "model.n_embd=1048576", "--set", "model.n_head=1"));
        refused(2, "train.batch_size = 2000000000 makes micro-steps of 2000000000 windows of 16 tokens: a micro-step has at most 268435456",
            shell.run("train", "tiny.yaml", "--run", "wide", "--set", "train.batch_size=2000000000"));
        assertEquals(0, shell.run("train", "tiny.yaml", "--run", "after").exit(), "the engine still works after these faults");
    }

    @Test void aJavaHeapThatIsTooSmallEndsTheProcessAndNeverHangs() throws Exception {
        Shell.Result result = Shell.finish(shell.process(List.of("-Xmx24m", "-XX:+ExitOnOutOfMemoryError"), "train", "tiny.yaml", "--run",
            "tight", "--set", "train.batch_size=1000000"));
        assertEquals(3, result.exit(), result.out());
        assertTrue(result.out().contains("OutOfMemoryError"), result.out());
    }
}
