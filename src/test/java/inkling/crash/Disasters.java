package inkling.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Faults other than kills, each on a run of its own: how training reacts, and whether the final result is the same. */
final class Disasters {
    private static final int MEGABYTE = 1 << 20;

    private final Path directory;
    private final Path reference;

    Disasters(Path directory, Path reference) {
        this.directory = directory;
        this.reference = reference;
    }

    @FunctionalInterface
    private interface Disaster {
        /** What went wrong, or why the fault was skipped; empty if the run survived. */
        Optional<String> strike(Trial trial) throws Exception;
    }

    /**
     * Tries each fault. The result maps the name of the fault to what went wrong: "" if the run survived, "skipped: …" if this machine
     * cannot try the fault.
     */
    Map<String, String> strike() throws Exception {
        Map<String, Disaster> all = new LinkedHashMap<>();
        all.put("a full disk", trial -> onTmpfs(trial, this::fullDisk));
        all.put("a read-only remount", trial -> onTmpfs(trial, this::readOnly));
        all.put("two writers", this::twoWriters);
        all.put("a corpus that is truncated while training; the run is then resumed", this::truncatedCorpus);
        all.put("a token file that is truncated while training", this::truncatedTokens);
        all.put("too small a Java heap", this::smallHeap);
        all.put("too small an address space", this::smallAddressSpace);
        Map<String, String> results = new LinkedHashMap<>();
        for (Map.Entry<String, Disaster> each : all.entrySet()) {
            Trial trial = Trial.in(directory.resolve("disaster-" + results.size()), reference);
            results.put(each.getKey(), each.getValue().strike(trial).orElse(""));
        }
        return results;
    }

    private static Optional<String> expect(Trial.Ended ended, int exit, String text) {
        return ended.exit() == exit && ended.output().contains(text) ? Optional.empty()
            : Optional.of("exit %d, expected %d and \"%s\": %s".formatted(ended.exit(), exit, text, ended.output()));
    }

    /** Resumes the run to its end and compares it with the undisturbed run. */
    private static Optional<String> goesOn(Trial trial) throws Exception {
        Trial.Ended ended = trial.finish(trial.train(List.of()));
        return ended.exit() == 0 ? trial.difference() : Optional.of("the resume failed: " + ended.output());
    }

    private static Optional<String> first(Optional<String> a, ThrowingSupplier b) throws Exception {
        return a.isPresent() ? a : b.get();
    }

    @FunctionalInterface
    private interface ThrowingSupplier {
        Optional<String> get() throws Exception;
    }

