package inkling.io.gguf;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One tensor of a file.
 *
 * @param shape row-major, as everywhere in Inkling; the file itself lists the dimensions in reverse
 * @param begin position of its first byte in the file
 */
public record GgufTensor(String name, GgufType type, List<Long> shape, long begin) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The shape as messages show it: {@code (768, 2304)}. */
    public String shapeText() {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
    }

    long bytes() {
        return type.bytes(elements());
    }
}
