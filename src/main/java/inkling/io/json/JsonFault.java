package inkling.io.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Error messages for documents that are not JSON, without details that only the parser's programmers understand. */
public final class JsonFault {
    private static final int BYTES_LOOKED_AT = 100;

    private JsonFault() {}

    /** The kind of a document that is not JSON, and what to do; empty if its first bytes do not show the kind. */
    static Optional<String> foreignKind(byte[] document) {
        String beginning = new String(document, 0, Math.min(document.length, BYTES_LOOKED_AT), StandardCharsets.UTF_8).strip();
        if (beginning.startsWith("version https://git-lfs")) {
            return Optional.of("a Git LFS pointer, not the file itself: fetch it with git lfs pull");
        }
        return beginning.startsWith("<") ? Optional.of("a web page or XML: fetch the file itself, not the page that shows it")
            : Optional.empty();
    }

    /** The parser's message without "[Source: REDACTED …]" and names of its settings: {@code Unexpected end-of-input: expected …}. */
    public static String told(JsonProcessingException fault) {
        return fault.getOriginalMessage().replaceAll(" ?\\(start marker at \\[Source:[^\\]]*\\]\\)", "")
            .replaceAll(" ?(at )?\\[Source:[^\\]]*\\]", "").replaceAll(", from `[^`]*`", "");
    }
}
