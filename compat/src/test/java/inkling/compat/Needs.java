package inkling.compat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** What a test cannot make itself. */
final class Needs {
    /** Of the project; Maven runs the tests in the module's folder. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Needs() {}

    /** A program that can be had: with {@code CI=true} the test fails without it, elsewhere it is skipped with one line. */
    static void program(boolean there, String what) {
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail("needs " + what);
        }
        skipUnless(there, what);
    }

    /** A file or folder below {@code ../shared} of the project, which only some checkouts have. */
    static Path shared(String relative) {
        Path path = ROOT.resolve("../shared").resolve(relative).normalize();
        skipUnless(Files.exists(path), "../shared/" + relative);
        return path;
    }

    /** One of the models of the core's tests: {@code gpt2} or {@code llama}. */
    static Path own(String model) {
        return ROOT.resolve("src/test/resources/inkling/models").resolve(model);
    }

    private static void skipUnless(boolean there, String what) {
        if (!there) {
            System.out.println("skipped: needs " + what);
            Assumptions.abort("skipped: needs " + what);
        }
    }
}
