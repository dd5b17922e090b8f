package inkling.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program on the library page compiles and does what the page says. */
@Tag("process")
class LibraryPageTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void theProgramOnThePageTrainsAndSamples(@TempDir Path directory) throws IOException, InterruptedException {
        Matcher page = PROGRAM.matcher(Files.readString(Path.of("docs/library.md"), StandardCharsets.UTF_8));
        assertTrue(page.find(), "the page has a program");
        Path source = directory.resolve("Example.java");
        Files.writeString(source, page.group(1), StandardCharsets.UTF_8);
        String classPath = System.getProperty("java.class.path");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString()));

        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            directory + System.getProperty("path.separator") + absolute(classPath), "Example")
            .directory(directory.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int code = process.waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        assertTrue(text.contains("step 40: loss ") && text.contains("step 40: validation loss ") && text.contains("Macb"), text);
        assertTrue(Files.notExists(directory.resolve("checkpoints")), "runs are where the program said");
    }

    /** Relative entries would point elsewhere from the program's directory. */
    private static String absolute(String classPath) {
        StringBuilder absolute = new StringBuilder();
        for (String entry : classPath.split(System.getProperty("path.separator"))) {
            absolute.append(Path.of(entry).toAbsolutePath()).append(System.getProperty("path.separator"));
        }
        return absolute.toString();
    }
}
