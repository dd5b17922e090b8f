package inkling.formats.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.formats.family.ModelFormat.Slice;
import inkling.formats.family.ModelFormat.Stored;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsFile;
import inkling.io.tensors.SafetensorsWriter;
import inkling.model.Parameters;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Arrays to and from safetensors, a few rows at a time: beside the arrays themselves, a model of 6 GB takes some megabytes. */
public final class Tensors {
    private static final long CHUNK_BYTES = 8 << 20;

    private Tensors() {}

    /** A part of a parameter under the name that its tensor has in a file. */
    public record Source(SafetensorsFile file, String name, Slice slice) {}

    /** A copy of one tensor as float32; F16 and BF16 are widened exactly. */
    public static NDArray read(SafetensorsFile file, String name, NDManager manager) {
        Shape shape = new Shape(file.tensor(name).shape());
        return shape.dimension() == 0 ? rows(file, name, 0, 1, manager).reshape(shape) : rows(file, name, 0, shape.get(0), manager);
    }

    /** A parameter of which {@code sources} hold the columns, in any order: as many as there are, each once. */
    public static NDArray read(List<Source> sources, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDList columns = new NDList();
            sources.stream().sorted(Comparator.comparingLong(source -> source.slice().column())).forEach(source -> {
                NDArray rows = rows(source.file(), source.name(), source.slice().row(), source.slice().width(), scope);
                columns.add(rows.getShape().dimension() == 1 ? rows : rows.transpose());
            });
            NDArray whole = NDArrays.concat(columns, -1);
            whole.attach(manager);
            return whole;
        }
    }

    /** Rows {@code first} … of a tensor; of a vector, its numbers. */
    private static NDArray rows(SafetensorsFile file, String name, long first, long count, NDManager manager) {
        List<Long> stored = file.tensor(name).shape();
        long[] shape = stored.isEmpty() ? new long[] {1} : stored.stream().mapToLong(size -> size).toArray();
        shape[0] = count;
        NDArray all = manager.create(new Shape(shape), DataType.FLOAT32);
        long width = all.size() / Math.max(1, count);
        if (all.size() == 0) {
            return all;
        }
        long most = Math.min(count, Math.max(1, CHUNK_BYTES / Float.BYTES / width));
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.toIntExact(most * width * Float.BYTES)).order(ByteOrder.nativeOrder());
        for (long row = 0; row < count; row += most) {
            shape[0] = Math.min(most, count - row);
            buffer.clear().limit(Math.toIntExact(shape[0] * width * Float.BYTES));
            file.readFloats(name, (first + row) * width, buffer.asFloatBuffer());
            try (NDArray borrowed = manager.create(buffer, new Shape(shape), DataType.FLOAT32)) {      // reads the buffer itself
                all.set(new NDIndex(row + ":" + (row + shape[0])), borrowed);
            }
        }
        return all;
    }

    public static SafetensorsWriter.Entry entry(String name, NDArray array) {
        return new SafetensorsWriter.Entry(name, Dtype.F32, shape(array), out -> write(array, out));
    }

    /** One tensor of a format; zeros where the architecture has no such parameter. */
    public static SafetensorsWriter.Entry entry(Stored stored, Parameters parameters) {
        Slice first = stored.slices().get(0);
        if (!parameters.has(first.parameter())) {
            return SafetensorsWriter.Entry.floats(stored.name(), List.of(stored.shape().get(0)), new float[(int) stored.shape().get(0)]);
        }
        if (stored.layout() == ModelFormat.Layout.SAME) {
            return entry(stored.name(), parameters.get(first.parameter()));
        }
        return new SafetensorsWriter.Entry(stored.name(), Dtype.F32, shape(stored.shape()), out -> {
            for (Slice slice : stored.slices()) {
                NDArray parameter = parameters.get(slice.parameter());
                try (NDManager scope = parameter.getManager().newSubManager()) {
                    NDArray columns = parameter.get(new NDIndex("..., " + slice.column() + ":" + (slice.column() + slice.width())));
                    columns.attach(scope);
                    write(columns.getShape().dimension() == 1 ? columns : NDArrays.concat(new NDList(columns.transpose()), 1), out);
                }
            }
        });
    }

    /** Some rows after the others: the whole as bytes would be a second copy. */
    private static void write(NDArray array, OutputStream out) throws IOException {
        Shape shape = array.getShape();
        if (shape.dimension() == 0 || array.size() * Float.BYTES <= CHUNK_BYTES) {
            writeWhole(array, out);
            return;
        }
        long count = shape.get(0);
        long most = Math.max(1, CHUNK_BYTES / Float.BYTES / (array.size() / count));
        for (long row = 0; row < count; row += most) {
            try (NDArray rows = array.get(new NDIndex(row + ":" + Math.min(count, row + most)))) {
                writeWhole(rows, out);
            }
        }
    }

    private static void writeWhole(NDArray array, OutputStream out) throws IOException {
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
        return shape(array.getShape());
    }

    private static List<Long> shape(Shape shape) {
        List<Long> sizes = new ArrayList<>();
        for (long size : shape.getShape()) {
            sizes.add(size);
        }
        return sizes;
    }
}
