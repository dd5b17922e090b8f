package inkling.io.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The JSON parser's error messages, without the parts that only its own programmers understand. */
public final class JsonFault {
    private static final int BYTES_LOOKED_AT = 100;

    private JsonFault() {}

    /** The kind of a document that is not JSON, if it is a known one. */
    static Optional<String> foreignKind(byte[] document) {
        String beginning = new String(document, 0, Math.min(document.length, BYTES_LOOKED_AT), StandardCharsets.UTF_8).strip();
        if (beginning.startsWith("version https://git-lfs")) {
            return Optional.of("a Git LFS pointer, not the file itself: fetch it with git lfs pull");
        }
        return beginning.startsWith("<") ? Optional.of("a web page or XML: fetch the file itself, not the page that shows it")
            : Optional.empty();
    }

    /** {@code Unexpected end-of-input: expected close marker for Array}, without "[Source: REDACTED …]" and the names of settings. */
    public static String told(JsonProcessingException fault) {
        return fault.getOriginalMessage().replaceAll(" ?\\(start marker at \\[Source:[^\\]]*\\]\\)", "")
            .replaceAll(" ?(at )?\\[Source:[^\\]]*\\]", "").replaceAll(", from `[^`]*`", "");
    }
}
