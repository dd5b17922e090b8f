package inkling.runfile;

import static inkling.Says.says;
import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.error;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Hostile YAML files are refused with a message of bounded length. The time limit is far above what any of them takes; it only stops a
 * hang.
 */
@Timeout(60)
@Tag("thorough")
class HostileYamlTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "!!javax.script.ScriptEngineManager [a] | x.yaml:1: tag:yaml.org,2002:javax.script.ScriptEngineManager is a tag",
        "name: !!str a               | x.yaml:1: tag:yaml.org,2002:str is a tag",
        "name: !local a              | x.yaml:1: !local is a tag",
        "name: ! a                   | x.yaml:1: ! is a tag",
        "name: &here a               | x.yaml:1: &here is an anchor",
        "name: *there                | x.yaml:1: *there is an alias",
        "{name: a, name: b}          | x.yaml:1: name is there twice, first at x.yaml:1. Delete one.",
        "{\"name\": a, name: b}      | x.yaml:1: name is there twice",
        "{<<: {name: a}}             | x.yaml:1: unknown key <<.",
        "{[a]: b}                    | x.yaml:1: a list or a mapping stands where a key is expected",
        "{null: b}                   | x.yaml:1: unknown key null.",
        "name: [                     | x.yaml:1: not valid YAML: while parsing a flow",
        "a: b: c                     | x.yaml:1: not valid YAML: mapping values are not allowed here",
        "name: \"abc                 | x.yaml:1: not valid YAML",
        "name: \"\\u                  | x.yaml:1: not valid YAML: an escape",
        "name: \"\\x                  | x.yaml:1: not valid YAML: an escape",
        "`seed: 1\nname: \"\\UFFFFFFFF\"` | x.yaml:2: not valid YAML: an escape",
        "`\t- a`                     | x.yaml:1: not valid YAML",
        "just a text                 | x.yaml:1: a run file is a mapping of keys to values",
        "[a, b]                      | x.yaml:1: a run file is a mapping of keys to values",
        "null                        | x.yaml:1: a run file is a mapping of keys to values",
        "``                          | x.yaml: the run file is empty.",
        "# nothing but a comment     | x.yaml: the run file is empty.",
        "---                         | x.yaml: the run file is empty."})
    void oddDocumentsAreRefused(String yaml, String expected) {
        String message = error(yaml);
        assertTrue(message.startsWith(expected), message);
    }

    @Test
    void aSecondDocumentIsRefused() {
        assertTrue(error(SHORTEST + "---\nname: b\n").startsWith("x.yaml:4: a second document begins here"));
        assertTrue(error(SHORTEST + "...\n---\n").startsWith("x.yaml:5: a second document begins here"));
    }

    @Test
    void anAliasBombIsNotExpanded() {
        String bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + IntStream.range(1, 12)
            .mapToObj(i -> "a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", java.util.Collections.nCopies(9, "*a" + (i - 1)))))
            .collect(Collectors.joining());
        List<String> lines = error(bomb).lines().toList();
        says(lines.get(0), "x.yaml:1:", "&a0 is an anchor", "Delete it");
        assertTrue(lines.size() < 40, "fewer faults than aliases: " + lines.size());
    }

    @Test
    void depthIsBounded() {
        for (String deep : List.of("[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000) + "a", "? ".repeat(100_000),
            "[".repeat(100) + "]".repeat(100))) {
            assertEquals("x.yaml:1: nested deeper than 32 levels.", error(deep));
        }
    }

    @Test
    void longValuesKeysAndListsCostLittleAndAreShortened() {
        String million = "1".repeat(1_000_000);
        for (String value : List.of(million, "0x" + million, million + "." + million, "1" + ":1".repeat(500_000), "1_".repeat(500_000),
            "x".repeat(1_000_000),
            "\"" + million + "\"")) {
            String message = error(SHORTEST + "seed: " + value + "\n");
            assertTrue(message.startsWith("x.yaml:4: seed = ") && message.length() < 300,
                () -> message.substring(0, Math.min(300, message.length())));
        }
        String key = error(SHORTEST + "? " + "x".repeat(5_000) + "\n: 1\n");
        assertTrue(key.startsWith("x.yaml:4: unknown key xxxx") && key.length() < 300, key);
        String keys = IntStream.range(0, 50_000).mapToObj(i -> "key" + i + ": 1\n").collect(Collectors.joining());
        assertEquals(20, error(SHORTEST + keys).lines().count());
        assertEquals(20, error(SHORTEST, "finetune.freeze=[" + "1, ".repeat(100_000) + "1]").lines().count());
    }

    @Test
    void aFileOverTheLimitIsRefused() throws IOException {
        Path file = Files.write(dir.resolve("large.yaml"), ("# " + "x".repeat(4 << 20)).getBytes(StandardCharsets.US_ASCII));
        String message = assertThrows(ConfigException.class, () -> ConfigFile.read(file, List.of())).getMessage();
        says(message, file, "1048576 bytes");
    }

    @Test
    void controlCharactersNeverReachTheTerminal() {
        for (String yaml : List.of("name: \"\\e[31m\\u202e\"\n", "\"\\e[2J\": 1\n", "schedule: {type: \"\\a\"}\n",
            "data: {train: \"a\\0\", val: \"\\e\", order: \"\\e\"}\n",
            "finetune: {lora: {targets: [\"\\e\"]}}\n", "name: \u001b[31m\n", "name: \u0000\n",
            "data: {tokenizer: {type: huggingface, path: \"\\0\"}}")) {
            String message = error(yaml);
            assertFalse(message.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n'), message);
            assertFalse(message.contains("\u202e"), message);
        }
    }

    @Test
    void charactersThatYamlDoesNotAllowAreNamedWithTheirLine() {
        assertEquals("x.yaml:2: U+001B is a character that YAML does not allow. Delete it.", error("name: a\nseed: \u001b\n"));
    }
}
