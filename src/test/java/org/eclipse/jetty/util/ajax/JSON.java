package org.eclipse.jetty.util.ajax;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The HTML checker reads its language profiles with Jetty 9's class of this name. Jetty 9 and our server's Jetty cannot be on one class
 * path, so in the tests this class stands in for Jetty 9's.
 */
public final class JSON {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS,
        DeserializationFeature.USE_JAVA_ARRAY_FOR_JSON_ARRAY);

    private JSON() {}

    public static Object parse(InputStream in) throws IOException {
        return MAPPER.readValue(in, Object.class);
    }

    public static Object parse(String text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
