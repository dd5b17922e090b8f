package inkling.io.json;

import com.fasterxml.jackson.core.JsonProcessingException;

/** A JSON parser's complaint without the words that only its own programmers understand. */
public final class JsonFault {
    private JsonFault() {}

    /** {@code Unexpected end-of-input: expected close marker for Array}, without "[Source: REDACTED …]" and the names of settings. */
    public static String told(JsonProcessingException fault) {
        return fault.getOriginalMessage().replaceAll(" ?\\(start marker at \\[Source:[^\\]]*\\]\\)", "")
            .replaceAll(" ?(at )?\\[Source:[^\\]]*\\]", "").replaceAll(", from `[^`]*`", "");
    }
}
