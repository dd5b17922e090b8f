package inkling.io.json;

import com.fasterxml.jackson.core.JsonProcessingException;

/** The JSON parser's error messages, without the parts that only its own programmers understand. */
public final class JsonFault {
    private JsonFault() {}

    /** {@code Unexpected end-of-input: expected close marker for Array}, without "[Source: REDACTED …]" and the names of settings. */
    public static String told(JsonProcessingException fault) {
        return fault.getOriginalMessage().replaceAll(" ?\\(start marker at \\[Source:[^\\]]*\\]\\)", "")
            .replaceAll(" ?(at )?\\[Source:[^\\]]*\\]", "").replaceAll(", from `[^`]*`", "");
    }
}
