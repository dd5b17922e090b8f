package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever tokens are shown, the space that a token begins with is ␣, and never a vocabulary's own sign for it. */
@Tag("process")
class SpaceSignTest {
    /** Signs for a space that must not be shown: GPT-2's, SentencePiece's, and those of other programs. */
    private static final List<String> OTHERS = List.of("Ġ", "▁", "\u2420", "\u2422", "\u23B5", "·the");

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void open() throws IOException {
        shell = Shell.in(directory);
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lens|--prompt|Once the king", "score|--prompt|Once the king",
        "attention|--prompt|Once the king|--layer|1|--head|1", "compare|--prompt|the|--with|Once ",
        "sample|--prompt|Once|--max-tokens|3|--seed|1|--show-distribution|5"})
    void inTheTerminal(String command) {
        List<String> words = List.of(command.split("\\|"));
        Shell.Result result = shell.run(Stream.concat(Stream.of(words.get(0), Fixtures.own("gpt2").toString()),
            words.stream().skip(1)).toArray(String[]::new));
        assertEquals(0, result.exit(), result.err());
        oneSign(result.out(), words.get(0));
    }

    @Test void onEveryPage() throws IOException {
        Shell.Result result = shell.run("views", Fixtures.own("gpt2").toString(), "--prompt", "king of kings and the king", "--out", "all");
        assertEquals(0, result.exit(), result.err());
        String index = Files.readString(directory.resolve("all/index.html")).replace("&#39;", "'");
        assertTrue(index.matches("(?s).* compare [^\n]* --prompt ' [a-z][^']*' --with 'king of'.*"), "cut where a word begins: " + index);
        try (Stream<Path> pages = Files.list(directory.resolve("all"))) {
            for (Path page : pages.filter(path -> !path.endsWith("index.html")).toList()) {
                oneSign(Files.readString(page), page.toString());
            }
        }
    }

    /** Searches the text of every script; the tests of pages see what the scripts draw. */
    @Test void inTheScriptsOfPages() throws IOException {
        int showing = 0;
        try (Stream<Path> scripts = Files.walk(Path.of("src/main/resources/inkling"))) {
            for (Path script : scripts.filter(path -> path.toString().endsWith(".js")).toList()) {
                String text = Files.readString(script);
                showing += text.contains("␣") ? 1 : 0;
                noOther(text, script.toString());
            }
        }
        assertTrue(showing >= 5, "scripts that show it: " + showing);
    }

    private static void oneSign(String shown, String where) {
        assertTrue(shown.contains("␣"), where + " shows no space: " + shown.lines().limit(40).toList());
        noOther(shown, where);
    }

    /** One line may hold other signs: the plot's search takes a word as any vocabulary writes it. */
    private static void noOther(String shown, String where) {
        OTHERS.forEach(other -> assertFalse(shown.lines().anyMatch(line -> line.contains(other) && !line.contains("/^[Ġ␣▁]+/")),
            where + " shows " + other));
    }
}
