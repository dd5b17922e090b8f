package inkling.io.tensors;

import java.nio.FloatBuffer;
import java.util.List;

/** Tensors of an open file, whatever its format, read a part at a time as Java floats. */
public interface FloatTensors {
    /** Dimensions, row-major; empty for a scalar. @throws inkling.errors.ModelFormatException if there is no such tensor */
    List<Long> shape(String name);

    /**
     * The values from element {@code first} on, as many as {@code target} has room for.
     *
     * @throws inkling.errors.ModelFormatException if they cannot be read as floats without loss
     */
    void readFloats(String name, long first, FloatBuffer target);
}
