package inkling;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Real data for tests: corpora that come with the build, models of our own, and larger fixtures in {@code ../shared}, which only some
 * checkouts have. No test may fail without {@code ../shared}; where it exists, tests use it too.
 */
public final class Fixtures {
    private Fixtures() {}

    /**
     * The directory of a trained model of our own in Hugging Face's layout; the README in the folder above it describes it.
     *
     * @param model {@code gpt2} or {@code llama}
     */
    public static Path own(String model) {
        return Path.of("src/test/resources/inkling/models", model).toAbsolutePath();
    }

    /** The text that our own models learned from. */
    public static String tales() {
        return resource("/inkling/models/tales.txt");
    }

    /** Both of our own models, and those of {@code shared} that exist below {@code ../shared}. */
    public static Stream<Path> models(String... shared) {
        return Stream.concat(Stream.of(own("gpt2"), own("llama")), sharedIfThere(shared));
    }

    /** The files or folders that exist below {@code ../shared}. Each absent one is left out, and one line says so. */
    public static Stream<Path> sharedIfThere(String... relative) {
        return Stream.of(relative).map(Path.of("..", "shared")::resolve).filter(path -> {
            if (!Files.exists(path)) {
                System.out.println("left out: " + path + " is not there");
            }
            return Files.exists(path);
        }).map(path -> path.toAbsolutePath().normalize());
    }

    /**
     * A file or folder below {@code ../shared} for which we have no substitute. If it is absent, the test is skipped, and one line says
     * so.
     */
    public static Path shared(String relative) {
        Path path = Path.of("..", "shared").resolve(relative);
        assume(Files.exists(path), "needs " + path);
        return path;
    }

    /** Skips the test, with one line that says why, unless {@code there}. */
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
