package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.Fixtures;
import inkling.run.TrainRun;
import inkling.runfile.ConfigFile;
import inkling.serve.TestServer;
import inkling.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;

/** The panels that show what each checkpoint of a run makes of a text. They show the same as the commands for each checkpoint. */
class CheckpointPanelsTest extends PlaygroundTests {
    @TempDir static Path directory;
    private static Path run;

    @Override TestServer serve() throws IOException {
        run = LearnedRun.train(directory);
        return LearnedRun.serve(run, Fixtures.own("gpt2"));
    }

    /** The panels' prompt has a real line break where the text has one, not a backslash and an n. */
    @Test void textsKeepTheirLineEnds() {
        page.write("The old\nman and", 2, 2).choose(page.all(".tokens [data-position]").size() - 3);
        panels.tab("score");
        String text = page.find("#panel-score textarea").getDomProperty("value");
        assertTrue(text.startsWith("The old\nman"), text);
        panels.tab("checkpoints");
        assertEquals(text, page.find("#panel-checkpoints textarea").getDomProperty("value"));
    }

    @Test void rowsOfCheckpointsAreWhatTheCommandSamplesAndNewOnesAppear() {
        page.write("The old man", 4, 2).choose(2);
        panels.tab("checkpoints");
        List<WebElement> rows = page.all("#panel-checkpoints .rows li");
        assertEquals(6, rows.size());
        assertEquals("0", rows.get(0).getDomAttribute("data-step"), "from noise to words");
        String prompt = page.find("#panel-checkpoints textarea").getDomProperty("value");
        for (WebElement row : List.of(rows.get(0), rows.get(3))) {
            JsonNode sample = Command.json(List.of("sample", run.toString(), "--checkpoint", row.getDomAttribute("data-step"), "--prompt",
                prompt,
                "--seed", "1", "--temperature", "0.8", "--max-tokens", "40"));
            assertEquals(prompt + sample.get("samples").get(0).get("text").asText(),
                row.findElement(By.cssSelector(".written")).getDomProperty("textContent"));
        }
        page.click("#panel-checkpoints circle[data-step='5']");
        panels.shown("checkpoints");
        assertEquals("true", page.find("#panel-checkpoints li[data-step='5'] button").getDomAttribute("aria-pressed"));
        page.find("#panel-checkpoints circle[data-step='5']").sendKeys(Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT,
            Keys.ARROW_RIGHT);
        assertEquals("15", browser.value("document.activeElement.dataset.step"));
        page.press(Keys.ENTER);
        panels.shown("checkpoints");
        assertEquals("true", page.find("#panel-checkpoints li[data-step='15'] button").getDomAttribute("aria-pressed"));
        assertEquals("15", browser.value("document.activeElement.dataset.step"), "the point keeps the focus while rows come");

        long before = Long.parseLong(page.all("#panel-checkpoints .rows li:last-child").get(0).getDomAttribute("data-step"));
        LearnedRun.resume(run, before + 5);
        page.until("the new checkpoint has a row",
            () -> page.isThere("#panel-checkpoints li[data-step='" + (before + 5) + "'][data-state='written']"));
    }

    /**
     * While the checkpoints write their rows, no point of the curve and no row is replaced, so a click on one is not lost. The rows keep
     * the prompt that was submitted, even if the user types another one meanwhile.
     */
    @Test void aClickWhileRowsAreWrittenIsNotLost() {
        page.write("The old man", 4, 2).choose(2);
        panels.tab("checkpoints");
        String points = "#panel-checkpoints circle[data-step]", rows = "#panel-checkpoints .rows li";
        page.type("#panel-checkpoints textarea", "Once upon a time");
        browser.driver().executeScript("document.querySelector('#panel-checkpoints form').requestSubmit();"
            + "document.querySelectorAll(arguments[0]).forEach(e => { e.marked = true; });"
            + "document.querySelector('#panel-checkpoints textarea').value = 'Never'", points + ", " + rows);
        panels.shown("checkpoints");
        assertTrue(page.stays(points), "points");
        assertTrue(page.stays(rows), "rows");
        for (WebElement row : page.all(rows)) {
            String text = row.findElement(By.cssSelector(".written")).getText();
            assertTrue(text.startsWith("Once upon a time") && text.length() > "Once upon a time".length(), text);
        }
    }

    @Test void theSliderShowsWhatEachCheckpointMakesOfTheText() {
        page.write("The old man", 4, 2).choose(2);
        panels.tab("learning");
        WebElement slider = page.find("#panel-learning input[type=range]");
        String newest = panels.attribute("#panel-learning", "data-step");
        slider.sendKeys(Keys.HOME);
        page.until("step 0 is shown", () -> "0".equals(panels.attribute("#panel-learning", "data-step")));
        assertNotEquals(newest, "0");
        slider.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        page.until("step 10 is shown", () -> "10".equals(panels.attribute("#panel-learning", "data-step")));
        JsonNode expected = Command.json(List.of("sample", run.toString(), "--checkpoint", "10", "--prompt-ids",
            String.join(",", panels.idsUpTo(2).stream().map(String::valueOf).toList()), "--max-tokens", "1", "--temperature", "1",
                "--seed", "1",
            "--show-distribution", "8")).get("samples").get(0).get("steps").get(0).get("top");
        List<WebElement> bars = page.all("#panel-learning .next .bars li");
        assertEquals(8, bars.size());
        for (int i = 0; i < 8; i++) {
            assertEquals(expected.get(i).get("id").asText(), bars.get(i).getDomAttribute("data-id"));
            assertEquals(expected.get(i).get("probability").asDouble(), Double.parseDouble(bars.get(i).getDomAttribute("data-p")), 1e-6);
        }
        assertEquals(3, page.all("#panel-learning .layers tr").size());
        page.until("the lines over all steps are drawn", () -> "true".equals(panels.attribute("#panel-learning", "data-filled")));
        assertEquals(5, page.all("#panel-learning .chance").size());
        new Select(page.find("#panel-learning .attention select")).selectByIndex(3);
        assertTrue(page.find("#panel-learning .attention canvas").getDomAttribute("aria-label").startsWith("Attention of layer 2, head 2"));
        page.click("#panel-learning .slider button");
        page.until("it plays to the end", () -> newest.equals(panels.attribute("#panel-learning", "data-step"))
            && page.find("#panel-learning .slider button").getText().equals("Play"));
    }

