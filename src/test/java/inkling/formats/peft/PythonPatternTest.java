package inkling.formats.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonPatternTest {
    private static final List<String> NAMES = List.of("transformer.h.0.attn.c_attn", "transformer.h.11.mlp.c_proj", "lm_head",
        "model.layers.2.self_attn.q_proj", "a[b&&c]{2,}d", "{}");

    /** What {@code re.fullmatch} of Python 3.11 says for each of the names: 1 where it matches. */
    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '~', textBlock = """
        .*\\.attn\\.(c_attn|c_proj) 100000
        .* 111111
        c_attn 000000
        .*_(attn|head) 101000
        ^transformer\\.h\\.\\d\\..*$ 100000
        transformer\\.h\\.\\d+\\.[a-m]+\\.c_proj 000000
        (?!.*mlp).* 101111
        .*(?<=h\\.0)\\.attn.* 100000
        .*(?<!11)\\.mlp.* 000000
        (?i).*C_ATTN|LM_[A-Z]* 101000
        (?i)[^A]* 000001
        (?i)[A-M._L-]+[^N].* 001110
        (?P<part>transformer|lm)[._]h.* 111000
        .*\\blayers\\b.* 000100
        \\A.*\\d{1,}.*\\Z 110110
        .*\\d{2}.* 010000
        .*h\\.\\d{,1}\\..* 100000
        a[[]b&&c]{2,}d 000000
        a[[b&c\\]{,}2]+d 000010
        []ab&c[2,d{}]+ 000011
        {} 000001
        [^.]* 001011
        .*?proj 010100
        (?:.*?(?:layers|h)\\.[\\d]{1,}\\.(?:self_attn|attn)\\.(?:q_proj|c_attn))|lm_head 101100
        .*\\W11\\W.* 010000
        \\w+ 001000
        \\S+h\\S+ 111000
        (|transformer\\.h\\.0\\.)attn\\.c_attn 100000
        .*\\B_attn 100000
        model(\\.\\w+){4} 000100
        (a|b|lm_head|){3} 001000
        [a-z_.0-9-]+ 111100
        (?=model).*(?=$) 000100
        """)
    void matchesWhatPythonMatches(String pattern, String expected) {
        StringBuilder found = new StringBuilder();
        NAMES.forEach(name -> found.append(PythonPattern.fullMatch(pattern).test(name) ? '1' : '0'));
        assertEquals(expected, found.toString(), pattern);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?P<n>q)(?P=n)", "(q)\\1", "\\p{L}", "\\h", "\\Qq\\E", "q++", "q*+", "(?>q)", "(?x)q", "q(?i)",
        "(?#no)q", "q)", "(q",
        "[q", "q\\", "[a-\\d]", "[z-a]", "*q", "a**", "a{2}{3}", "a{3,2}", "(?(1)a|b)"})
    void whatIsNotSupportedIsSaid(String pattern) {
        assertFalse(assertThrows(PatternSyntaxException.class, () -> PythonPattern.fullMatch(pattern)).getDescription().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a*)*b", "(a|a)*b", ".*.*.*.*.*.*.*.*x",
        "(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)(a*|b*)x",
        "((((((((a*)*)*)*)*)*)*)*)*x", "(?=.*(?=.*(?=.*x)))y"})
    void noPatternTakesForEver(String pattern) {
        assertFalse(PythonPattern.fullMatch(pattern).test("a".repeat(60)), pattern);
    }

    @Test
    void whatWouldTakeLongIsRefused() {
        String deep = "(((a{0,9999}){9999}){9999}){9999}x";
        String message = assertThrows(PatternSyntaxException.class, () -> PythonPattern.fullMatch(deep).test("a".repeat(60)))
            .getDescription();
        assertTrue(message.contains("takes more steps"), message);
        assertThrows(PatternSyntaxException.class, () -> PythonPattern.fullMatch("(".repeat(5000) + ")".repeat(5000)));
        assertThrows(PatternSyntaxException.class, () -> PythonPattern.fullMatch("a".repeat(10_001)));
    }
}
