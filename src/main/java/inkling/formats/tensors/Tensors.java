package inkling.formats.tensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.formats.family.ModelFormat.Layout;
import inkling.formats.family.ModelFormat.Slice;
import inkling.formats.family.ModelFormat.Stored;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.FloatTensors;
import inkling.io.tensors.SafetensorsWriter;
import inkling.model.Parameters;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Copies arrays from and to files of tensors. A few rows are copied at a time, so that this takes only some megabytes besides the arrays.
 * Only a matrix that a file stores transposed is copied whole before it is written.
 */
public final class Tensors {
    /** How many bytes are copied at once. A longer row is copied whole. */
    private static final long CHUNK_BYTES = 1 << 20;

    private Tensors() {}

    /** A part of one of our parameters, and the tensor {@code name} in {@code file} that holds it. */
    public record Source(FloatTensors file, String name, Slice slice) {}

    /** A copy of one tensor as float32; F16 and BF16 are widened exactly. */
    public static NDArray read(FloatTensors file, String name, NDManager manager) {
        return new Reader().read(file, name, manager);
    }

    /** Reads one tensor after another through one buffer. Not for several threads at once. */
    public static final class Reader {
        private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

        /** As {@link Tensors#read(FloatTensors, String, NDManager)}. */
        public NDArray read(FloatTensors file, String name, NDManager manager) {
            Shape shape = new Shape(file.shape(name));
            boolean scalar = shape.dimension() == 0;
            NDArray all = manager.create(scalar ? new Shape(1) : shape, DataType.FLOAT32);
            forEachPart(file, name, 0, all.getShape().get(0), manager, (row, part) -> all.set(range(row, part), part));
            return scalar ? all.reshape(shape) : all;
        }

        /**
         * Reads a parameter, which is a matrix (in, out) or a vector. Each of its columns is a row of one of the tensors in
         * {@code sources}. The sources may come in any order, and must give each column exactly once.
         */
        public NDArray read(List<Source> sources, NDManager manager) {
            long width = sources.stream().mapToLong(source -> source.slice().width()).sum();
            List<Long> stored = sources.get(0).file().shape(sources.get(0).name());
            boolean vector = stored.size() == 1;
            NDArray all = manager.create(vector ? new Shape(width) : new Shape(stored.get(1), width), DataType.FLOAT32);
            for (Source source : sources) {
                Slice slice = source.slice();
                forEachPart(source.file(), source.name(), slice.row(), slice.width(), manager, (row, part) -> {
                    try (NDArray columns = part.transpose()) {      // a vector stays as it is
                        long first = slice.column() + row;
                        all.set(new NDIndex("..., " + first + ":" + (first + part.getShape().get(0))), columns);
                    }
                });
            }
            return all;
        }

        private static NDIndex range(long row, NDArray part) {
            return new NDIndex(row + ":" + (row + part.getShape().get(0)));
        }

        /** Reads {@code count} rows (of a vector: numbers) from {@code first} on, and gives some at a time to {@code each}. */
        private void forEachPart(FloatTensors file, String name, long first, long count, NDManager manager,
                                 PartConsumer each) {
            List<Long> stored = file.shape(name);
            long[] shape = stored.isEmpty() ? new long[] {1} : stored.stream().mapToLong(size -> size).toArray();
            long width = stored.stream().skip(1).mapToLong(size -> size).reduce(1, Math::multiplyExact);
            if (width == 0 || count == 0) {
                return;
            }
            long most = Math.min(count, Math.max(1, CHUNK_BYTES / Float.BYTES / width));
            int bytes = Math.toIntExact(most * width * Float.BYTES);
            if (buffer.capacity() < bytes) {
                buffer = ByteBuffer.allocateDirect(Math.max(bytes, (int) CHUNK_BYTES)).order(ByteOrder.nativeOrder());
            }
            for (long row = 0; row < count; row += most) {
                shape[0] = Math.min(most, count - row);
                buffer.clear().limit(Math.toIntExact(shape[0] * width * Float.BYTES));
                file.readFloats(name, (first + row) * width, buffer.asFloatBuffer());
                try (NDManager scope = manager.newSubManager()) {
                    each.accept(row, scope.create(buffer, new Shape(shape), DataType.FLOAT32));     // without a copy of the buffer
                }
            }
        }
    }

    private interface PartConsumer {
        /** @param row how many rows were given before */
        void accept(long row, NDArray part);
    }

    /** The array as F32. The numbers are read only when the file is written. */
    public static SafetensorsWriter.Entry entry(String name, NDArray array) {
        return new SafetensorsWriter.Entry(name, Dtype.F32, shape(array), out -> write(array, out));
    }

    /** One tensor of a format; zeros if the model has no such parameter. */
    public static SafetensorsWriter.Entry entry(Stored stored, Parameters parameters) {
        Slice first = stored.slices().get(0);
        if (!parameters.has(first.parameter())) {
            return SafetensorsWriter.Entry.floats(stored.name(), List.of(stored.shape().get(0)), new float[(int) stored.shape().get(0)]);
        }
        if (stored.layout() == Layout.SAME) {
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

    /** Writes some rows at a time, since the bytes of the whole array would be a second copy of it. */
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

    /** One entry for each array, with {@code prefix} before its name. */
    public static List<SafetensorsWriter.Entry> entries(String prefix, Map<String, NDArray> arrays) {
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        arrays.forEach((name, array) -> entries.add(entry(prefix + name, array)));
        return entries;
    }

    /** The sizes of the dimensions, the outermost first. */
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
