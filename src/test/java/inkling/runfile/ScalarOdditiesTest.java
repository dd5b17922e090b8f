package inkling.runfile;

import static inkling.Says.says;
import static inkling.runfile.ConfigCases.SHORTEST;
import static inkling.runfile.ConfigCases.error;
import static inkling.runfile.ConfigCases.parse;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * YAML's odd scalars. Nothing is coerced. Values such as {@code 010} and {@code yes} are refused, since YAML 1.1 and 1.2 read them
 * differently.
 */
class ScalarOdditiesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"12\"                | is text, a whole number is expected",
        "'12'                  | is text, a whole number is expected",
        "3.7                   | is a number, a whole number is expected",
        "3.0                   | is a number, a whole number is expected",
        "1e3                   | is a number, a whole number is expected",
        "1e400                 | is a number, a whole number is expected",
        "010                   | means different things to different readers of YAML",
        "0o17                  | means different things to different readers of YAML",
        "0x10                  | means different things to different readers of YAML",
        "0b11                  | means different things to different readers of YAML",
        "1_000                 | means different things to different readers of YAML",
        "12:30                 | means different things to different readers of YAML",
        "yes                   | means different things to different readers of YAML",
        "off                   | means different things to different readers of YAML",
        "True                  | means different things to different readers of YAML",
        "true                  | is a truth value, a whole number is expected",
        "null                  | is null, a whole number is expected",
        "~                     | is null, a whole number is expected",
        ".nan                  | is not a finite number",
        "-.Inf                 | is not a finite number",
        "abc                   | is text, a whole number is expected",
        "[1]                   | must be a whole number",
        "{a: 1}                | must be a whole number",
        "0                     | batch_size = 0 must be positive",
        "-1                    | batch_size = -1 must be positive",
        "2147483648            | must be in -2147483648 … 2147483647",
        "99999999999999999999  | must be in -2147483648 … 2147483647"})
    void aWholeNumberIsNothingElse(String value, String expected) {
        String message = error(SHORTEST + "train:\n  batch_size: " + value + "\n");
        assertTrue(message.startsWith("x.yaml:5: train: batch_size = "), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void aKeyWithoutAValueIsRefused() {
        assertEquals("x.yaml:5: train: batch_size has no value: a whole number is expected. Leave the key out for the default.",
            error(SHORTEST + "train:\n  batch_size:\n"));
        String section = error(SHORTEST + "train:\n");
        assertTrue(section.startsWith("x.yaml:4: train = ") && section.contains("must be a mapping"), section);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0", "0.5, 0.5", ".5, 0.5", "5e-1, 0.5", "5.0E-1, 0.5", "+0.25, 0.25", "0., 0.0"})
    void aNumberMayBeWrittenInEachPlainWay(String value, double expected) {
        assertEquals(expected, parse(SHORTEST, "model.dropout=" + value).model().options().dropout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"0.5\"", "1e400", "1e-400", "1e999999999999", "-1e400", "00.5", "0_0.5", "0x1p-3", "0.5f", "0.5d",
        "1:30.5", ".nan",
        ".inf", "nan", "Infinity", "e5", ".", "--1", "true", "null", "[0.5]", "0.5 0.5", "1.0", "-0.1"})
    void whatIsNoNumberInRangeIsRefused(String value) {
        String message = error(SHORTEST + "model:\n  dropout: " + value + "\n");
        assertTrue(message.startsWith("x.yaml:5: "), message);
        assertTrue(message.contains("dropout = "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"True", "TRUE", "yes", "no", "on", "off", "y", "n", "1", "0", "\"true\"", "null", "[true]", "tru"})
    void aTruthValueIsTrueOrFalse(String value) {
        String message = error(SHORTEST, "model.bias=" + value);
        assertTrue(message.startsWith("--set model.bias=" + value + ": model: bias = "), message);
        assertTrue(message.toLowerCase(java.util.Locale.ROOT).contains("true or false"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "1.5", "yes", "NO", "true", "null", "~", "010", "12:30", "1_000", ".nan", "0x1"})
    void aTextThatLooksLikeSomethingElseNeedsQuotes(String value) {
        String message = error(SHORTEST, "train.sample.prompt=" + value);
        assertTrue(message.contains("train.sample: prompt = " + value) && message.contains("in quotes"), message);
        assertEquals(value, parse(SHORTEST, "train.sample.prompt=\"" + value + "\"").train().sample().orElseThrow().prompt());
    }

    @Test
    void blockScalarsAreText() {
        RunConfig config = parse(SHORTEST + "train:\n  sample:\n    prompt: |\n      12\n      yes\n");
        assertEquals("12\nyes\n", config.train().sample().orElseThrow().prompt());
    }

    @Test
    void anEnumNamesItsWordsAndTheNearestOne() {
        assertEquals("x.yaml:4: model: activation = gelu_tahn is unknown. Did you mean gelu_tanh?"
            + " Allowed: gelu_tanh, gelu, relu, relu_squared, swiglu, geglu_tanh (the MLP's nonlinearity).",
            error(SHORTEST + "model: {activation: gelu_tahn}\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "mixed", "float64", "int8"})
    void otherPrecisionsAreRefusedSayingWhy(String precision) {
        String message = error(SHORTEST, "precision=" + precision);
        says(message, "Allowed: float32, bf16, bf16_even_if_slow, tf32 (", "products with weight matrices",
            "float16 is not offered, since it needs loss scaling");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-1", "_x", "v1.2", "2024-01-01", "\"12\"", "console", "com"})
    void safeNames(String name) {
        assertDoesNotThrow(() -> parse(SHORTEST, "name=" + name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "../x", "/etc", "a/b", "a\\b", "-rf", ".hidden", "a b", "\"\"", "a.", "CON", "nul.txt", "lpt1",
        "\"a\\n\"", "ä",
        "\"\\u202ea\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void unsafeNames(String name) {
        String message = error(SHORTEST, "name=" + name);
        assertTrue(message.contains("is no safe directory name"), message);
        assertEquals(1, message.lines().count(), message);
    }
}
