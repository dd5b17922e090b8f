package inkling.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.inspect.page.Browser;
import inkling.serve.TestServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/**
 * Tests that share one browser and one server. Each test begins with a newly opened playground, and must end without a complaint of the
 * browser or the server.
 */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PlaygroundTests {
    Browser browser;
    TestServer server;
    Playground page;
    Panels panels;

    /** The server that is opened for all tests of the class. */
    abstract TestServer serve() throws IOException;

    @BeforeAll void start() throws IOException {
        server = serve();
        browser = Browser.open(1280, 900);
    }

    @AfterAll void stop() throws IOException {
        browser.close();
        server.close();
    }

    @BeforeEach void open() {
        browser.resize(1280, 900);
        browser.dark(false);
        page = new Playground(browser).open(server.uri("/")).ready();
        panels = new Panels(page);
    }

    @AfterEach void nothingWasWrong() {
        assertEquals(List.of(), browser.complaints(server.uri("/")));
        assertEquals(List.of(), server.faults());
    }
}
