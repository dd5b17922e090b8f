package inkling.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.engine.ComputeContext;
import inkling.inspect.page.ValidHtml;
import inkling.run.LoadedModel;
import inkling.serve.TestServer.Answer;
import inkling.serve.api.ServedModel;
import inkling.serve.http.Limits;
import inkling.serve.page.Pages;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages' files, as a browser asks for them. */
class PagesOverHttpTest {
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"(/page/[^\"]+)\"");
    private final TestServer server = TestServer.shared();

    private static List<String> references(String html) {
        return REFERENCE.matcher(html).results().map((MatchResult found) -> found.group(1)).toList();
    }

    @Test void thePlaygroundComesWithAllThatItNames() {
        Answer page = server.get("/");
        assertEquals(200, page.status());
        assertEquals("text/html; charset=utf-8", page.header("Content-Type"));
        assertTrue(page.header("Content-Security-Policy").startsWith("default-src 'self';"), page.header("Content-Security-Policy"));
        assertEquals("no-referrer", page.header("Referrer-Policy"));
        assertEquals("nosniff", page.header("X-Content-Type-Options"));
        assertTrue(!page.text().contains("@page/"), "placeholders are replaced by paths");
        assertTrue(references(page.text()).size() > 4);
        for (String path : references(page.text())) {
            Answer file = server.get(path);
            assertEquals(200, file.status(), path);
            String type = path.endsWith(".css") ? "text/css" : path.endsWith(".svg") ? "image/svg+xml" : "text/javascript";
            assertTrue(file.header("Content-Type").startsWith(type), path + " is " + file.header("Content-Type"));
            assertTrue(file.header("Cache-Control").contains("immutable"), path);
        }
    }

    /** No script, style or handler stands in the page itself: the policy would refuse it. */
    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(strings = {"/", "/runs"})
    void thePageIsValidAndNothingIsInline(String path) throws Exception {
        String html = server.get(path).text();
        ValidHtml.check(html);
        assertTrue(!html.contains("<style") && !html.contains(" style=") && !Pattern.compile("<script(?![^>]* src=)").matcher(html).find()
            && !Pattern.compile(" on[a-z]+=").matcher(html).find(), html);
    }

    /** {@code playground.js} imports other modules by relative paths, all of which are there. */
    @Test void theModulesThatThePlaygroundImportsAreThere() {
        Pattern imported = Pattern.compile("from '(\\./|\\.\\./)([^']+)'");
        String start = references(server.get("/").text()).stream().filter(path -> path.endsWith("/playground.js")).findFirst()
            .orElseThrow();
        String base = start.substring(0, start.lastIndexOf('/') + 1);
        List<String> found = imported.matcher(server.get(start).text()).results().map(match -> match.group(2)).toList();
        assertTrue(found.size() > 1, "nothing was looked at");
        found.forEach(name -> assertEquals(200, server.get(base + name).status(), name));
        assertEquals(200, server.get(base + "uplot.js").status());
        assertEquals(200, server.get(base + "uplot.css").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/page/", "/page/0000000000000000/api.js", "/page/../SECURITY.md", "/page/%2e%2e/SECURITY.md",
        "/playground.html"})
    void pathsThatAreNotOnTheListAreNotFound(String path) {
        assertTrue(Set.of(400, 404).contains(server.get(path).status()), path);
    }

    @Test void theSameFilesHaveTheSamePath() {
        assertEquals(new Pages().base(), new Pages().base());
    }

    /** While models are loaded, the page is there, and a request for a model is told to come again. */
    @Test void modelsThatAreBeingLoadedAreExpected() {
        ServeOptions options = TestServer.options(1, Limits.DEFAULT);
        try (TestServer loading = TestServer.expecting(options, "gpt2", "llama")) {
            assertEquals(200, loading.get("/").status());
            String asked = "{'model':'gpt2','prompt':'The','max_tokens':1}";
            for (Answer answer : List.of(loading.get("/health"), loading.get("/v1/models"), loading.post("/v1/completions", asked))) {
                assertEquals(503, answer.status(), answer.text());
                assertEquals("1", answer.header("Retry-After"));
                assertTrue(answer.text().contains("gpt2"), answer.text());
            }
            assertEquals(404, loading.post("/v1/completions", asked.replace("gpt2", "other")).status());
            loading.server().open(() -> new ServedModel("gpt2", LoadedModel.open(Fixtures.own("gpt2"), ComputeContext.of("cpu")),
                options.batching()));
            assertEquals(200, loading.post("/v1/completions", asked).status());
            assertEquals(200, loading.post("/inkling/v1/lens", "{'model':'gpt2','prompt':'The'}").status());
            assertEquals(1, loading.get("/v1/models").json().get("data").size());
            assertEquals(503, loading.post("/v1/completions", asked.replace("gpt2", "llama")).status());
            assertEquals(503, loading.get("/health").status());
        }
    }

    /** A browser sends no key when it opens the page, so the page itself shows nothing that needs one. */
    @Test void thePageItselfNeedsNoKey() {
        ServeOptions options = TestServer.options(1, Limits.DEFAULT);
        ServeOptions locked = new ServeOptions(options.host(), 0, Optional.of("a key of some length"), options.allowedHosts(),
            options.allowedOrigins(), options.batching(), options.limits());
        try (TestServer asking = TestServer.start(locked, "gpt2")) {
            String html = asking.get("/").text();
            assertEquals(200, asking.get(references(html).get(0)).status());
            assertEquals(401, asking.get("/v1/models").status());
            assertEquals(401, asking.get("/page/x").status());
        }
    }
}
