package inkling.io.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.io.text.Utf8;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Strict JSON. A repeated key, text after the document, bytes that are not UTF-8 and half a surrogate pair are errors here. Many other
 * readers accept these: they keep the last key, stop reading early or insert a replacement character. There are limits, too:
 * {@value #MAX_BYTES} bytes, {@value #MAX_DEPTH} levels and {@value #MAX_NUMBER_LENGTH} digits in a number.
 *
 * <p>{@code StrictJson.parse("x.json", "{\"a\":1,\"a\":2}".getBytes(UTF_8))} throws
 * {@code x.json:1:11: not valid JSON: Duplicate field 'a'}. {@link JsonFields} reads the fields of an object.
 */
public final class StrictJson {
    /** Larger than all tokenizer files known to us; the largest has about 35 MB. */
    public static final int MAX_BYTES = 64 << 20;
    public static final int MAX_DEPTH = 100;
    public static final int MAX_NUMBER_LENGTH = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(factory(MAX_BYTES)).build();
    private static final ObjectWriter PRETTY = MAPPER.writer(new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n")).withArrayIndenter(DefaultPrettyPrinter.FixedSpaceIndenter.instance));

    /** Reads one value of a document straight from the parser: for values so large that a tree of them would take seconds. */
    @FunctionalInterface
    public interface ValueReader {
        /**
         * @param parser stands at the first token of the value, and is left at its last
         * @return the node that stands for the value in the tree
         */
        JsonNode read(JsonParser parser) throws IOException;
    }

    private StrictJson() {}

    /**
     * The document in {@code file}.
     *
     * @throws ModelFormatException if the file is missing, too large or not strict JSON; a syntax error is shown with line and column
     * @throws StorageException if the file cannot be read
     */
    public static JsonNode parse(Path file) {
        return parse(file.toString(), load(file));
    }

    /** As {@link #parse(Path)}, for a document in memory. {@code source} is its name in messages. */
    public static JsonNode parse(String source, byte[] bytes) {
        return parse(source, bytes, Map.of());
    }

    /**
     * As {@link #parse(String, byte[])}, but some values have readers of their own.
     *
     * @param readers the place of each such value, and its reader. A place is a JSON Pointer through objects (not arrays), such as
     *     {@code /model/vocab}
     */
    public static JsonNode parse(String source, byte[] bytes, Map<String, ValueReader> readers) {
        return parse(source, source, 1, bytes, readers);
    }

    /** As {@link #parse(Path)}, for a document in memory that is line {@code line} of {@code file}, counted from 1. */
    public static JsonNode parseLine(Path file, long line, byte[] bytes) {
        return parse(file + ":" + line, file.toString(), line, bytes, Map.of());
    }

    private static JsonNode parse(String source, String file, long firstLine, byte[] bytes, Map<String, ValueReader> readers) {
        requireLength(source, bytes.length);
        if (bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
            throw new ModelFormatException(source + ": begins with a byte order mark, which JSON does not allow. Remove it.");
        }
        rejectHalfSurrogates(file, firstLine, bytes);
        // Decodes a part at a time. One string of the whole file could take twice the file's size in memory, and as much time as parsing.
        try (JsonParser parser = MAPPER.createParser(new InputStreamReader(new ByteArrayInputStream(bytes), Utf8.decoder()))) {
            if (parser.nextToken() == null) {
                throw new ModelFormatException(source + ": is empty, expected a JSON document.");
            }
            JsonNode root = value(parser, "", readers);
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "Trailing token after the end of the document");
            }
            return root;
        } catch (JsonProcessingException e) {
            JsonFault.foreignKind(bytes).ifPresent(what -> {
                throw new ModelFormatException("%s: is no JSON, but %s.".formatted(source, what), e);
            });
            JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
            throw new ModelFormatException("%s:%d:%d: not valid JSON: %s".formatted(file, firstLine + at.getLineNr() - 1, at.getColumnNr(),
                    JsonFault.told(e)), e);
        } catch (CharacterCodingException e) {
            throw notUtf8(source, bytes, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);              // cannot happen: the document is in memory
        }
    }

    /** The value at which the parser stands: read by the reader for its place if there is one, otherwise as a tree. */
    private static JsonNode value(JsonParser parser, String place, Map<String, ValueReader> readers) throws IOException {
        if (readers.containsKey(place)) {
            return readers.get(place).read(parser);
        }
        boolean contains = readers.keySet().stream().anyMatch(other -> other.startsWith(place + "/"));
        if (!contains || !parser.isExpectedStartObjectToken()) {
            return MAPPER.readTree(parser);
        }
        ObjectNode object = MAPPER.createObjectNode();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            object.set(name, value(parser, place + "/" + name.replace("~", "~0").replace("/", "~1"), readers));
        }
        return object;
    }

    /** The document as UTF-8: two spaces for each level, arrays without objects on one line, "\n" as line end, keys in the tree's order. */
    public static byte[] bytes(JsonNode document) {
        try {
            return (PRETTY.writeValueAsString(document) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON document", e);
        }
    }

    static JsonFactory factory(long maxCharacters) {
        StreamReadConstraints limits = StreamReadConstraints.builder().maxDocumentLength(maxCharacters).maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER_LENGTH).maxStringLength(MAX_BYTES).build();
        return JsonFactory.builder().streamReadConstraints(limits).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)          // a vocabulary has 100,000 names, each used once
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();
    }

    /**
     * The bytes of a JSON file, for {@link #parse(String, byte[])}.
     *
     * @throws ModelFormatException if the file is missing or too large
     * @throws StorageException if the file cannot be read
     */
    public static byte[] load(Path file) {
        FileFaults.notRegular(file).ifPresent(why -> {
            throw new ModelFormatException("%s %s.".formatted(file, why));
        });
        try (InputStream in = Files.newInputStream(file)) {
            requireLength(file.toString(), Files.size(file));
            return in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private static void requireLength(String source, long length) {
        if (length > MAX_BYTES) {
            throw new ModelFormatException("%s: has %d bytes; JSON files are read up to %d.".formatted(source, length, MAX_BYTES));
        }
    }

    private static ModelFormatException notUtf8(String source, byte[] bytes, CharacterCodingException cause) {
        try {
            Utf8.decode(bytes);
            return new ModelFormatException(source + ": is not UTF-8; JSON is always UTF-8.", cause);
        } catch (Utf8.MalformedException e) {
            return new ModelFormatException("%s: byte %d is 0x%02X, which is not UTF-8 there; JSON is always UTF-8."
                    .formatted(source, e.offset, bytes[(int) e.offset]), e);
        }
    }

    /** Refuses an escape such as {@code \}{@code ud800} alone. It is not a character: it could be read, but not written as UTF-8 again. */
    private static void rejectHalfSurrogates(String file, long firstLine, byte[] bytes) {
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] != '\\') {
                continue;
            }
            int unit = escapedUnit(bytes, at);
            boolean pair = unit >= 0xD800 && unit <= 0xDBFF && Character.isLowSurrogate((char) Math.max(0, escapedUnit(bytes, at + 6)));
            if (unit >= 0xD800 && unit <= 0xDFFF && !pair) {
                String before = new String(bytes, 0, at, StandardCharsets.UTF_8);
                long line = firstLine + before.chars().filter(c -> c == '\n').count();
                throw new ModelFormatException("%s:%d:%d: %s is half a surrogate pair, which is not a character.".formatted(file, line,
                        before.length() - before.lastIndexOf('\n'), new String(bytes, at, 6, StandardCharsets.UTF_8)));
            }
            at += pair ? 11 : 1;
        }
    }

    /** The UTF-16 unit of the escape that begins at {@code at}, or -1 if there is none. The parser reports malformed escapes. */
    private static int escapedUnit(byte[] bytes, int at) {
        if (at + 6 > bytes.length || bytes[at] != '\\' || bytes[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit * 16 + digit;
        }
        return unit;
    }
}
