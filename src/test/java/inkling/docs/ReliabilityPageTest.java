package inkling.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/reliability.md names tests, or scripts of bench/, for each fault: these tests and scripts exist. */
class ReliabilityPageTest {
    private static final Path CORE = Path.of("src/test/java/inkling");
    private static final Path SPARK = Path.of("spark/src/test/java/inkling/spark");
    private static final Pattern LAST_CELL = Pattern.compile("^\\| [0-9C]\\w* \\|.*\\| (.*) \\|$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("((?:[a-z0-9]+\\.)*[A-Z]\\w*)(?:\\.(\\w+))?");

    private final List<String> wrong = new ArrayList<>();
    private int tests;

    /** The source file of the test class {@code name}, such as {@code serve.HostileRequestsTest}. */
    private static Path source(String section, String name) {
        String file = name.replace('.', '/') + ".java";
        Path spark = SPARK.resolve(file);
        return section.equals("## Several machines") && Files.exists(spark) ? spark : CORE.resolve(file);
    }

    private void look(Path source, String method, String line) throws IOException {
        tests++;
        if (!Files.exists(source)) {
            wrong.add(source + " is not there: " + line);
        } else if (method != null && !Files.readString(source).contains(" " + method + "(")) {
            wrong.add("%s has no %s: %s".formatted(source, method, line));
        }
    }

    @Test void everyTestThatThePageNamesIsThere() throws IOException {
        String section = "";
        for (String line : Files.readAllLines(Path.of("docs/reliability.md"))) {
            section = line.startsWith("## ") ? line : section;
            Matcher cell = LAST_CELL.matcher(line);
            Path source = source(section, "serve.HostileRequestsTest");         // for a method that the cell names before any class
            Matcher codes = CODE.matcher(cell.matches() ? cell.group(1) : "");
            while (codes.find()) {
                Matcher test = TEST.matcher(codes.group(1));
                if (test.matches()) {
                    source = source(section, test.group(1));
                    look(source, test.group(2), line);
                } else if (codes.group(1).matches("[a-z]\\w*")) {
                    look(source, codes.group(1), line);
                } else {
                    assertTrue(Files.exists(Path.of(codes.group(1))), line);    // a script of bench/, or the path of a test
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(tests > 100, "tests named: " + tests);
    }
}
