package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.engine.ComputeContext;
import inkling.inspect.page.Browser;
import inkling.run.LoadedModel;
import inkling.serve.ScriptedModel;
import inkling.serve.ServeOptions;
import inkling.serve.TestServer;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If the server or the connection fails, an open page says so, and it goes on by itself when the trouble is over. */
@Tag("browser")
class RecoveryTest {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";
    @TempDir private static Path folder;
    private static Browser browser;

    @BeforeAll static void start() throws IOException {
        ScriptedModel.write(ALPHABET, folder.resolve("script"));
        browser = Browser.open(1000, 900);
    }

    @AfterAll static void stop() throws IOException {
        browser.close();
    }

    private static ServeOptions options(int port, int waiting, Optional<String> key) {
        return new ServeOptions("127.0.0.1", port, key, Set.of(), Set.of(), new BatcherOptions(1, 64 << 20, waiting), Limits.DEFAULT);
    }

    private static TestServer serve(ServeOptions options) {
        LoadedModel model = LoadedModel.open(folder.resolve("script"), ComputeContext.of("cpu"));
        return TestServer.over(options, new ServedModel("script", model, options.batching()));
    }

    private static TestServer serve(int port) {
        return serve(options(port, 4, Optional.empty()));
    }

    /** Keeps the model's thread busy until the caller counts the returned latch down. */
    private static CountDownLatch hold(TestServer server) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture.runAsync(() -> server.model("script").batcher().call(() -> {
            held.countDown();
            release.await();
            return true;
        }));
        held.await();
        return release;
    }

    private static Playground open(TestServer server) {
        return new Playground(browser).open(server.uri("/"));
    }

    private static CompletableFuture<?> ask(TestServer server) {
        return CompletableFuture.runAsync(() -> server.post("/v1/completions", "{'prompt':'a','max_tokens':4}"));
    }

    @Test void aServerThatIsStartedAnewIsFoundAgain() {
        int port;
        Playground page;
        try (TestServer server = serve(0)) {
            port = server.uri("/").getPort();
            page = open(server).ready().knob("temperature", 0);
            page.write("abc", 5, 1);
            assertEquals("abcdefgh", page.text());
        }
        page.click("#write");
        page.until("it says that nobody answers", () -> page.find("#connection").getText()
            .contains("The server does not answer. Trying again…"));
        page.until("the text says so, too", () -> page.find(".state").getText().contains("Trying again by itself"));
        try (TestServer again = serve(port)) {
            page.ready();
            page.until("the text is written", () -> page.state().equals("done"));
            assertEquals("abcdefgh", page.text());
            page.choose(5);
        }
    }

    @Test void aPageThatIsOpenedBeforeTheModelIsThereWaitsForIt() {
        ServeOptions options = options(0, 4, Optional.empty());
        try (TestServer server = TestServer.expecting(options, "script")) {
            Playground page = open(server);
            page.until("it says what it waits for", () -> page.find("#connection").getText().contains("script is being loaded."));
            server.server().open(() -> new ServedModel("script", LoadedModel.open(folder.resolve("script"), ComputeContext.of("cpu")),
                options.batching()));
            page.ready().knob("temperature", 0).write("abc", 5, 1);
            assertEquals("abcdefgh", page.text());
            page.choose(5).bars();
            assertEquals(List.of(), server.faults(), "views of a model that came later are made, too");
        }
    }

    /** A page that nobody uses also says that the server is gone, and then shows the models of the next server. */
    @Test void aPageThatNobodyUsesNoticesToo() {
        int port;
        Playground page;
        try (TestServer server = serve(0)) {
            port = server.uri("/").getPort();
            page = open(server).ready();
        }
        page.until("it says that nobody answers", () -> page.find("#connection").getText().contains("Trying again…"));
        ServeOptions options = options(port, 4, Optional.empty());
        LoadedModel model = LoadedModel.open(folder.resolve("script"), ComputeContext.of("cpu"));
        try (TestServer again = TestServer.over(options, new ServedModel("another", model, options.batching()))) {
            page.until("it has the other model", () -> page.find("#model").getText().equals("another"));
            page.ready().knob("temperature", 0).write("abc", 5, 1);
            assertEquals("abcdefgh", page.text());
        }
    }

    /** The connection is cut in the middle of a text. When it is mended, the page completes the text, as if there had been no cut. */
    @Test void aTextThatWasCutOffIsWrittenToItsEnd() throws IOException {
        try (TestServer server = serve(0); Line line = new Line(server.uri("/").getPort())) {
            Playground page = new Playground(browser).open(line.uri()).ready().knob("temperature", 0);
            line.letPass(6_000); // bytes: enough for some of the 400 tokens
            page.type("#prompt", "abc").type("#max-tokens", "400").type("#seed", "3").click("#write");
            page.until("some of it is there", () -> page.state().equals("writing") && page.text().length() > 4);
            line.cut();
            page.until("it says that it tries again", () -> page.state().equals("retrying"));
            page.until("it says that nobody answers", () -> page.find("#connection").getText().contains("Trying again…"));
            assertTrue(page.text().startsWith("abcde"), "what came stays in view");
            line.mend();
            page.until("the text is written", () -> page.state().equals("done"));
            assertTrue(page.find(".state").getText().startsWith("400 tokens, as many as were asked for"), page.find(".state").getText());
            assertTrue(page.text().length() > 400 && ALPHABET.repeat(20).startsWith(page.text()), page.text());
        }
    }

    /** Sends two requests and, when both wait, a third one from the page. What it returns completes when the first two are answered. */
    private static CompletableFuture<Void> asksBehindTwo(Playground page, TestServer server) {
        CompletableFuture<Void> others = CompletableFuture.allOf(ask(server), ask(server));
        page.until("both wait", () -> server.model("script").batcher().waiting() == 2);
        page.type("#prompt", "abc").type("#max-tokens", "5").click("#write");
        return others;
    }

    @Test void aFullQueueIsWaitedFor() throws InterruptedException {
        try (TestServer server = serve(options(0, 1, Optional.empty()))) {
            Playground page = open(server).ready().knob("temperature", 0);
            CountDownLatch release = hold(server);
            CompletableFuture<Void> others = asksBehindTwo(page, server);
            page.until("the page tells of the queue", () -> page.find(".state").getText().contains("The queue is full"));
            release.countDown();
            page.until("the text is written", () -> page.state().equals("done"));
            assertEquals("abcdefgh", page.text());
            others.join();
        }
    }

    @Test void thePlaceInTheQueueIsTold() throws InterruptedException {
        try (TestServer server = serve(options(0, 8, Optional.empty()))) {
            Playground page = open(server).ready().knob("temperature", 0);
            CountDownLatch release = hold(server);
            CompletableFuture<Void> others = asksBehindTwo(page, server);
            page.until("the place is told", () -> page.find(".state").getText().equals("Waiting: 2 requests before this one."));
            page.click("#stop");
            page.until("it can be stopped while it waits", () -> page.state().equals("stopped"));
            release.countDown();
            others.join();
        }
    }

    @Test void aServerWithAKeyIsUsedWithIt() {
        try (TestServer server = serve(options(0, 4, Optional.of("sesame, open")))) {
            Playground page = open(server);
            page.until("it asks for the key", () -> page.isThere("#key"));
            page.type("#key", "wrong").press(org.openqa.selenium.Keys.ENTER);
            page.until("it asks again", () -> page.isThere("#key") && page.find("#key").getDomProperty("value").isEmpty());
            page.type("#key", "sesame, open").press(org.openqa.selenium.Keys.ENTER);
            page.ready().knob("temperature", 0).write("abc", 5, 1);
            assertEquals("abcdefgh", page.text());
            Map.of("curl", "Authorization: Bearer KEY", "Python (openai)", "api_key=\"KEY\"", "openai-java", ".apiKey(\"KEY\")")
                .forEach((form, words) -> {
                    page.choose("#copy-as", form);
                    assertTrue(page.find("#copied").getText().contains(words), form);
                    assertTrue(page.find("#copied-note").getText().contains("in place of KEY"), form);
                });
        }
    }
}
