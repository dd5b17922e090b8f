package inkling.io.tensors;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** The tensors of an open file of any format, read a part at a time as Java floats. */
public interface FloatTensors {
    /**
     * Dimensions, row-major; empty for a scalar.
     *
     * @throws inkling.errors.ModelFormatException if there is no such tensor
     */
    List<Long> shape(String name);

    /**
     * Puts the values from element {@code first} on into {@code target}, as many as {@code target} has room for. If the tensor is stored in
     * blocks, as Q8_0 is, {@code first} and that room must be whole blocks.
     *
     * @throws inkling.errors.ModelFormatException if the values cannot be read as floats without loss
     */
    void readFloats(String name, long first, FloatBuffer target);

    /** Whether all values of a small tensor are 0; they are read at once. */
    default boolean isZero(String name) {
        float[] values = new float[shape(name).stream().mapToInt(Math::toIntExact).reduce(1, Math::multiplyExact)];
        readFloats(name, 0, FloatBuffer.wrap(values));
        return IntStream.range(0, values.length).allMatch(i -> values[i] == 0);
    }

    /** The first index at which a tensor differs from {@code other}, a tensor of the same size in {@code otherFile}; empty if equal. */
    default OptionalLong difference(String name, FloatTensors otherFile, String other) {
        int chunk = 1 << 16;                                      // elements; a multiple of every format's block length
        long elements = shape(name).stream().reduce(1L, Math::multiplyExact);
        for (long first = 0; first < elements; first += chunk) {
            FloatBuffer own = FloatBuffer.allocate((int) Math.min(chunk, elements - first));
            FloatBuffer theirs = FloatBuffer.allocate(own.capacity());
            readFloats(name, first, own);
            otherFile.readFloats(other, first, theirs);
            int at = own.flip().mismatch(theirs.flip());
            if (at >= 0) {
                return OptionalLong.of(first + at);
            }
        }
        return OptionalLong.empty();
    }
}
