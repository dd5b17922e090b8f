package inkling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A test that starts JVMs or a browser by one of our helpers must have the helper's tag, so that the fast lane leaves it out. */
class TestLanesTest {
    /** Calls that start a JVM or a browser, each with the tag that its test must have. */
    private static final Map<String, String> STARTERS = Map.of("Shell.in(", "process", "Jvm.of(", "process", "Trial.in(", "process",
        "Browser.open(", "browser");

    @Test
    void whatStartsAJvmOrABrowserIsTagged() throws IOException {
        List<String> untagged = new ArrayList<>();
        int starting = 0;
        try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
            for (Path source : sources.filter(path -> path.toString().endsWith("Test.java") && !path.endsWith("TestLanesTest.java"))
                .toList()) {
                String text = Files.readString(source);
                for (Map.Entry<String, String> starter : STARTERS.entrySet()) {
                    if (text.contains(starter.getKey())) {
                        starting++;
                        String tag = "@Tag(\"" + starter.getValue() + "\")";
                        if (!text.contains(tag)) {
                            untagged.add("%s has %s…) and needs %s".formatted(source, starter.getKey(), tag));
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), untagged);
        assertTrue(starting > 0, "nothing was looked at");
    }
}
