package inkling.io.gguf;

import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.io.gguf.GgufValue.Type;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of a GGUF file before the data: the keys and the list of tensors. Before memory is taken, each count is checked against the
 * bytes that are left. Source: {@code docs/gguf.md} of ggml. ggml's reader adds the rule that tensors follow one another without gaps,
 * except those that the alignment needs.
 */
final class GgufHeader {
    static final int MAGIC = 0x46554747;    // "GGUF", little endian
    static final String ALIGNMENT = "general.alignment";
    static final int USUAL_ALIGNMENT = 32;
    static final long MAX_BYTES = 200_000_000;
    private static final int MAX_KEYS = 10_000;
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_RANK = 4;
    private static final int MAX_NAME_BYTES = 1_000;
    /** The most elements of all lists together, so that the lists take at most some hundreds of megabytes of memory. */
    private static final int MAX_ELEMENTS = 1 << 23;

    private final HeaderBytes in;
    private final String source;
    private int elements;

    private GgufHeader(HeaderBytes in, String source) {
        this.in = in;
        this.source = source;
    }

    record Parsed(GgufMetadata metadata, Map<String, GgufTensor> tensors) {}

    /**
     * @param most the most bytes of a header, usually {@link #MAX_BYTES}
     * @throws ModelFormatException whose message names {@code source}
     */
    static Parsed read(FileChannel channel, String source, long most) throws IOException {
        try {
            return new GgufHeader(new HeaderBytes(channel, most), source).read(channel.size());
        } catch (HeaderBytes.Fault e) {
            throw new ModelFormatException("%s: not a GGUF file that can be read: %s.".formatted(source, e.getMessage()), e);
        }
    }

    private Parsed read(long fileBytes) throws IOException {
        if (in.u32() != MAGIC) {
            throw new HeaderBytes.Fault("it does not begin with GGUF");
        }
        int version = in.u32();
        if (version != 2 && version != 3) {
            throw new HeaderBytes.Fault(version == Integer.reverseBytes(2) || version == Integer.reverseBytes(3)
                ? "its numbers are big endian; convert it to little endian" : "its version is %s; 2 and 3 are read"
                    .formatted(Integer.toUnsignedString(version)));
        }
        int tensors = count("tensors", in.u64(), MAX_TENSORS, 8 + 4 + 4 + 8);
        int keys = count("keys", in.u64(), MAX_KEYS, 8 + 4 + 1);
        Map<String, GgufValue> values = new LinkedHashMap<>();
        for (int i = 0; i < keys; i++) {
            String key = in.text(MAX_NAME_BYTES);
            if (values.put(key, value()) != null) {
                throw new HeaderBytes.Fault("the key %s is there twice".formatted(Printable.escape(key)));
            }
        }
        GgufMetadata metadata = new GgufMetadata(source, Collections.unmodifiableMap(values));
        int alignment = metadata.count(ALIGNMENT).orElse(USUAL_ALIGNMENT);
        if (alignment < 8 || Integer.bitCount(alignment) != 1 || alignment > 1 << 20) {
            throw metadata.fault(ALIGNMENT, "must be a power of two from 8 to 1048576.");
        }
        return new Parsed(metadata, Collections.unmodifiableMap(tensors(tensors, alignment, fileBytes)));
    }

    private int count(String what, long claimed, int most, int leastBytes) throws HeaderBytes.Fault {
        if (claimed < 0 || claimed > most || claimed > in.left() / leastBytes) {
            String claim = "it claims %s %s; at most %d are read, and %d bytes are left".formatted(Long.toUnsignedString(claimed), what,
                most, in.left());
            throw claimed < 0 || claimed > most ? new HeaderBytes.Fault(claim) : in.beyond(claimed * leastBytes, claim);
        }
        return (int) claimed;
    }

