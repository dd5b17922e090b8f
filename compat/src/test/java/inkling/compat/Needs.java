package inkling.compat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs and files that a test needs and cannot make itself. */
final class Needs {
    /** The project's root, relative to the module's folder, in which Maven runs the tests. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Needs() {}

    /**
     * Requires a program that can be installed. Without it, a test fails if {@code CI=true}; otherwise it is skipped, and one line says so.
     */
    static void program(boolean there, String what) {
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail("needs " + what);
        }
        skipUnless(there, what);
    }

    /** A file or folder in {@code shared}, a folder beside the project that only some machines have. Without it the test is skipped. */
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
