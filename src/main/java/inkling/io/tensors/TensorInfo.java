package inkling.io.tensors;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One tensor as a safetensors header declares it. The reader has checked that {@code end - begin} is the size that dtype and shape ask for,
 * and that the tensor lies inside the file.
 *
 * @param shape dimensions, each at least 0; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end the byte after the last
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
     * @throws ArithmeticException if the number of bits does not fit into 63 bits, or the tensor ends inside a byte
     */
    static long bytesOf(Dtype dtype, List<Long> shape) {
        long bits = Math.multiplyExact(shape.stream().reduce(1L, Math::multiplyExact), (long) dtype.bits());
        if (bits % 8 != 0) {
            throw new ArithmeticException(bits + " bits are no whole number of bytes");
        }
        return bits / 8;
    }
}
