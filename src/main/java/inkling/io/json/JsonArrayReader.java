package inkling.io.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import inkling.errors.ModelFormatException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/**
 * Reads a JSON array of any length, element by element. Each element is read as strictly as by {@link StrictJson}, and may have about
 * {@link StrictJson#MAX_BYTES} characters at most.
 */
public final class JsonArrayReader {
    /** Receives an element and the line on which it begins, counted from 1. */
    @FunctionalInterface
    public interface Visitor {
        void element(JsonNode element, long line);
    }

    private static final JsonFactory FACTORY = StrictJson.factory(Long.MAX_VALUE);
    private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

    private JsonArrayReader() {}

    /**
     * Gives each element of the array to {@code visitor}, one after the other.
     *
     * @param source the document's name in messages
     * @param text the document, whose first character after white space must be {@code [}; the caller has checked this
     * @throws ModelFormatException if the array is not strict JSON, does not end or has too long an element, or if more follows
     * @throws IOException if {@code text} cannot be read
     */
    public static void read(String source, Reader text, Visitor visitor) throws IOException {
        Limited limited = new Limited(source, text);
        try (JsonParser parser = FACTORY.createParser(limited)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                long line = parser.currentTokenLocation().getLineNr();
                JsonNode element = MAPPER.readTree(parser);
                if (holdsHalfSurrogates(element)) {
                    throw new ModelFormatException("%s:%d: holds half a surrogate pair, which is not a character.".formatted(source, line));
                }
                visitor.element(element, line);
                limited.renew();
            }
            if (parser.nextToken() != null) {
                throw new ModelFormatException("%s:%d: goes on after the end of its array.".formatted(source,
                    parser.currentTokenLocation().getLineNr()));
            }
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
            throw new ModelFormatException("%s:%d:%d: not valid JSON: %s".formatted(source, at.getLineNr(), at.getColumnNr(),
                JsonFault.told(e)), e);
        }
    }

    /** Whether a string in {@code node} holds half a surrogate pair, which an escape can produce. */
    private static boolean holdsHalfSurrogates(JsonNode node) {
        if (node.isTextual()) {
            return halfSurrogates(node.textValue());
        }
        boolean found = false;
        for (var names = node.fieldNames(); names.hasNext();) {
            found |= halfSurrogates(names.next());
        }
        for (JsonNode child : node) {
            found |= holdsHalfSurrogates(child);
        }
        return found;
    }

    private static boolean halfSurrogates(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** Fails when an element is longer than about {@link StrictJson#MAX_BYTES} characters, since it might not fit into memory. */
    private static final class Limited extends FilterReader {
        private final String source;
        private long left = StrictJson.MAX_BYTES;

        Limited(String source, Reader in) {
            super(in);
            this.source = source;
        }

        void renew() {
            left = StrictJson.MAX_BYTES;
        }

        @Override
        public int read(char[] target, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new ModelFormatException("%s: an element of its array is longer than %d characters."
                    .formatted(source, StrictJson.MAX_BYTES));
            }
            int n = super.read(target, offset, length);
            left -= Math.max(n, 0);
            return n;
        }
    }
}
