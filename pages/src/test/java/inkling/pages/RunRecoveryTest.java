package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.inspect.page.Browser;
import inkling.serve.RunFiles;
import inkling.serve.ServeOptions;
import inkling.serve.TestServer;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If the server or the network fails, the page of a run says so, and afterwards has the whole history again. */
@Tag("browser")
class RunRecoveryTest {
    private static Browser browser;

    @TempDir Path folder;
    private Path run;
    private Dashboard dashboard;

    @BeforeAll static void open() throws IOException {
        browser = Browser.open(1000, 900);
    }

    @AfterAll static void close() throws IOException {
        browser.close();
    }

    @BeforeEach void begin() throws IOException {
        run = RunFiles.begin(folder, "tale", 4_000);
        RunFiles.append(run, RunFiles.rows(1, 100, 25));
        dashboard = new Dashboard(browser);
    }

    private TestServer serve(int port, Optional<String> key) {
        return TestServer.ofRuns(folder, new ServeOptions("127.0.0.1", port, key, Set.of(), Set.of(), new BatcherOptions(1, 16 << 20, 4),
            Limits.DEFAULT));
    }

    private void offline(boolean offline) {
        browser.driver().executeCdpCommand("Network.enable", Map.of());
        browser.driver().executeCdpCommand("Network.emulateNetworkConditions", Map.of("offline", offline, "latency", 0,
            "downloadThroughput", -1, "uploadThroughput", -1));
    }

    @Test void aServerThatIsStartedAnewIsFoundAgainAndNothingIsMissing() throws IOException {
        int port;
        try (TestServer server = serve(0, Optional.empty())) {
            port = server.uri("/").getPort();
            dashboard.open(server.uri("/runs#run=tale")).upTo(100);
        }
        dashboard.page.until("that the server is gone", () -> dashboard.text("#connection").contains("Trying again"));
        dashboard.page.picture("runs-lost");
        RunFiles.append(run, RunFiles.rows(101, 200, 25));
        try (TestServer server = serve(port, Optional.empty())) {
            dashboard.upTo(200);
            assertEquals(200, dashboard.drawn("chart-loss", Dashboard.TRAIN).size());
            assertEquals("", dashboard.text("#connection"));
            RunFiles.append(run, RunFiles.rows(201, 201, 25));
            dashboard.upTo(201);
        }
        browser.complaints(java.net.URI.create("http://127.0.0.1:" + port));   // takes the complaints about requests that nobody answered
    }

    @Test void aConnectionThatIsCutComesBackWithWhatWasMissed() throws IOException {
        try (TestServer server = serve(0, Optional.empty())) {
            dashboard.open(server.uri("/runs#run=tale")).upTo(100);
            offline(true);
            RunFiles.append(run, RunFiles.rows(101, 150, 25));
            dashboard.page.until("that the connection is cut",
                () -> "lost".equals(dashboard.page.find("#connection").getDomAttribute("data-state")));
            offline(false);
            dashboard.upTo(150);
            assertEquals(150, dashboard.drawn("chart-loss", Dashboard.TRAIN).size(), "each row once");
            browser.complaints(server.uri("/"));
        } finally {
            offline(false);
        }
    }

    @Test void aReloadHasTheFullHistory() throws IOException {
        try (TestServer server = serve(0, Optional.empty())) {
            dashboard.open(server.uri("/runs#run=tale")).upTo(100);
            RunFiles.append(run, RunFiles.rows(101, 120, 25));
            browser.driver().navigate().refresh();
            dashboard.ready().upTo(120);
            assertEquals(120, dashboard.drawn("chart-loss", Dashboard.TRAIN).size());
            assertEquals(List.of(), browser.complaints(server.uri("/")));
        }
    }

    @Test void thePageAsksForTheServersKeyAndThenShowsTheRun() {
        try (TestServer server = serve(0, Optional.of("a-long-secret"))) {
            dashboard.page.open(server.uri("/runs#run=tale"));
            dashboard.page.until("it asks for the key", () -> dashboard.page.isThere("#key"));
            dashboard.page.find("#key").sendKeys("a-long-secret\n");
            dashboard.ready().upTo(100);
            assertTrue(dashboard.text(".place").contains("updates"), dashboard.text(".place"));
            browser.driver().executeScript("sessionStorage.clear()");
            browser.complaints(server.uri("/"));
        }
    }
}
