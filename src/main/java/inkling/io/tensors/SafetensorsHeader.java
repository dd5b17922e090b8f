package inkling.io.tensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFault;
import inkling.io.text.Utf8;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: 8 bytes of length (little endian), then a JSON object, parsed as a stream. Before memory is allocated,
 * each size in the header is checked against the length of the file.
 *
 * <p>The rules are those of the format's README and of the reference reader (huggingface/safetensors, tensor.rs), which allows white space
 * before the object. {@link #MAX_BYTES} is the reference reader's bound; Inkling adds the other bounds below. It also refuses keys of a
 * tensor that the format does not have, and names that could do harm.
 *
 * @param tensors in the order of their data
 * @param dataStart position of the first data byte in the file
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata, long dataStart) {
    static final long MAX_BYTES = 100_000_000;
    static final int MAX_TENSORS = 100_000;
    static final int MAX_RANK = 8;
    static final int MAX_NAME_LENGTH = 1_000;
    static final int MAX_TEXT_LENGTH = 1_000_000;
    static final int MAX_METADATA_LENGTH = 10_000_000;
    static final int MAX_METADATA_ENTRIES = 10_000;
    static final String METADATA = "__metadata__";

    private static final int LENGTH_BYTES = 8;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxDocumentLength(MAX_BYTES).maxNestingDepth(4).maxNumberLength(20)
                    .maxNameLength(MAX_NAME_LENGTH).maxStringLength(MAX_TEXT_LENGTH).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES).disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

    /** @throws ModelFormatException whose message lacks the file's name: the caller adds it */
    static SafetensorsHeader read(FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            throw new ModelFormatException("has %d bytes; the length of the header alone takes 8".formatted(fileBytes));
        }
        ByteBuffer prefix = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, prefix, 0);
        long length = prefix.getLong(0);
        if (length < 0 || length > MAX_BYTES) {
            throw new ModelFormatException("the header claims %s bytes; at most %d are allowed"
                    .formatted(Long.toUnsignedString(length), MAX_BYTES));
        }
        if (length > fileBytes - LENGTH_BYTES) {
            throw new ModelFormatException("the header claims %d bytes, but only %d follow; the file may be cut off"
                    .formatted(length, fileBytes - LENGTH_BYTES));
        }
        long dataStart = LENGTH_BYTES + length;
        try (JsonParser parser = JSON.createParser(new InputStreamReader(new Region(channel, LENGTH_BYTES, dataStart), Utf8.decoder()))) {
            return new Parsing(parser).header(dataStart, fileBytes - dataStart);
        } catch (JsonProcessingException e) {
            throw new ModelFormatException("the header is not valid JSON (column %d): %s".formatted(
                    e.getLocation() == null ? 0 : e.getLocation().getColumnNr(), JsonFault.told(e)), e);
        } catch (CharacterCodingException e) {
            throw new ModelFormatException("the header is not UTF-8", e);
        }
    }

    static void readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int n = channel.read(target, at);
            if (n < 0) {
                throw new EOFException("the file ended at byte " + at);
            }
            at += n;
        }
    }

    /** Bytes {@code [position, end)} of a channel. */
    private static final class Region extends InputStream {
        private final FileChannel channel;
        private final long end;
        private long position;

        Region(FileChannel channel, long position, long end) {
            this.channel = channel;
            this.position = position;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (position >= end) {
                return -1;
            }
            int n = channel.read(ByteBuffer.wrap(target, offset, (int) Math.min(length, end - position)), position);
            position += Math.max(n, 0);
            return n;
        }
    }

    /** One pass over the JSON. */
    private static final class Parsing {
        private final JsonParser parser;

        Parsing(JsonParser parser) {
            this.parser = parser;
        }

        SafetensorsHeader header(long dataStart, long dataBytes) throws IOException {
            List<TensorInfo> tensors = new ArrayList<>();
            Map<String, String> metadata = Map.of();
            expect(JsonToken.START_OBJECT, "the header", "an object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (name.equals(METADATA)) {
                    metadata = metadata();
                } else if (tensors.size() == MAX_TENSORS) {
                    throw new ModelFormatException("has more than %d tensors".formatted(MAX_TENSORS));
                } else {
                    tensors.add(tensor(name));
                }
            }
            if (parser.nextToken() != null) {
                throw new ModelFormatException("the header goes on after its object ends");
            }
            return new SafetensorsHeader(inDataOrder(tensors, dataBytes), metadata, dataStart);
        }

        private Map<String, String> metadata() throws IOException {
            Map<String, String> metadata = new LinkedHashMap<>();
            long length = 0;
            expect(JsonToken.START_OBJECT, METADATA, "an object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                expect(JsonToken.VALUE_STRING, METADATA + "." + key, "a string");
                metadata.put(key, parser.getText());
                length += key.length() + metadata.get(key).length();
                if (length > MAX_METADATA_LENGTH || metadata.size() > MAX_METADATA_ENTRIES) {
                    throw new ModelFormatException("%s has more than %d entries or %d characters".formatted(METADATA,
                            MAX_METADATA_ENTRIES, MAX_METADATA_LENGTH));
                }
            }
            return Collections.unmodifiableMap(metadata);
        }

        private TensorInfo tensor(String name) throws IOException {
            requireHarmless(name);
            Dtype dtype = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            expect(JsonToken.START_OBJECT, name, "an object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                switch (key) {
                    case "dtype" -> dtype = dtype(name);
                    case "shape" -> shape = integers(name + ".shape", MAX_RANK);
                    case "data_offsets" -> offsets = integers(name + ".data_offsets", 2);
                    default -> throw new ModelFormatException("tensor %s has an unknown key %s".formatted(name, key));
                }
            }
            if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
                throw new ModelFormatException("tensor %s needs dtype, shape and two data_offsets".formatted(name));
            }
            return requireSize(new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1)));
        }

        private Dtype dtype(String name) throws IOException {
            expect(JsonToken.VALUE_STRING, name + ".dtype", "a string");
            String text = parser.getText();
            return Arrays.stream(Dtype.values()).filter(known -> known.name().equals(text)).findFirst()
                    .orElseThrow(() -> new ModelFormatException("tensor %s has the unknown dtype %s; known are %s".formatted(name, text,
                            Arrays.toString(Dtype.values()))));
        }

        private List<Long> integers(String what, int max) throws IOException {
            List<Long> values = new ArrayList<>();
            expect(JsonToken.START_ARRAY, what, "an array");
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                    throw new ModelFormatException("%s holds %s, expected integers".formatted(what, shown()));
                }
                if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 0) {
                    throw new ModelFormatException("%s holds %s, expected 0 to 2^63 - 1".formatted(what, shown()));
                }
                if (values.size() == max) {
                    throw new ModelFormatException("%s has more than %d entries".formatted(what, max));
                }
                values.add(parser.getLongValue());
            }
            return values;
        }

        private void expect(JsonToken token, String what, String expected) throws IOException {
            if (parser.nextToken() != token) {
                throw new ModelFormatException("%s is %s, expected %s".formatted(what, shown(), expected));
            }
        }

        private String shown() throws IOException {
            return parser.currentToken() == null ? "cut off" : switch (parser.currentToken()) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                default -> parser.getTextLength() > 40 ? "a long text" : parser.getText();
            };
        }
    }

    /**
     * Refuses names with control characters, because messages show names. Also refuses names that could lead out of a directory, because
     * other programs use tensor names as file names.
     */
    private static void requireHarmless(String name) {
        boolean climbs = name.startsWith("/") || name.indexOf('\\') >= 0 || Arrays.asList(name.split("/")).contains("..");
        if (climbs || name.chars().anyMatch(Character::isISOControl)) {
            throw new ModelFormatException("the tensor name \"%s\" looks like a path or holds control characters"
                    .formatted(name.replaceAll("\\p{Cntrl}", "?")));
        }
    }

    private static TensorInfo requireSize(TensorInfo tensor) {
        long expected;
        try {
            expected = TensorInfo.bytesOf(tensor.dtype(), tensor.shape());
        } catch (ArithmeticException e) {
            throw new ModelFormatException("tensor %s: the size of %s %s is impossible: %s".formatted(tensor.name(), tensor.dtype(),
                    tensor.shapeText(), e.getMessage()), e);
        }
        if (tensor.bytes() != expected) {
            throw new ModelFormatException("tensor %s: data_offsets [%d, %d] span %d bytes, but %s %s takes %d".formatted(tensor.name(),
                    tensor.begin(), tensor.end(), tensor.bytes(), tensor.dtype(), tensor.shapeText(), expected));
        }
        return tensor;
    }

    /** The tensors in the order of their data, which they must cover exactly: no holes, no overlap, up to the end of the file. */
    private static Map<String, TensorInfo> inDataOrder(List<TensorInfo> tensors, long dataBytes) {
        tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        Map<String, TensorInfo> ordered = new LinkedHashMap<>();
        long covered = 0;
        for (TensorInfo tensor : tensors) {
            if (tensor.begin() != covered) {
                throw new ModelFormatException("tensor %s begins at byte %d of the data, expected %d (tensors leave no holes and do not"
                        .formatted(tensor.name(), tensor.begin(), covered) + " overlap)");
            }
            covered = tensor.end();
            ordered.put(tensor.name(), tensor);
        }
        if (covered != dataBytes) {
            throw new ModelFormatException("the tensors take %d bytes, but %d follow the header; the file may be cut off"
                    .formatted(covered, dataBytes));
        }
        return Collections.unmodifiableMap(ordered);
    }
}
