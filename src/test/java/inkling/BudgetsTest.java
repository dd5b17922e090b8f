package inkling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A reader must be able to hold a file, a method and a line in mind, so each has a budget. No line may exceed its budget. A file or method
 * that exceeds its budget is printed; if one exceeds its budget by more than half, the test fails. The methods of tests and of nested types
 * have no budget.
 */
class BudgetsTest {
    private static final int FILE_LINES = 300;
    private static final int METHOD_LINES = 40;
    private static final int LINE_CHARS = 140;
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?[\\w.]+\\.(\\w+);$");
    private static final Pattern WORD = Pattern.compile("\\w+");
    private static final Pattern METHOD = Pattern.compile("^    (?! )(?!.*\\b(class|record|interface|enum|new)\\b)[^=;/*@]+\\(.*");

    /** The core with its pages' scripts, and the modules that have more than tests. */
    private static final List<String> PROGRAM = List.of("src/main", "spark/src/main", "bench/src");
    private static final List<String> TESTS = List.of("src/test/java", "spark/src/test", "compat/src/test", "pages/src/test");

    private static List<Path> sources(List<String> roots) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String root : roots) {
            try (Stream<Path> all = Files.walk(Path.of(root))) {
                List<Path> ours = all.filter(path -> path.toString().matches(".*\\.(java|js)")).sorted().toList();
                assertFalse(ours.isEmpty(), root);
                sources.addAll(ours);
            }
        }
        return sources;
    }

    @Test void nothingIsMuchLargerThanAReaderCanHoldInMind() throws IOException {
        for (Path source : sources(PROGRAM)) {
            List<String> lines = Files.readAllLines(source);
            report(source, "lines", lines.size(), FILE_LINES);
            if (source.toString().endsWith(".java")) {
                methods(source, lines);
            }
        }
        for (Path source : sources(TESTS)) {
            report(source, "lines", Files.readAllLines(source).size(), FILE_LINES);
        }
    }

    @Test void noLineExceedsItsBudget() throws IOException {
        List<String> longer = new ArrayList<>();
        for (Path source : sources(Stream.of(PROGRAM, TESTS).flatMap(List::stream).toList())) {
            List<String> lines = Files.readAllLines(source);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).codePointCount(0, lines.get(i).length()) > LINE_CHARS) {
                    longer.add(source + ":" + (i + 1));
                }
            }
        }
        assertEquals(List.of(), longer, "lines of more than %d characters".formatted(LINE_CHARS));
    }

    /** An import counts as used if its name stands anywhere else in the file, a comment included. */
    @Test void everyImportIsUsed() throws IOException {
        List<String> unused = new ArrayList<>();
        for (Path source : sources(Stream.of(PROGRAM, TESTS).flatMap(List::stream).toList())) {
            String text = Files.readString(source);
            Map<String, Long> uses = WORD.matcher(text).results().collect(Collectors.groupingBy(MatchResult::group, Collectors.counting()));
            IMPORT.matcher(text).results().map(found -> found.group(1)).filter(name -> uses.get(name) < 2)
                .forEach(name -> unused.add(source + ": " + name));
        }
        assertEquals(List.of(), unused);
    }

    /** Finds methods by their indentation: from a header at four spaces that opens a body to the closing brace at four spaces. */
    private static void methods(Path source, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (METHOD.matcher(lines.get(i)).matches()) {
                int body = i;
                while (body < lines.size() && !lines.get(body).matches(".*[{};]")) {
                    body++;
                }
                int end = body;
                while (end < lines.size() && lines.get(body).endsWith("{") && !lines.get(end).equals("    }")) {
                    end++;
                }
                report(source, lines.get(i).strip() + " lines", end - i + 1, METHOD_LINES);
            }
        }
    }

    private static void report(Path where, String what, int size, int budget) {
        if (size > budget) {
            System.out.printf("budget: %s: %s: %d of %d%n", where, what, size, budget);
        }
        assertTrue(size <= 1.5 * budget, "%s: %s: %d, budget %d: take it apart".formatted(where, what, size, budget));
    }
}
