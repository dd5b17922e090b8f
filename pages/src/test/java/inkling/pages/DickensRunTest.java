package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.page.Browser;
import inkling.serve.RunFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** A model learns Dickens while somebody with a keyboard alone sits at the dashboard, from the list of runs to a look inside. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("browser")
class DickensRunTest {
    private static final String NAME = "novel";

    @TempDir Path folder;
    private Dashboard dashboard;

    private Path run(String name) {
        return folder.resolve("checkpoints").resolve(name);
    }

    /** Small, and of half a page of text in a second, so that there is something to see at once. */
    private void writeFiles() throws IOException {
        Files.writeString(folder.resolve("dickens.txt"), Fixtures.dickens().substring(0, 60_000));
        Files.writeString(folder.resolve("novel.yaml"), """
            name: novel
            threads: 1
            data: {train: dickens.txt, tokenizer: {type: char, fit: all}}
            model: {n_layer: 2, n_head: 2, n_embd: 32, context_length: 32}
            schedule: {type: constant, learning_rate: 3.0e-3}
            train: {max_steps: 1000000, max_minutes: 8, batch_size: 16, log_interval: 5, eval_interval: 20, eval_batches: 2,
              checkpoint_interval: 20, milestones: [0, 5, 10], sample: {interval: 20, prompt: "The old", max_tokens: 40}}
            """);
    }

    private long newest() {
        return Long.parseLong(dashboard.page.find("#runs").getDomAttribute("data-after"));
    }

    private void state(String state) {
        dashboard.page.until(state, () -> dashboard.text(".place").startsWith(state));
    }

    /** Comes to a button by Tab, presses it, and says yes. */
    private void steer(int button, String command) {
        dashboard.page.until("the button can be pressed", () -> dashboard.page.all(".steering button").get(button - 1).isEnabled());
        dashboard.page.tabTo(".steering button:nth-of-type(" + button + ")").press(Keys.ENTER);
        dashboard.page.until("it asks first", () -> dashboard.page.isThere("dialog[open]"));
        assertTrue(dashboard.text("dialog code").matches(command), dashboard.text("dialog code"));
        dashboard.page.tabTo("#yes").press(Keys.ENTER);
    }

    private void sameAsTheFile(long upTo) {
        SortedMap<Long, Double> drawn = dashboard.drawn("chart-loss", Dashboard.TRAIN);
        var series = RunFiles.history(run(NAME)).series(Metric.TRAIN_LOSS);
        for (int i = 0; i < series.steps().length && series.steps()[i] <= upTo; i++) {
            assertEquals(series.values()[i], drawn.get((long) series.steps()[i]), 1e-6, "step " + series.steps()[i]);
        }
    }

    @Test void itIsWatchedSteeredAndSeenIntoByTheKeyboardAlone() throws Exception {
        writeFiles();
        Process wide = Command.begin(folder, "train", "novel.yaml", "--run", "wide", "--set", "model.n_embd=48",
            "--set", "train.max_steps=20");
        assertEquals(0, Command.end(wide));
        Process training = Command.begin(folder, "train", "novel.yaml");
        Command.await(training, "saved step-000020");
        Process server = Command.begin(folder, "serve", "--port", "0");
        try (Browser browser = Browser.open(1280, 900)) {
            URI pages = URI.create(Command.await(server, "http://").split(" ")[0]);
            dashboard = new Dashboard(browser).open(pages);
            followed(training);
            continued(browser);
            laidOver(pages, browser);
            dashboard.open(pages.resolve("/runs#run=" + NAME));
            dashboard.page.tabTo(".steering button:nth-of-type(4)").press(Keys.ENTER);
            dashboard.page.until("the playground", () -> dashboard.page.all("#playground").size() == 1
                && dashboard.page.find("#model").getText().equals(NAME));
            assertEquals(List.of(), browser.complaints(pages));
        } finally {
            server.destroy();
            training.destroyForcibly();
            assertEquals(143, Command.end(server));
        }
    }

    private void followed(Process training) throws Exception {
        dashboard.page.until("it is in the list", () -> dashboard.text(".list").contains("training"));
        dashboard.page.tabTo(".list a[href$=novel]").press(Keys.ENTER);
        state("training");
        dashboard.page.until("rows", () -> dashboard.page.isThere("#chart-loss canvas"));
        long before = newest();
        dashboard.page.until("the curves grow", () -> newest() > before + 5);
        dashboard.page.until("time left, memory", () -> dashboard.text(".place").contains("left")
            && dashboard.text(".figures").contains("memory"));
        for (String chart : List.of("rate", "norm", "speed")) {
            assertFalse(dashboard.drawn("chart-" + chart, Dashboard.TRAIN).isEmpty(), chart);
        }
        steer(1, "kill " + training.pid());
        state("stopped");
        assertEquals(143, Command.end(training));
        assertTrue(Files.exists(run(NAME).resolve(Files.readString(run(NAME).resolve("last")).strip())), "with a checkpoint");
    }

    private void continued(Browser browser) throws IOException {
        long end = Long.parseLong(Files.readString(run(NAME).resolve("last")).strip().substring(5)) + 10;
        sameAsTheFile(Math.min(end, newest()));
        dashboard.page.tabTo("#sample").press(Keys.HOME);
        dashboard.page.until("what it wrote before it learned", () -> dashboard.text(".strip .where").equals("step 0"));
        assertEquals("The old", dashboard.text(".sample-text .prompt"));
        dashboard.page.press(Keys.ARROW_RIGHT);
        dashboard.page.until("and a little later", () -> dashboard.text(".strip .where").equals("step 5"));
        dashboard.page.tabTo(".steering button:nth-of-type(3)").press(Keys.ENTER);
        dashboard.page.until("it asks how far", () -> dashboard.page.isThere("dialog[open] #max-steps"));
        dashboard.page.type("#max-steps", Long.toString(end)).tabTo("#yes");
        assertEquals("./inkling train --resume checkpoints/novel --set train.max_steps=" + end, dashboard.text("dialog code"));
        dashboard.page.press(Keys.ENTER);
        state("finished");
        dashboard.upTo(end);
        browser.driver().navigate().refresh();
        dashboard.ready().upTo(end);
        sameAsTheFile(end);
        looks(browser, "novel");
    }

    private void laidOver(URI pages, Browser browser) throws IOException {
        dashboard.open(pages).page.until("both runs", () -> dashboard.page.all(".list tbody tr").size() == 2);
        looks(browser, "novel-list");
        dashboard.page.tabTo(".list input").press(" ").press(Keys.TAB, Keys.TAB, " ").tabTo(".main").press(Keys.ENTER);
        dashboard.ready().page.until("what differs", () -> dashboard.page.isThere(".differences"));
        assertTrue(dashboard.text(".differences").contains("model.n_embd 32 48"), dashboard.text(".differences"));
        looks(browser, "novel-several");
    }

    /** At a desk and on a phone, light and dark: pictures for people to look at. */
    private void looks(Browser browser, String name) {
        for (boolean dark : new boolean[] {false, true}) {
            for (int width : new int[] {390, 1280}) {
                browser.dark(dark);
                browser.resize(width, width == 390 ? 1600 : 1300);
                dashboard.page.until("drawn as wide as the window", () -> (Boolean) browser.value("[...document.querySelectorAll('.plot')]"
                    + ".every(p => !p.clientWidth || p.querySelector('.uplot').clientWidth === p.clientWidth)"));
                assertFalse(browser.scrollsSideways(), name + " at " + width);
                dashboard.page.picture("%s-%d-%s".formatted(name, width, dark ? "dark" : "light"));
            }
        }
        browser.dark(false);
    }
}
