package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.TinyRun;
import inkling.inspect.page.Browser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A run that is steered from the page ends with the same bits as one that is steered by commands. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("browser")
class SteeredRunTest {
    @TempDir Path folder;

    private Process begin(String... arguments) throws IOException {
        return Command.begin(folder, arguments);
    }

    private Path run(String name) {
        return folder.resolve("checkpoints").resolve(name);
    }

    /** Begins a run, and kills its training after a checkpoint. */
    private void killed(String name) throws Exception {
        Process training = begin("train", "tiny.yaml", "--run", name, "--set", "train.max_steps=1000000", "--set", "train.max_minutes=3");
        Command.await(training, "saved step-000004");
        training.destroyForcibly().waitFor();
    }

    private static URI address(Process server) throws IOException {
        return URI.create(Command.await(server, "http://").split(" ")[0]);
    }

    private void confirm(Dashboard dashboard, String button, String command) {
        dashboard.page.until(button, () -> dashboard.page.all(".steering button").stream()
            .anyMatch(b -> b.isDisplayed() && b.isEnabled() && b.getText().equals(button)));
        dashboard.page.all(".steering button").stream().filter(b -> b.getText().equals(button)).findFirst().orElseThrow().click();
        if (button.startsWith("Extend")) {
            dashboard.page.type("#max-steps", command.replaceAll(".*=", ""));
        }
        assertTrue(dashboard.text("dialog code").matches(command), dashboard.text("dialog code"));
        dashboard.page.picture("runs-" + button.replaceAll("\\W", "").toLowerCase(java.util.Locale.ROOT));
        dashboard.page.click("#yes");
    }

    private void untilState(Dashboard dashboard, String state) {
        dashboard.page.until(state, () -> dashboard.text(".place").startsWith(state));
    }

    @Test void resumingStoppingAndExtendingFromThePageMakesTheSameRunAsCommandsDo() throws Exception {
        TinyRun.files(folder);
        killed("page");
        killed("hand");
        Process server = begin("serve", "--port", "0");
        long end;
        try (Browser browser = Browser.open(1280, 900)) {
            Dashboard dashboard = new Dashboard(browser).open(address(server).resolve("/runs#run=page"));
            confirm(dashboard, "Resume…", "./inkling train --resume checkpoints/page");
            untilState(dashboard, "training");
            dashboard.page.until("a new row", () -> Long.parseLong(dashboard.page.find("#runs").getDomAttribute("data-after")) > 8);
            confirm(dashboard, "Stop…", "kill [0-9]+");
            untilState(dashboard, "stopped");
            end = Long.parseLong(Files.readString(run("page").resolve("last")).strip().substring(5)) + 30;
            confirm(dashboard, "Extend…", "./inkling train --resume checkpoints/page --set train.max_steps=" + end);
            untilState(dashboard, "finished");
            dashboard.page.all(".steering button").get(3).click();
            dashboard.page.until("the model in the playground", () -> dashboard.page.all("#playground").size() == 1
                && dashboard.page.find("#model").getText().equals("page"));
            assertEquals(List.of(), browser.complaints(address(dashboard)));
        } finally {
            server.destroy();
            assertEquals(143, Command.end(server));
        }
        Process resumed = begin("train", "--resume", "hand");
        Command.await(resumed, "saved step-000012");
        assertEquals(0, new ProcessBuilder("kill", Long.toString(resumed.pid())).start().waitFor());
        assertEquals(143, Command.end(resumed));
        assertEquals(0, Command.end(begin("train", "--resume", "hand", "--set", "train.max_steps=" + end)));
        assertEquals(TinyRun.bits(run("hand"), end), TinyRun.bits(run("page"), end));
        assertEquals(TinyRun.metrics(run("hand")), TinyRun.metrics(run("page")));
        assertEquals(Files.readString(run("hand").resolve("best")), Files.readString(run("page").resolve("best")));
        assertEquals(Files.readString(run("hand").resolve("config.yaml")).replace("name: hand", "name: page"),
            Files.readString(run("page").resolve("config.yaml")));
    }

    private static URI address(Dashboard dashboard) {
        return URI.create(dashboard.page.browser.driver().getCurrentUrl());
    }

    /** The page that {@code --dashboard} opens shows the run as soon as it begins. The run has the same bits as without a page. */
    @Test void aDashboardBesideATrainingChangesNoBitOfIt() throws Exception {
        TinyRun.files(folder);
        Process training = begin("train", "tiny.yaml", "--run", "watched", "--dashboard", "--set", "train.max_steps=1000000");
        long server = -1;
        long steps;
        try (Browser browser = Browser.open(1280, 900)) {
            URI page = URI.create(Command.await(training, "dashboard: ").replaceAll("^.*dashboard: (\\S+).*$", "$1"));
            Dashboard dashboard = new Dashboard(browser);
            dashboard.page.open(page);
            dashboard.page.until("the run of that process", () -> browser.driver().getCurrentUrl().endsWith("#run=watched"));
            dashboard.ready();
            untilState(dashboard, "training");
            server = training.children().filter(ProcessHandle::isAlive).findFirst().orElseThrow().pid();
            confirm(dashboard, "Stop…", "kill " + training.pid());
            untilState(dashboard, "stopped");
            assertEquals(143, Command.end(training));
            steps = Long.parseLong(Files.readString(run("watched").resolve("last")).strip().substring(5));
            assertTrue(ProcessHandle.of(server).orElseThrow().isAlive(), "the page can still be read");
        } finally {
            ProcessHandle.of(server).ifPresent(ProcessHandle::destroy);
            training.destroyForcibly();
        }
        assertEquals(0, Command.end(begin("train", "--resume", "watched", "--set", "train.max_steps=" + (steps + 2))));
        assertEquals(0, Command.end(begin("train", "tiny.yaml", "--run", "alone", "--set", "train.max_steps=" + (steps + 2))));
        assertEquals(TinyRun.bits(run("alone"), steps + 2), TinyRun.bits(run("watched"), steps + 2));
        assertEquals(TinyRun.metrics(run("alone")), TinyRun.metrics(run("watched")));
        try (Stream<Path> files = Files.list(run("watched"))) {
            assertTrue(files.noneMatch(file -> file.endsWith("dashboard.log")), "only trainings that the page starts write it");
        }
    }
}
