package inkling.io.tensors;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.Content;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes the safetensors format. Tensors keep the caller's order, and metadata is sorted by key, so that equal content gives equal bytes.
 * The header is padded with spaces, so that the data begins at a multiple of 8 bytes.
 *
 * <p>{@code DurableFiles.SYSTEM.write(file, SafetensorsWriter.content(List.of(Entry.floats("w", List.of(2L, 3L), values)), Map.of()))}
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_FLOATS = 1 << 14;

    private SafetensorsWriter() {}

    /** One tensor to write; {@code content} must give exactly the bytes that dtype and shape ask for, little endian. */
    public record Entry(String name, Dtype dtype, List<Long> shape, Content content) {
        public Entry {
            shape = List.copyOf(shape);
            if (name.equals(SafetensorsHeader.METADATA) || shape.stream().anyMatch(d -> d < 0)) {
                throw new IllegalArgumentException("not a tensor: %s %s".formatted(name, shape));
            }
        }

        /** An F32 tensor, row-major. The values are read when it is written. */
        public static Entry floats(String name, List<Long> shape, float[] values) {
            return floats(name, shape, FloatBuffer.wrap(values));
        }

        /** An F32 tensor of the remaining values of the buffer, row-major; the buffer's position does not change. */
        public static Entry floats(String name, List<Long> shape, FloatBuffer values) {
            return new Entry(name, Dtype.F32, shape, out -> writeFloats(out, values.duplicate()));
        }
    }

    /** The whole file as a {@link Content}. */
    public static Content content(List<Entry> entries, Map<String, String> metadata) {
        List<Entry> kept = List.copyOf(entries);
        Map<String, String> keptMetadata = Map.copyOf(metadata);
        return out -> write(out, kept, keptMetadata);
    }

    public static void write(OutputStream out, List<Entry> entries, Map<String, String> metadata) throws IOException {
        byte[] header = header(entries, metadata);
        out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
        out.write(header);
        for (Entry entry : entries) {
            Counter counter = new Counter(out);
            entry.content().writeTo(counter);
            long expected = TensorInfo.bytesOf(entry.dtype(), entry.shape());
            if (counter.bytes != expected) {
                throw new IllegalArgumentException("tensor %s: %s %s takes %d bytes, its content has %d".formatted(entry.name(),
                        entry.dtype(), entry.shape(), expected, counter.bytes));
            }
        }
    }

    private static byte[] header(List<Entry> entries, Map<String, String> metadata) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = root.putObject(SafetensorsHeader.METADATA);
            new TreeMap<>(metadata).forEach(texts::put);
        }
        Set<String> names = new HashSet<>();
        long offset = 0;
        for (Entry entry : entries) {
            if (!names.add(entry.name())) {
                throw new IllegalArgumentException("two tensors are named " + entry.name());
            }
            ObjectNode tensor = root.putObject(entry.name()).put("dtype", entry.dtype().name());
            entry.shape().forEach(tensor.putArray("shape")::add);
            long end = Math.addExact(offset, TensorInfo.bytesOf(entry.dtype(), entry.shape()));
            tensor.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String json = root.toString();
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return (json + " ".repeat(Math.floorMod(-length, ALIGNMENT))).getBytes(StandardCharsets.UTF_8);
    }

    private static void writeFloats(OutputStream out, FloatBuffer values) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            int n = Math.min(CHUNK_FLOATS, values.remaining());
            chunk.asFloatBuffer().put(values.slice().limit(n));
            values.position(values.position() + n);
            out.write(chunk.array(), 0, n * Float.BYTES);
        }
    }

    private static final class Counter extends FilterOutputStream {
        private long bytes;

        Counter(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            bytes++;
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            out.write(source, offset, length);
            bytes += length;
        }

        @Override
        public void close() throws IOException {
            flush();   // a tensor's content must not close the file
        }
    }
}