    @Test void theColumnOfAHeadThatStandsOutIsNamed() {
        page.write("The old man", 4, 2).choose(6);
        panels.tab("learning");
        page.until("the head is drawn", () -> page.isThere("#panel-learning .attention select"));
        new Select(page.find("#panel-learning .attention select")).selectByIndex(3);
        String step = panels.attribute("#panel-learning", "data-step");
        JsonNode rows = Command.json(List.of("attention", run.toString(), "--checkpoint", step, "--prompt-ids",
            String.join(",", panels.idsUpTo(6).stream().map(String::valueOf).toList()))).get("weights").get(1).get(1);
        double most = 0;
        for (int key = 1; key < rows.size() - 3; key++) {
            double sum = 0;
            for (int query = key + 1; query < rows.size(); query++) {
                sum += rows.get(query).get(key).asDouble();
            }
            most = Math.max(most, sum / (rows.size() - 1 - key));
        }
        Matcher told = Pattern.compile("“.*” gets the most attention from the tokens after it, ([0-9.]+) % on average").matcher(
            page.find("#panel-learning .attention > .note").getText());
        assertTrue(told.find(), page.find("#panel-learning .attention > .note").getText());
        assertEquals(100 * most, Double.parseDouble(told.group(1)), 0.51);
    }

    /** If a run kept only two checkpoints, the panels say why. The command that they show trains a run that keeps more. */
    @Test void aRunWithFewCheckpointsTellsHowToHaveMore() throws IOException {
        Path few = LearnedRun.train(directory, "few", "2");
        try (TestServer other = LearnedRun.serve(few)) {
            page.open(other.uri("/")).ready().write("The old man", 2, 2).choose(2);
            for (String tab : List.of("checkpoints", "learning")) {
                panels.tab(tab);
                assertTrue(page.find("#panel-" + tab + " .few").getText().contains("2 checkpoints: a run keeps the newest"), tab);
            }
            assertTrue(page.find("#panel-checkpoints circle.measured").getDomAttribute("cx").equals("44"), "validation begins at step 0");
            List<String> words = Command.words(page.find("#panel-learning .few code").getText());
            assertEquals(List.of("inkling", "train", few.resolve("config.yaml").toString(), "--run", "few-steps"), words.subList(0, 5));
            List<String> settings = words.subList(5, words.size()).stream().filter(word -> !word.equals("--set")).toList();
            TrainRun.begin(ConfigFile.read(Path.of(words.get(2)),
                Stream.concat(settings.stream(), Stream.of("name=" + words.get(4))).toList()), directory, new TrainingListener() { },
                () -> false);
            browser.driver().get("about:blank");         // leaves the page, which would go on asking for new checkpoints
            assertEquals(List.of(), browser.complaints(other.uri("/")));
        }
        try (Stream<Path> made = Files.list(directory.resolve("few-steps"))) {
            assertTrue(made.filter(path -> path.getFileName().toString().startsWith("step-")).count() >= 11, "0, 4, 8, … 40, and the best");
        }
    }

    /**
     * The command that trains a run with more checkpoints is {@code train} or {@code cluster train}, whichever trained the run that is
     * shown. It names the run file beside the checkpoints.
     */
    @ParameterizedTest
    @CsvSource({"train, runs/tale, runs/tale/step-000004", "cluster train, runs/tale, runs/tale/step-000004",
        "train, C:\\runs\\tale, C:\\runs\\tale\\step-000004"})
    void theRunFileIsBesideTheCheckpoints(String training, String home, String checkpoint) {
        Object command = browser.driver().executeAsyncScript("const [command, directory, done] = arguments;"
            + "const at = document.querySelector('script[type=module]').src.replace('playground.js', 'panels/steps.js');"
            + "import(at).then(({fewSteps}) => done(fewSteps({run: 'tale', command, checkpoints: [{step: 4}]}, {directory})[0]"
            + ".querySelector('code').textContent))", training, checkpoint);
        assertTrue(command.toString().startsWith("inkling " + training + " '" + home + "/config.yaml'"), command.toString());
    }

    @Test void aModelThatIsNoCheckpointSaysSo() {
        page.use(Fixtures.own("gpt2"));
        page.write("The old man", 4, 2).choose(2);
        page.click("#tab-checkpoints");
        page.until("it is said", () -> page.find("#panel-checkpoints").getText().contains("no checkpoint of a run"));
        page.click("#tab-learning");
        page.until("it is said", () -> page.find("#panel-learning").getText().contains("no checkpoint of a run"));
    }
}