    private GgufValue value() throws IOException {
        Type type = type();
        if (type != Type.ARRAY) {
            return new GgufValue(type, one(type));
        }
        Type element = type();
        if (element == Type.ARRAY) {
            throw new HeaderBytes.Fault("a list of lists is not supported");
        }
        int length = count("elements of a list", in.u64(), MAX_ELEMENTS - elements, element.leastBytes());
        elements += length;
        List<Object> list = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            list.add(one(element));
        }
        return new GgufValue(element, list);
    }

    private Type type() throws IOException {
        int number = in.u32();
        return Type.of(number).orElseThrow(() -> new HeaderBytes.Fault("a value has the type %s; 0 to 12 are known"
            .formatted(Integer.toUnsignedString(number))));
    }

    private Object one(Type type) throws IOException {
        return switch (type) {
            case U8 -> (long) (in.u8() & 0xFF);
            case I8 -> (long) in.u8();
            case U16 -> (long) (in.u16() & 0xFFFF);
            case I16 -> (long) in.u16();
            case U32 -> Integer.toUnsignedLong(in.u32());
            case I32 -> (long) in.u32();
            case F32 -> (double) Float.intBitsToFloat(in.u32());
            case F64 -> Double.longBitsToDouble(in.u64());
            case I64 -> in.u64();
            case U64 -> {
                long number = in.u64();
                if (number < 0) {
                    throw new HeaderBytes.Fault("a number is " + Long.toUnsignedString(number) + "; at most 2^63 - 1 is read");
                }
                yield number;
            }
            case BOOL -> {
                byte flag = in.u8();
                if (flag != 0 && flag != 1) {
                    throw new HeaderBytes.Fault("a flag is %d; 0 and 1 are known".formatted(flag));
                }
                yield flag == 1;
            }
            case TEXT -> in.text(Integer.MAX_VALUE);
            case ARRAY -> throw new IllegalStateException("lists are read above");
        };
    }

    private Map<String, GgufTensor> tensors(int count, int alignment, long fileBytes) throws IOException {
        List<GgufTensor> declared = new ArrayList<>(count);    // here begin is counted from the start of the data
        for (int i = 0; i < count; i++) {
            declared.add(tensor());
        }
        long dataStart = aligned(in.position(), alignment);
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        long next = 0;
        for (GgufTensor tensor : declared) {
            if (tensor.begin() != next) {
                throw new HeaderBytes.Fault("%s begins at byte %s of the data; the tensors before it end at %d".formatted(
                    Printable.escape(tensor.name()), Long.toUnsignedString(tensor.begin()), next));
            }
            if (next > fileBytes - dataStart || tensor.bytes() > fileBytes - dataStart - next) {
                throw new HeaderBytes.Fault("%s %s %s ends after the end of the file; the file may be cut off".formatted(
                    Printable.escape(tensor.name()), tensor.type(), tensor.shapeText()));
            }
            if (tensors.put(tensor.name(), new GgufTensor(tensor.name(), tensor.type(), tensor.shape(), dataStart + next)) != null) {
                throw new HeaderBytes.Fault("two tensors are named " + Printable.escape(tensor.name()));
            }
            next = aligned(next + tensor.bytes(), alignment);
        }
        return tensors;
    }

    private GgufTensor tensor() throws IOException {
        String name = in.text(MAX_NAME_BYTES);
        int rank = in.u32();
        if (rank < 1 || rank > MAX_RANK) {
            throw new HeaderBytes.Fault("%s has %s dimensions; 1 to %d are read".formatted(Printable.escape(name),
                Integer.toUnsignedString(rank), MAX_RANK));
        }
        List<Long> shape = new ArrayList<>();
        long all = 1;
        for (int i = 0; i < rank; i++) {
            long size = in.u64();
            if (size < 1 || size > Long.MAX_VALUE / Float.BYTES / all) {
                throw new HeaderBytes.Fault("%s has a dimension of %s".formatted(Printable.escape(name), Long.toUnsignedString(size)));
            }
            all *= size;
            shape.add(0, size);
        }
        int number = in.u32();
        GgufType type = GgufType.of(number).orElseThrow(() -> new ModelFormatException(
            "%s: %s is %s; %s are read. Take a file of one of these types.".formatted(source, Printable.escape(name),
                GgufType.name(number), String.join(", ", GgufType.names()))));
        if (!type.fits(shape.get(rank - 1))) {
            throw new HeaderBytes.Fault("%s is %s with rows of %d numbers, which is no multiple of %d".formatted(Printable.escape(name),
                type, shape.get(rank - 1), type.blockElements()));
        }
        return new GgufTensor(name, type, shape, in.u64());
    }

    static long aligned(long position, int alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }
}
