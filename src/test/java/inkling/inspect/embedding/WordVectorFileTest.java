package inkling.inspect.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordVectorFileTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("words.txt"), text, StandardCharsets.UTF_8);
    }

    private void assertSame(String text) throws IOException {
        EmbeddingSpace space = WordVectorFile.read(file(text));
        assertEquals(List.of("king", "Königin"), space.tokens());
        assertArrayEquals(new float[] {0.5f, -2e-3f}, space.vector(0));
        assertArrayEquals(new float[] {1, .25f}, space.vector(1));
    }

    @Test
    void gloveAndWord2vecFormatsAreRead() throws IOException {
        assertSame("king 0.5 -2e-3\nKönigin 1 .25\n");
        assertSame("king 0.5 -2e-3\nKönigin 1 .25");
        assertSame("2 2\nking 0.5 -2e-3\nKönigin 1 .25\n");
        assertSame("\uFEFFking 0.5 -2e-3 \r\nKönigin\t1 .25\r\n");
    }

    @Test
    void aWordMayHoldSpaces() throws IOException {
        EmbeddingSpace space = WordVectorFile.read(file(". . . 1 2\nat name@domain.com 3 4\n2 5 6\n"));
        assertEquals(List.of(". . .", "at name@domain.com", "2"), space.tokens());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a 1 2;b 3                | line 2 has 1 numbers, expected a word and 2 numbers.",
        "a 1 2;b 3 4 5            | line 2 has 3 numbers, expected a word and 2 numbers.",
        "a 1 2;;b 3 4             | line 2 has 0 numbers, expected a word and 2 numbers.",
        "a 1 2;b 3 NaN            | line 2 has NaN as number 2 of \"b\": expected a finite decimal number.",
        "a 1 2;b NaN 4            | line 2 has NaN as number 1 of \"b\": expected a finite decimal number.",
        "a 1 2;b 1e99 4           | line 2 has 1e99 as number 1 of \"b\": expected a finite decimal number.",
        "a 1 2;b 1.2.3 4          | line 2 has 1.2.3 as number 1 of \"b\": expected a finite decimal number.",
        "a 1 2;b 4 3ee-2          | line 2 has 3ee-2 as number 2 of \"b\": expected a finite decimal number.",
        "a 1 2;b 4 1e             | line 2 has 1e as number 2 of \"b\": expected a finite decimal number.",
        "a 1 2;b 1f 4             | line 2 has 1f as number 1 of \"b\": expected a finite decimal number.",
        "a 1 2;b 3 4;a 5 6        | line 3 gives \"a\" a second vector; the first is on line 1. Remove one of them.",
        "3 2;a 1 2;b 3 4          | line 1 announces 3 words, the file holds 2. Is it cut short? Fetch it again, or remove line 1.",
        "5 1;a 1                  | line 1 announces vectors of 1 numbers: expected at least 2.",
        "just some prose;and more | line 1 has 0 numbers after a word: expected at least 2, e.g. \"king 0.12 -0.98 …\".",
    })
    void brokenLinesAreToldByNumber(String lines, String expected) throws IOException {
        Path file = file(lines.replace(';', '\n') + "\n");
        String message = assertThrows(ConfigException.class, () -> WordVectorFile.read(file)).getMessage();
        assertTrue(message.endsWith(expected) && message.startsWith(file.toString()), message);
    }

    @Test
    void whatIsNotTextIsRefused() throws IOException {
        Path latin1 = Files.write(folder.resolve("latin1.txt"), "a 1 2\nK\u00f6nig 3 4\n".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(messageOf(latin1).contains("line 2 is not UTF-8"));
        Path binary = Files.write(folder.resolve("binary"), new byte[WordVectorFile.MOST_LINE_BYTES + 1]);
        assertTrue(messageOf(binary).contains("line 1 is longer than 1048576 bytes"));
        assertTrue(messageOf(file("")).contains("holds no word vectors"));
        assertTrue(messageOf(folder).contains("is not a regular file"));
        assertTrue(messageOf(folder.resolve("absent.txt")).contains("does not exist"));
    }

    private static String messageOf(Path file) {
        return assertThrows(ConfigException.class, () -> WordVectorFile.read(file)).getMessage();
    }

    @Test
    void aFileLargerThanTheHeapAllowsIsRefusedWithTheWayOut() throws IOException {
        Path file = file("a 1 2\nb 3 4\nc 5 6\n");
        String message = assertThrows(ConfigException.class, () -> WordVectorFile.read(file, 500)).getMessage();
        assertTrue(message.contains("line 3") && message.endsWith("head -n 2."), message);
        Path announced = file("3 2\na 1 2\nb 3 4\nc 5 6\n");
        String shortened = assertThrows(ConfigException.class, () -> WordVectorFile.read(announced, 500)).getMessage();
        assertTrue(shortened.contains("head -n 3, and remove line 1"), shortened);
    }
}
