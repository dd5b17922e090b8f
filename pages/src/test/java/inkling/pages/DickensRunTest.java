package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.inspect.RunHistory.Metric;
import inkling.inspect.page.Browser;
import inkling.serve.RunFiles;
import inkling.serve.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/** A model learns Dickens, and the dashboard is used by the keyboard alone, from the list of runs to the playground. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("browser")
class DickensRunTest {
    @TempDir Path folder;
    private Dashboard dashboard;
    private String name;

    private Path run() {
        return folder.resolve("checkpoints").resolve(name);
    }

    /** Writes a short text and a run file for a small model, so that there is something to see at once. */
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

    private long shownStep() {
        return Long.parseLong(dashboard.page.find("#runs").getDomAttribute("data-after"));
    }

    private void untilState(String state) {
        dashboard.page.until(state, () -> dashboard.text(".place").startsWith(state));
    }

    /**
     * Goes to a button by Tab, presses it, and confirms the dialog.
     *
     * @param button counted from 1
     * @param command a regular expression for the command that the dialog shows
     */
    private void steer(int button, String command) {
        dashboard.page.until("the button can be pressed", () -> dashboard.page.all(".steering button").get(button - 1).isEnabled());
        dashboard.page.tabTo(".steering button:nth-of-type(" + button + ")").press(Keys.ENTER);
        dashboard.page.until("it asks first", () -> dashboard.page.isThere("dialog[open]"));
        assertTrue(dashboard.text("dialog code").matches(command), dashboard.text("dialog code"));
        dashboard.page.tabTo("#yes").press(Keys.ENTER);
    }

    private void sameAsTheFile(long upTo) {
        SortedMap<Long, Double> drawn = dashboard.drawn("chart-loss", Dashboard.TRAIN);
        var series = RunFiles.history(run()).series(Metric.TRAIN_LOSS);
        for (int i = 0; i < series.steps().length && series.steps()[i] <= upTo; i++) {
            assertEquals(series.values()[i], drawn.get((long) series.steps()[i]), 1e-6, "step " + series.steps()[i]);
        }
    }

    @Test void aRunIsFollowedSteeredAndOpenedByTheKeyboardAlone() throws Exception {
        writeFiles();
        watched("novel.yaml", 20, "The old", 5, () -> { });
    }

    /** The README's own run is stopped, trained to its end and extended. Then its model is used in the playground. */
    @Test
    @Tag("long")
    @Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theReadmesRunIsWalkedFromEndToEnd(@TempDir Path saved) throws Exception {
        Path config = Files.createDirectories(folder.resolve("configs")).resolve("dickens.yaml");
        Files.copy(Path.of("configs/dickens.yaml"), config);
        watched("configs/dickens.yaml", 50, "", 50, this::resumedToItsEnd);
        try (Browser browser = Browser.open(1280, 900); TestServer server = LearnedRun.serve(run())) {
            new Walk(new Playground(browser).open(server.uri("/")).ready(), server).through(run(), saved);
            assertEquals(List.of(), server.faults());
        }
    }

    /**
     * Trains a run, and follows and steers it on the dashboard.
     *
     * @param first the step of a checkpoint; the dashboard is opened once it is saved
     * @param prompt of the run's samples
     * @param second the step of the second sample; the first is that of step 0
     * @param next what is done with the stopped run before it is extended
     */
    private void watched(String config, int first, String prompt, int second, Runnable next) throws Exception {
        name = config.replaceAll(".*/|[.]yaml", "");
        assertEquals(0, Command.end(Command.begin(folder, "train", config, "--run", "wide", "--set", "model.n_embd=48",
            "--set", "train.max_steps=20")));
        Process training = Command.begin(folder, "train", config);
        Command.await(training, "saved step-0000" + first);
        Process server = Command.begin(folder, "serve", "--port", "0");
        try (Browser browser = Browser.open(1280, 900)) {
            URI pages = URI.create(Command.await(server, "http://").split(" ")[0]);
            dashboard = new Dashboard(browser).open(pages);
            followed(training);
            samples(prompt, second);
            next.run();
            extended(browser);
            laidOver(pages);
            whatIsWrongIsSaid(pages);
            dashboard.open(pages.resolve("/runs#run=" + name));
            dashboard.page.tabTo(".steering button:nth-of-type(4)").press(Keys.ENTER);
            dashboard.page.until("the playground", () -> dashboard.page.all("#playground").size() == 1
                && dashboard.page.find("#model").getText().equals(name));
            assertEquals(List.of(), browser.complaints(pages));
        } finally {
            server.destroy();
            training.destroyForcibly();
            assertEquals(143, Command.end(server));
        }
    }

    private void followed(Process training) throws Exception {
        dashboard.page.until("it is in the list", () -> dashboard.text(".list").contains("training"));
        dashboard.page.tabTo(".list a[href$=" + name + "]").press(Keys.ENTER);
        untilState("training");
        dashboard.page.until("rows", () -> dashboard.page.isThere("#chart-loss canvas"));
        long before = shownStep();
        dashboard.page.until("the curves grow", () -> shownStep() > before + 5);
        dashboard.page.until("time left, memory", () -> dashboard.text(".place").contains("left")
            && dashboard.text(".figures").contains("memory"));
        for (String chart : List.of("rate", "norm", "speed")) {
            assertFalse(dashboard.drawn("chart-" + chart, Dashboard.TRAIN).isEmpty(), chart);
        }
        steer(1, "kill " + training.pid());
        untilState("stopped");
        assertEquals(143, Command.end(training));
        assertTrue(Files.exists(run().resolve(Files.readString(run().resolve("last")).strip())), "with a checkpoint");
        sameAsTheFile(shownStep());
    }

    private void samples(String prompt, int second) {
        dashboard.page.tabTo("#sample").press(Keys.HOME);
        dashboard.page.until("what it wrote before it learned", () -> dashboard.text(".strip .where").equals("step 0"));
        assertEquals(prompt, dashboard.text(".sample-text .prompt"));
        dashboard.page.press(Keys.ARROW_RIGHT);
        dashboard.page.until("and a little later", () -> dashboard.text(".strip .where").equals("step " + second));
    }

    private void resumedToItsEnd() {
        steer(2, "./inkling train --resume checkpoints/" + name);
        untilState("training");
        while (!dashboard.text(".place").startsWith("finished")) {
            long before = shownStep();
            dashboard.page.until("it goes on after " + before,
                () -> shownStep() > before || dashboard.text(".place").startsWith("finished"));
        }
        sameAsTheFile(shownStep());
    }

    private void extended(Browser browser) throws IOException {
        long end = LearnedRun.newest(run()) + 10;
        dashboard.page.tabTo(".steering button:nth-of-type(3)").press(Keys.ENTER);
        dashboard.page.until("it asks how far", () -> dashboard.page.isThere("dialog[open] #max-steps"));
        dashboard.page.type("#max-steps", Long.toString(end)).tabTo("#yes");
        assertEquals("./inkling train --resume checkpoints/" + name + " --set train.max_steps=" + end, dashboard.text("dialog code"));
        dashboard.page.press(Keys.ENTER);
        dashboard.upTo(end);
        untilState("finished");
        browser.driver().navigate().refresh();
        dashboard.ready().upTo(end);
        sameAsTheFile(end);
        dashboard.page.fits(name);
    }

    private void laidOver(URI pages) {
        dashboard.open(pages).page.until("both runs", () -> dashboard.page.all(".list tbody tr").size() == 2);
        dashboard.page.fits(name + "-list");
        dashboard.page.tabTo(".list input").press(" ").press(Keys.TAB, Keys.TAB, " ").tabTo(".main").press(Keys.ENTER);
        dashboard.ready().page.until("what differs", () -> dashboard.page.isThere(".differences"));
        assertTrue(dashboard.text(".differences").matches("(?s).*model.n_embd \\d+ 48.*"), dashboard.text(".differences"));
        dashboard.page.fits(name + "-several");
    }

    /** Adds a row with a gradient that is not finite to the run {@code wide}. Its page then has a warning. */
    private void whatIsWrongIsSaid(URI pages) throws IOException {
        Path metrics = folder.resolve("checkpoints/wide/metrics.csv");
        List<String> rows = Files.readAllLines(metrics);
        List<String> columns = List.of(rows.get(0).split(","));
        String[] bad = rows.get(rows.size() - 1).split(",", -1);
        bad[columns.indexOf("step")] = "21";
        bad[columns.indexOf("grad_norm")] = "NaN";
        Files.writeString(metrics, String.join(",", bad) + "\r\n", StandardOpenOption.APPEND);
        dashboard.open(pages.resolve("/runs#run=wide")).upTo(21);
        assertTrue(dashboard.text(".warnings").contains("not finite"), dashboard.text(".warnings"));
    }
}
