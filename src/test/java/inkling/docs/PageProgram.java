package inkling.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/** The first Java program of a page of the documentation, compiled and run as it stands. */
public final class PageProgram {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("public class (\\w+)");

    private PageProgram() {}

    /** Runs the program in {@code directory} and returns what it printed; it must end with 0. */
    public static String run(Path page, Path directory) throws IOException, InterruptedException {
        Matcher program = PROGRAM.matcher(Files.readString(page, StandardCharsets.UTF_8));
        assertTrue(program.find(), page + " has a program");
        Matcher name = NAME.matcher(program.group(1));
        assertTrue(name.find(), page + ": its program is a public class");
        Path source = directory.resolve(name.group(1) + ".java");
        Files.writeString(source, program.group(1), StandardCharsets.UTF_8);
        String separator = System.getProperty("path.separator");
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(separator))       // for another working directory
            .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(separator));
        assertEquals(0, ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString()));
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            directory + separator + classPath, name.group(1))
            .directory(directory.toFile()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int code = process.waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        return text;
    }
}
