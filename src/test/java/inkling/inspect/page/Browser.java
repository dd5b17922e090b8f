package inkling.inspect.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * Headless Chromium for tests of pages. If Chromium or chromedriver is missing, {@link #open} skips the test or test class that calls it,
 * with one line, or fails with CI=true. Nothing is downloaded.
 */
public final class Browser implements AutoCloseable {
    // Silences Selenium's warning that it lacks DevTools classes for this Chromium; none are needed. A logger that no field holds would
    // forget its level.
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final ChromeDriver driver;

    private Browser(Path folder, ChromeDriver driver) {
        this.folder = folder;
        this.driver = driver;
    }

    /** A window of this many CSS pixels with the light theme. Starting takes seconds: share a window in a test class, then close it. */
    public static Browser open(int width, int height) throws IOException {
        Optional<String> chromium = find("chromium", "chromium-browser", "google-chrome");
        Optional<String> chromedriver = find("chromedriver");
        Stream.of(chromium.isEmpty() ? "Chromium" : "", chromedriver.isEmpty() ? "chromedriver" : "").filter(name -> !name.isEmpty())
            .forEach(Browser::missing);
        SELENIUM.setLevel(Level.SEVERE);
        Path folder = Files.createTempDirectory("inkling-browser");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--user-data-dir=" + folder.resolve("profile"), "--window-size=" + width + "," + height);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL); // has every request, among others
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(new File(chromedriver.get())).build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(60)).scriptTimeout(Duration.ofSeconds(60));
        Browser browser = new Browser(folder, driver);
        browser.resize(width, height);
        browser.dark(false);
        return browser;
    }

    /** With CI=true a missing program is a fault; otherwise the test or test class that needs it is skipped. */
    private static void missing(String program) {
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(("there is no %s on the PATH, and with CI=true nothing is skipped: install "
                + "it").formatted(program));
        }
        Fixtures.assume(false, "needs %s on the PATH".formatted(program));
    }

    /** From now on a window of this many CSS pixels; below a width of 600 it behaves as a phone. */
    public void resize(int width, int height) {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    /** From now on the user prefers dark (or light) pages. */
    public void dark(boolean prefersDark) {
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features",
            List.of(Map.of("name", "prefers-color-scheme", "value", prefersDark ? "dark" : "light"))));
    }

    private static Optional<String> find(String... names) {
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of(names).flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
            .filter(Files::isExecutable).map(Path::toString).findFirst();
    }

    /** Opens the page from disk, as a user would. */
    void show(String html) throws IOException {
        Path file = Files.writeString(folder.resolve("page.html"), html, StandardCharsets.UTF_8);
        errors();
        driver.get(file.toUri().toString());
    }

    /** Opens a page of our server; {@link #complaints} then tells what is wrong with the page. */
    public void open(URI page) {
        complaints(page);
        driver.get(page.toString());
    }

    /**
     * The complaints about a page since the last call. Some are messages on the console that {@link #errors} has not returned yet;
     * what the Content-Security-Policy forbids is told there, too. The others are requests to another host than that of {@code page}.
     */
    public List<String> complaints(URI page) {
        List<String> complaints = new ArrayList<>(errors());
        String own = page.resolve("/").toString();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            String url = requested(entry.getMessage());
            if (!url.startsWith(own) && !url.matches("|(blob|data|about|chrome):.*")) {
                complaints.add("a request to " + url);
            }
        }
        return complaints;
    }

    /** The address of a request, as the DevTools protocol tells it; empty for another event. */
    private static String requested(String event) {
        try {
            JsonNode message = JSON.readTree(event).path("message");
            boolean request = message.path("method").asText().equals("Network.requestWillBeSent");
            return request ? message.path("params").path("request").path("url").asText() : "";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(event, e);
        }
    }

    public ChromeDriver driver() {
        return driver;
    }

    /** The value of a JavaScript expression. */
    public Object value(String expression) {
        return driver.executeScript("return " + expression);
    }

    public String background() {
        return (String) value("getComputedStyle(document.documentElement).backgroundColor");
    }

    /** Whether the page is wider than the window, since something sticks out. */
    public boolean scrollsSideways() {
        return (Boolean) value("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    }

    /** The messages on the browser's console since the last call of this method or of {@link #complaints}, refused scripts included. */
    public List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(entry -> entry.getMessage()).toList();
    }

    @Override
    public void close() throws IOException {
        driver.quit();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
