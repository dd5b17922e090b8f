package inkling.inspect.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import nu.validator.client.EmbeddedValidator;

/** Checks that a page is valid (the Nu Html Checker finds nothing) and self-contained (it fetches nothing). */
public final class ValidHtml {
    private static final Pattern FETCHING_TAG = Pattern.compile(
        "(?i)<(link|iframe|object|embed|base|form)\\b|<[a-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*?"
            + "\\s(src|srcset|href|action)\\s*=\\s*[\"']?(?!#|data:|[\"'])");
    private static final Pattern FETCHING_CODE = Pattern.compile("(?i)@import|url\\(|https?:|fetch\\(|XMLHttp|import\\(|WebSocket");
    private static final Pattern CODE = Pattern.compile("(?s)<(style|script)>(.*?)</");

    // CSS that every browser knows and this checker (of 2020) does not yet.
    private static final Pattern NEWER_CSS = Pattern.compile(
        "Error: CSS: (?:“(color-scheme|print-color-adjust|accent-color|paint-order)”: Property “\\1” doesn't exist"
            + "|“background-color”: Invalid RGB function)\\.\\R?.*\\R?");

    private ValidHtml() {}

    public static void check(String html) throws Exception {
        EmbeddedValidator validator = new EmbeddedValidator();
        validator.setOutputFormat(EmbeddedValidator.OutputFormat.TEXT);
        String found = validator.validate(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
        assertEquals("", NEWER_CSS.matcher(found).replaceAll("").replace("Document checking completed.", "")
            .replace("No errors found.", "").strip(),
            "the Nu Html Checker");
    }

    static void checkSelfContained(String html) {
        assertEquals(List.of(), FETCHING_TAG.matcher(html).results().map(MatchResult::group).toList());
        assertEquals(List.of(), CODE.matcher(html).results().map(m -> m.group(2))
            .flatMap(code -> FETCHING_CODE.matcher(code).results().map(MatchResult::group)).toList());
    }
}
