package inkling;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real data for tests: corpora that the build brings, and larger fixtures that lie beside a developer's checkout. */
public final class Fixtures {
    private Fixtures() {}

    /** A file or folder below {@code ../shared}; the test is skipped with one line where it is absent. */
    public static Path shared(String relative) {
        Path path = Path.of("..", "shared").resolve(relative);
        assume(Files.exists(path), "needs " + path);
        return path;
    }

    /** Skips the test with one line where {@code there} is false. */
    public static void assume(boolean there, String needs) {
        if (!there) {
            System.out.println("skipped: " + needs);
            Assumptions.abort("skipped: " + needs);
        }
    }

    /** The Old Curiosity Shop: 1,214,976 ASCII characters, BOM dropped. */
    public static String dickens() {
        return resource("/dickens.txt");
    }

    /** Macbeth, CRLF made LF. */
    public static String macbeth() {
        return resource("/shakes.txt");
    }

    private static String resource(String name) {
        try (InputStream in = Fixtures.class.getResourceAsStream(name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return (text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
