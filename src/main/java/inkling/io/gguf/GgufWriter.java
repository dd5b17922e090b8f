package inkling.io.gguf;

import inkling.io.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes GGUF, version 3. The keys are kept in memory. The tensors are written one after the other, each in parts. */
public final class GgufWriter {
    private static final int VERSION = 3;

    private GgufWriter() {}

    /**
     * A tensor to be written.
     *
     * @param shape row-major; the last dimension is a multiple of the type's {@link GgufType#blockElements}
     * @param added the number that is added to each of {@code floats} before it is stored
     * @param floats writes the tensor's numbers as 32-bit floats, little endian
     */
    public record Entry(String name, GgufType type, List<Long> shape, float added, Content floats) {
        public Entry {
            shape = List.copyOf(shape);
            if (shape.isEmpty() || !type.fits(shape.get(shape.size() - 1))) {
                throw new IllegalArgumentException("%s %s cannot be %s".formatted(name, shape, type));
            }
        }

        /** A vector, stored as 32-bit floats. */
        public static Entry vector(String name, float[] values) {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return new Entry(name, GgufType.F32, List.of((long) values.length), 0, Content.of(bytes.array()));
        }

        private long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    /** The whole file. Writing throws an IllegalArgumentException if a tensor's content does not have as many numbers as its shape. */
    public static Content content(Map<String, GgufValue> metadata, List<Entry> tensors) {
        Map<String, GgufValue> keys = new LinkedHashMap<>(metadata);
        List<Entry> entries = List.copyOf(tensors);
        return out -> write(out, keys, entries);
    }

    private static void write(OutputStream out, Map<String, GgufValue> metadata, List<Entry> tensors) throws IOException {
        byte[] header = header(metadata, tensors);
        out.write(header);
        pad(out, header.length);
        for (Entry tensor : tensors) {
            try (FloatEncoder encoder = new FloatEncoder(out, tensor.name, tensor.type, tensor.added)) {
                tensor.floats.writeTo(encoder);
                if (encoder.floats() != tensor.elements()) {
                    throw new IllegalArgumentException("tensor %s: %s are %d numbers, its content has %d".formatted(tensor.name,
                        tensor.shape, tensor.elements(), encoder.floats()));
                }
            }
            pad(out, tensor.type.bytes(tensor.elements()));
        }
    }

    private static void pad(OutputStream out, long written) throws IOException {
        out.write(new byte[(int) (GgufHeader.aligned(written, GgufHeader.USUAL_ALIGNMENT) - written)]);
    }

    private static byte[] header(Map<String, GgufValue> metadata, List<Entry> tensors) {
        Bytes bytes = new Bytes();
        bytes.u32(GgufHeader.MAGIC);
        bytes.u32(VERSION);
        bytes.u64(tensors.size());
        bytes.u64(metadata.size());
        metadata.forEach((key, value) -> {
            bytes.text(key);
            bytes.value(value);
        });
        long offset = 0;
        Set<String> names = new HashSet<>();
        for (Entry tensor : tensors) {
            if (!names.add(tensor.name)) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name);
            }
            bytes.text(tensor.name);
            bytes.u32(tensor.shape.size());
            for (int i = tensor.shape.size() - 1; i >= 0; i--) {
                bytes.u64(tensor.shape.get(i));
            }
            bytes.u32(tensor.type.number());
            bytes.u64(offset);
            offset = GgufHeader.aligned(offset + tensor.type.bytes(tensor.elements()), GgufHeader.USUAL_ALIGNMENT);
        }
        return bytes.toByteArray();
    }

    private static final class Bytes extends ByteArrayOutputStream {
        void u32(long number) {
            writeBytes(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt((int) number).array());
        }

        void u64(long number) {
            writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array());
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            u64(utf8.length);
            writeBytes(utf8);
        }

        void value(GgufValue value) {
            if (value.value() instanceof List<?> list) {
                u32(GgufValue.Type.ARRAY.ordinal());
                u32(value.type().ordinal());
                u64(list.size());
                list.forEach(each -> one(value.type(), each));
            } else {
                u32(value.type().ordinal());
                one(value.type(), value.value());
            }
        }

        private void one(GgufValue.Type type, Object value) {
            switch (type) {
                case U32, I32 -> u32((Long) value);
                case U64, I64 -> u64((Long) value);
                case F32 -> u32(Float.floatToRawIntBits(((Double) value).floatValue()));
                case F64 -> u64(Double.doubleToRawLongBits((Double) value));
                case BOOL -> write((Boolean) value ? 1 : 0);
                case TEXT -> text((String) value);
                case U8, I8, U16, I16, ARRAY -> throw new IllegalArgumentException(type + " is not written");
            }
        }
    }
}
