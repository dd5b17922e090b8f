package inkling.io.tensors;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One tensor as a safetensors header declares it. Read from a file, these are already checked: {@code end - begin} is the
 * size that dtype and shape ask for, and lies inside the file.
 *
 * @param shape dimensions, each at least 0; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte behind the last
 */
public record TensorInfo(String name, Dtype dtype, List<Long> shape, long begin, long end) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    public long bytes() {
        return end - begin;
    }

    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The shape as messages show it: {@code (768, 2304)}, {@code ()} for a scalar. */
    public String shapeText() {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")"));
    }

    /**
     * Bytes of a tensor of this dtype and shape.
     *
     * @throws ArithmeticException if that is more than 63 bits can count, or ends inside a byte
     */
    static long bytesOf(Dtype dtype, List<Long> shape) {
        long bits = Math.multiplyExact(shape.stream().reduce(1L, Math::multiplyExact), (long) dtype.bits());
        if (bits % 8 != 0) {
            throw new ArithmeticException(bits + " bits are no whole number of bytes");
        }
        return bits / 8;
    }
}
