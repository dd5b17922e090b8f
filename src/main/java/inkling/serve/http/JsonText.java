package inkling.serve.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;

/** Documents as JSON on one line, in UTF-8. */
public final class JsonText {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonText() {}

    /** @param document made of maps, records, lists, arrays, strings, finite numbers, booleans and nulls */
    public static byte[] bytes(Object document) {
        try {
            return MAPPER.writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + document.getClass(), e);
        }
    }
}
