package inkling.io.json;

import static inkling.Says.says;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ModelFormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    @TempDir Path dir;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\":1,\"a\":2}          | x.json:1:11: not valid JSON: Duplicate field 'a'",
        "{\"o\":{\"a\":1,\"a\":2}}  | Duplicate field 'a'",
        "{} {}                      | Trailing token",
        "{} x                       | Unrecognized token 'x'",
        "{\"a\":1                   | Unexpected end-of-input",
        "{\"a\":01}                 | x.json:1:7: not valid JSON: Invalid numeric value: Leading zeroes not allowed",
        "{\"a\":NaN}                | Non-standard token 'NaN'",
        "{'a':1}                    | Unexpected character (''' (code 39))",
        "{\"a\":1,}                 | Unexpected character ('}' (code 125))",
        "{/*c*/\"a\":1}             | Unexpected character ('/' (code 47))",
        "`` | x.json: is empty",
        "{\"a\":\"\\ud800\"}        | x.json:1:7: \\ud800 is half a surrogate pair",
        "{\"a\":\"\\ud800\\u0041\"} | \\ud800 is half a surrogate pair",
        "{\"\\udc00\":1}            | \\udc00 is half a surrogate pair",
    })
    void whatOtherReadersLetPassIsAnError(String json, String expected) {
        assertFault(expected, json.getBytes(UTF_8));
    }

    @Test void aFaultInALineOfAFileIsNamedByThatLineAndItsColumn() {
        for (String wrong : new String[] {"{\"a\":\"\\ud800\"}", "{\"a\":01}"}) {
            assertFault("x.jsonl:5:7: ", () -> StrictJson.parseLine(Path.of("x.jsonl"), 5, wrong.getBytes(UTF_8)));
        }
    }

    @Test void escapedBackslashesAndWholePairsAreLeftAlone() {
        JsonNode node = StrictJson.parse("x.json", "[\"\\\\ud800\", \"\\ud83d\\ude00\", \"é\"]".getBytes(UTF_8));
        assertEquals("\\ud800", node.get(0).textValue());
        assertEquals("😀", node.get(1).textValue());
        assertEquals("é", node.get(2).textValue());
    }

    @Test void whatCameInPlaceOfAFileIsNamed() {
        assertFault("x.json: is no JSON, but a Git LFS pointer, not the file itself: fetch it with git lfs pull.",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\n".getBytes(UTF_8));
        assertFault("x.json: is no JSON, but a web page or XML: fetch the file itself, not the page that shows it.",
            "\n<!DOCTYPE html>\n<html>".getBytes(UTF_8));
    }

    @Test void bytesThatAreNotUtf8AreNamedWithTheirOffset() {
        assertFault("x.json: byte 2 is 0xC3, which is not UTF-8 there", new byte[] {'[', '"', (byte) 0xC3, 0x28, '"', ']'});
        assertFault("byte 2 is 0xED", new byte[] {'[', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ']'});
        assertFault("byte 2 is 0xC0", new byte[] {'[', '"', (byte) 0xC0, (byte) 0xAF, '"', ']'});
        assertFault("byte 2 is 0xE2", new byte[] {'[', '"', (byte) 0xE2, (byte) 0x82});
        assertFault("not valid JSON", "{}".getBytes(UTF_16LE));
        assertFault("begins with a byte order mark", "\uFEFF{}".getBytes(UTF_8));
    }

    @Test void depthNumbersAndLengthAreBounded() throws IOException {
        assertFault("nesting depth (101) exceeds", ("[".repeat(100_000)).getBytes(UTF_8));
        assertFault("Number value length", ("[" + "1".repeat(101) + "]").getBytes(UTF_8));
        Path huge = dir.resolve("huge.json");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(1L << 40);   // sparse
        }
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> StrictJson.parse(huge));
        says(e.getMessage(), huge, "1099511627776 bytes", "up to");
    }

    @Test void onlyRegularFilesAreRead() {
        assertEquals(dir.resolve("no.json") + " does not exist.",
                assertThrows(ModelFormatException.class, () -> StrictJson.parse(dir.resolve("no.json"))).getMessage());
        assertEquals(dir + " is a directory, expected a file.",
                assertThrows(ModelFormatException.class, () -> StrictJson.parse(dir)).getMessage());
    }

    @Test void writingIsPrettyAndTheSameEachTime() throws IOException {
        byte[] expected = "{\n  \"b\" : [ 1, 2 ],\n  \"a\" : {\n    \"é\" : null\n  }\n}\n".getBytes(UTF_8);
        Path file = Files.write(dir.resolve("a.json"), expected);
        assertArrayEquals(expected, StrictJson.bytes(StrictJson.parse(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0", "\"12\"", "2147483648", "-2147483649", "true", "null", "[]", "{}", "1e2"})
    void nothingElseIsCoercedToAnInteger(String value) {
        JsonFields fields = fields("{\"n_head\": " + value + "}");
        String message = assertThrows(ModelFormatException.class, () -> fields.requireInt("n_head")).getMessage();
        assertTrue(message.startsWith("x.json: n_head is ") && message.contains("expected an integer"), message);
    }

    @Test void fieldsNameWhatWasFoundAndExpected() {
        JsonFields fields = fields("""
            {"a": {"b": [1, "x"]}, "s": 5, "e": 1e400, "n": null, "ok": 3, "half": 0.5, "t": true, "text": "é"}""");
        assertFault("x.json: missing is missing, expected a string.", () -> fields.requireString("missing"));
        assertFault("x.json: s is 5, expected a string.", () -> fields.requireString("s"));
        assertFault("x.json: e is Infinity, expected a finite number.", () -> fields.requireDouble("e"));
        assertFault("x.json: n is null, expected true or false.", () -> fields.requireBoolean("n"));
        assertFault("x.json: a.b[1] is \"x\" (a string), expected an integer.", () -> fields.requireObject("a").requireLongs("b"));
        assertFault("x.json: a.c is missing", () -> fields.requireObject("a").requireInt("c"));
        assertFault("x.json: s = 5 must be even.", () -> {
            throw fields.fault("s", "must be even.");
        });
        assertFault("x.json: unknown fields half, text; known are a, e, n, ok, s, t.",
                () -> fields.rejectUnknown(java.util.List.of("a", "s", "e", "n", "ok", "t")));
        assertEquals(3.0, fields.requireDouble("ok"));
        assertEquals(0.5, fields.optionalDouble("half").orElseThrow());
        assertTrue(fields.requireBoolean("t"));
        assertTrue(fields.optionalString("n").isEmpty());
        assertTrue(fields.optionalInt("absent").isEmpty());
        assertFault("half is 0.5, expected an integer", () -> fields.optionalInt("half"));
        assertFault("x.json: is an array, expected an object.", () -> fields("[]"));
    }

    private static JsonFields fields(String json) {
        return JsonFields.of("x.json", StrictJson.parse("x.json", json.getBytes(UTF_8)));
    }

    private static void assertFault(String expected, byte[] json) {
        assertFault(expected, () -> StrictJson.parse("x.json", json));
    }

    private static void assertFault(String expected, org.junit.jupiter.api.function.Executable read) {
        String message = assertThrows(ModelFormatException.class, read).getMessage();
        assertTrue(message.contains(expected), message);
    }
}