    private static int shell(String command) throws Exception {
        return new ProcessBuilder("sh", "-c",
            command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    private Optional<String> onTmpfs(Trial trial, Disaster disaster) throws Exception {
        Path mount = trial.directory().resolve("checkpoints");
        Files.createDirectories(mount);
        if (shell("mount -t tmpfs -o size=4m tmpfs '%s'".formatted(mount)) != 0) {
            return Optional.of("skipped: mounting a tmpfs needs root");
        }
        try {
            return disaster.strike(trial);
        } finally {
            shell("umount '%s'".formatted(mount));
        }
    }

    private Optional<String> fullDisk(Trial trial) throws Exception {
        started(trial).destroyForcibly().waitFor();
        Path filler = trial.run().resolve("../filler");
        try (var out = Files.newOutputStream(filler)) {
            for (int i = 0; i < 4 * MEGABYTE / 4096; i++) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            shell("truncate -s -%d '%s'".formatted(120_000, filler));   // room for one save more, not for two
        }
        Trial.Ended ended = trial.finish(trial.train(List.of()));
        Optional<String> wrong = expect(ended, 3, "the disk is full");
        if (wrong.isEmpty()) {
            wrong = trial.damage(0);
        }
        Files.delete(filler);
        return first(wrong, () -> goesOn(trial));
    }

    private Optional<String> readOnly(Trial trial) throws Exception {
        started(trial).destroyForcibly().waitFor();
        Path mount = trial.directory().resolve("checkpoints");
        if (shell("mount -o remount,ro '%s'".formatted(mount)) != 0) {
            return Optional.of("skipped: the remount was refused");
        }
        Trial.Ended ended = trial.finish(trial.train(List.of()));
        Trial.Ended another = trial.finish(trial.command(List.of(), "train", "tiny.yaml", "--run", "another"));
        shell("mount -o remount,rw '%s'".formatted(mount));
        return first(first(expect(ended, 3, "read-only"), () -> expect(another, 3, "read-only")), () -> goesOn(trial));
    }

    /** Starts a training and returns once it has saved, has ended, or has run for half a minute. */
    private static Process started(Trial trial) throws Exception {
        Process process = trial.train(List.of()).redirectOutput(trial.directory().resolve("background.txt").toFile()).start();
        for (int i = 0; i < 6000 && process.isAlive() && !Files.exists(trial.run().resolve("last")); i++) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return process;
    }

    private Optional<String> twoWriters(Trial trial) throws Exception {
        Process holder = started(trial);
        shell("kill -STOP " + holder.pid());
        Trial.Ended second = trial.finish(trial.train(List.of()));
        shell("kill -CONT " + holder.pid());
        int exit = holder.waitFor();
        return first(expect(second, 3, "process " + holder.pid() + " writes there"),
            () -> exit == 0 ? trial.difference() : Optional.of("the first writer ended with " + exit));
    }

    /** Once it has saved, the training reads only its token file, so it ends well. A resume asks for the text that the run began with. */
    private Optional<String> truncatedCorpus(Trial trial) throws Exception {
        Path corpus = trial.directory().resolve("corpus.txt");
        byte[] text = Files.readAllBytes(corpus);
        Process process = started(trial);
        shell("truncate -s 100 '%s'".formatted(corpus));
        process.destroy();
        int exit = process.waitFor();
        Trial.Ended refused = trial.finish(trial.train(List.of()));
        Files.write(corpus, text);
        return first(exit == 143 || exit == 0 ? Optional.empty() : Optional.of("exit " + exit),
            () -> first(expect(refused, 2, "changed since the run began"), () -> goesOn(trial)));
    }

    private Optional<String> truncatedTokens(Trial trial) throws Exception {
        Process process = started(trial);
        Path cache = trial.directory().resolve("checkpoints/.tokens");
        shell("truncate -s 64 '%s'/*.tokens".formatted(cache));
        int exit = process.waitFor();
        Trial.Ended refused = trial.finish(trial.train(List.of()));
        Optional<String> damage = trial.damage(0);
        shell("rm '%s'/*.tokens".formatted(cache));
        return first(exit == 2 ? Optional.empty() : Optional.of("exit %d: %s".formatted(exit,
            Files.readString(trial.directory().resolve("background.txt")))),
            () -> first(expect(refused, 4, "Delete it: it is built again from the text"), () -> first(damage, () -> goesOn(trial))));
    }

    private Optional<String> smallHeap(Trial trial) throws Exception {
        Trial.Ended ended = trial.finish(trial.train(List.of("-Xmx10m", "-XX:MaxDirectMemorySize=1m")));
        return ended.exit() == 0 ? Optional.of("10 MB of heap were enough: nothing was tried") : first(trial.damage(-1),
            () -> goesOn(trial));
    }

    /** With a limit below what libtorch maps, the process must fail, and leave nothing half done. */
    private Optional<String> smallAddressSpace(Trial trial) throws Exception {
        ProcessBuilder java = trial.train(List.of("-Xmx64m"));
        java.command(Stream.concat(Stream.of("sh", "-c", "ulimit -v 2600000 || exit 99; exec \"$@\"", "sh"),
            java.command().stream()).toList());
        Trial.Ended ended = trial.finish(java);
        if (ended.exit() == 99) {
            return Optional.of("skipped: no ulimit -v here");
        }
        return ended.exit() == 0 ? Optional.of("that address space was enough: nothing was tried")
            : first(trial.damage(-1), () -> goesOn(trial));
    }
}
