package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.TinyRun;
import inkling.inspect.page.Browser;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The disk is full during a training: terminal and page say so, and the last checkpoint is whole, so a resume works. */
@Tag("browser")
@EnabledOnOs(OS.LINUX)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {
    @TempDir Path folder;
    private Path disk;

    @BeforeEach void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        Fixtures.assume(shell("mount -t tmpfs -o size=4m tmpfs '%s'".formatted(disk)) == 0,
            "a full disk needs a tmpfs, which only root may mount");
    }

    @AfterEach void unmount() throws Exception {
        if (disk != null) {
            shell("umount -l '%s'".formatted(disk));
        }
    }

    private static int shell(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
            .waitFor();
    }

    /** Fills the disk until the training has ended. Also fills the room that becomes free when an old checkpoint is deleted. */
    private static void fill(Path filler, Process training) throws Exception {
        do {
            try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (training.isAlive()) {
                    out.write(new byte[4096]);
                }
            } catch (IOException full) {
                // the disk is full, as it should be
            }
        } while (!training.waitFor(20, TimeUnit.MILLISECONDS));
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test void aTrainingOnAFullDiskSaysSoAndCanBeResumedWhenThereIsRoom() throws Exception {
        TinyRun.files(disk);
        Path filler = disk.resolve("filler");
        Process training = Command.begin(disk, "train", "tiny.yaml", "--dashboard", "--set", "train.max_steps=1000000",
            "--set", "train.max_minutes=5");
        Path run = disk.resolve("checkpoints/tiny");
        long server = -1;
        try (Browser browser = Browser.open(1280, 900)) {
            URI page = URI.create(Command.await(training, "dashboard: ").replaceAll("^.*dashboard: (\\S+).*$", "$1"));
            Dashboard dashboard = new Dashboard(browser);
            dashboard.page.open(page).until("its run", () -> browser.driver().getCurrentUrl().endsWith("#run=tiny"));
            dashboard.page.until("that little is left", () -> dashboard.page.isThere("[data-kind='disk']"));
            server = training.children().filter(ProcessHandle::isAlive).findFirst().orElseThrow().pid();
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(training));
            fill(filler, training);
            String said = output.get(60, TimeUnit.SECONDS);
            assertEquals(3, training.exitValue(), said);
            assertTrue(said.contains("the disk is full"), said);
            dashboard.page.until("why it failed", () -> dashboard.page.isThere("[data-kind='failed']"));
            String failed = dashboard.text("[data-kind='failed']");
            assertTrue(failed.startsWith("Its training failed: ") && failed.contains("the disk is full"), failed);
            dashboard.page.picture("runs-full-disk");
            assertEquals(List.of(), browser.complaints(page));
        } finally {
            ProcessHandle.of(server).ifPresent(ProcessHandle::destroy);
            training.destroyForcibly();
        }
        Files.delete(filler);
        long next = LearnedRun.newest(run) + 4;
        Process resumed = Command.begin(disk, "train", "--resume", "tiny", "--set", "train.max_steps=" + next);
        assertEquals(0, Command.end(resumed));
        assertEquals(next, LearnedRun.newest(run));
    }
}
