package inkling.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.io.Dtype;
import inkling.io.SafetensorsFile;
import inkling.io.SafetensorsWriter;
import inkling.io.TensorInfo;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Arrays to and from safetensors, tensor by tensor, through memory maps: no file is ever held whole in the heap. */
final class Tensors {
    private Tensors() {}

    /** A copy of one tensor as float32; F16 and BF16 are widened exactly. */
    static NDArray read(SafetensorsFile file, String name, NDManager manager) {
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

    static SafetensorsWriter.Entry entry(String name, NDArray array) {
        return new SafetensorsWriter.Entry(name, Dtype.F32, shape(array), out -> {
            ByteBuffer bytes = array.toByteBuffer();
            byte[] chunk = new byte[1 << 16];
            while (bytes.hasRemaining()) {
                int length = Math.min(chunk.length, bytes.remaining());
                bytes.get(chunk, 0, length);
                out.write(chunk, 0, length);
            }
        });
    }

    static List<SafetensorsWriter.Entry> entries(String prefix, Map<String, NDArray> arrays) {
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        arrays.forEach((name, array) -> entries.add(entry(prefix + name, array)));
        return entries;
    }

    static List<Long> shape(NDArray array) {
        List<Long> shape = new ArrayList<>();
        for (long size : array.getShape().getShape()) {
            shape.add(size);
        }
        return shape;
    }
}
