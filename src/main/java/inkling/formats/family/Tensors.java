package inkling.formats.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.io.tensors.TensorInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Arrays to and from safetensors, tensor by tensor, through memory maps: no file is ever held whole in the heap. */
public final class Tensors {
    private Tensors() {}

    /** A copy of one tensor as float32; F16 and BF16 are widened exactly. */
    public static NDArray read(SafetensorsFile file, String name, NDManager manager) {
        TensorInfo info = file.tensor(name);
        Shape shape = new Shape(info.shape());
        if (info.elements() == 0) {
            return manager.zeros(shape, DataType.FLOAT32);
        }
        Buffer values = info.dtype() == Dtype.F32 ? file.map(name) : FloatBuffer.wrap(file.floats(name));
        try (NDArray borrowed = manager.create(values, shape, DataType.FLOAT32)) { // reads the map itself, so it must not outlive it
            return borrowed.duplicate();
        }
    }

    /** Matrices (out, in) as one (in, sum of out), each transposed, from left to right. */
    public static NDArray besideTransposed(List<NDArray> matrices) {
        NDList columns = new NDList();
        matrices.forEach(matrix -> columns.add(matrix.transpose()));
        return NDArrays.concat(columns, 1);
    }

    public static SafetensorsWriter.Entry entry(String name, NDArray array) {
        return new SafetensorsWriter.Entry(name, Dtype.F32, shape(array), out -> write(array, out));
    }

    /** Columns {@code column} … of {@code matrix} (in, …), transposed to {@code shape} (out, in). */
    public static SafetensorsWriter.Entry transposedEntry(String name, NDArray matrix, long column, Shape shape) {
        return new SafetensorsWriter.Entry(name, Dtype.F32, List.of(shape.get(0), shape.get(1)), out -> {
            try (NDManager scope = matrix.getManager().newSubManager()) {
                NDArray columns = matrix.get(":, " + column + ":" + (column + shape.get(0)));
                columns.attach(scope);
                write(besideTransposed(List.of(columns)), out);
            }
        });
    }

    private static void write(NDArray array, OutputStream out) throws IOException {
        ByteBuffer bytes = array.toByteBuffer();
        byte[] chunk = new byte[1 << 16];
        while (bytes.hasRemaining()) {
            int length = Math.min(chunk.length, bytes.remaining());
            bytes.get(chunk, 0, length);
            out.write(chunk, 0, length);
        }
    }

    public static List<SafetensorsWriter.Entry> entries(String prefix, Map<String, NDArray> arrays) {
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        arrays.forEach((name, array) -> entries.add(entry(prefix + name, array)));
        return entries;
    }

    public static List<Long> shape(NDArray array) {
        List<Long> shape = new ArrayList<>();
        for (long size : array.getShape().getShape()) {
            shape.add(size);
        }
        return shape;
    }
}
