package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.io.Jvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Without a browser, the tests of pages are skipped with one line for each class, or fail with CI=true. */
@DisabledOnOs(OS.WINDOWS)
@Tag("process")
class NoBrowserTest {
    @TempDir Path directory;

    /** Runs the tests that need a browser, and tells how they ended. */
    static final class Host {
        public static void main(String[] none) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage("inkling.inspect.page")).filters(TagFilter.includeTags("browser")).build();
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create().execute(request, summary);
            TestExecutionSummary ended = summary.getSummary();
            System.out.println("classes skipped: " + ended.getContainersAbortedCount());
            System.out.println("tests begun: " + ended.getTestsStartedCount());
            System.out.println("failures: " + ended.getTotalFailureCount());
        }
    }

    /** What {@link Host} prints if the {@code PATH} has only {@code programs}. */
    private String ran(Map<String, String> environment, String... programs) throws IOException, InterruptedException {
        Path path = Files.createTempDirectory(directory, "bin");
        for (String program : programs) {
            Files.createSymbolicLink(path.resolve(program), Path.of("/bin/true"));
        }
        ProcessBuilder builder = Jvm.of(List.of("-Xmx256m"), Host.class).redirectErrorStream(true);
        builder.environment().remove("CI");
        builder.environment().put("PATH", path.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out;
    }

    private static int number(String out, String what) {
        return Integer.parseInt(out.lines().filter(line -> line.startsWith(what + ": ")).findFirst().orElseThrow()
            .substring(what.length() + 2));
    }

    @Test void testsOfPagesAreSkippedWithOneLineForEachClass() throws Exception {
        for (String[] programs : new String[][] {{}, {"chromium"}, {"chromedriver"}}) {
            String out = ran(Map.of(), programs);
            int classes = number(out, "classes skipped");
            assertTrue(classes >= 5, out);
            assertEquals(0, number(out, "tests begun"), out);
            assertEquals(0, number(out, "failures"), out);
            String needs = programs.length == 1 && programs[0].equals("chromium") ? "chromedriver" : "Chromium";
            assertEquals(classes, out.lines().filter(line -> line.equals("skipped: needs " + needs + " on the PATH")).count(), out);
        }
    }

    @Test void testsOfPagesFailInContinuousIntegration() throws Exception {
        String out = ran(Map.of("CI", "true"), "chromium");
        assertEquals(0, number(out, "classes skipped"), out);
        assertTrue(number(out, "failures") >= 5, out);
    }
}
