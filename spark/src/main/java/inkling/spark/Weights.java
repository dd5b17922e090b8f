package inkling.spark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Objects;

/**
 * A list of arrays as one row of numbers: the weights that are trained, or the outer step's momentum. The row is cut into chunks of at most
 * {@value #CHUNK} numbers. So one chunk at a time can be read into Java's heap and written back. Writing a chunk changes the arrays.
 */
record Weights(List<NDArray> arrays) {
    /** Numbers in a chunk: 4 MiB of float32. The last chunk may have fewer. */
    static final int CHUNK = 1 << 20;

    Weights {
        arrays = List.copyOf(arrays);
    }

    /** How many numbers the row has. */
    long count() {
        return arrays.stream().mapToLong(NDArray::size).sum();
    }

    int chunks() {
        return chunks(count());
    }

    static int chunks(long count) {
        return Math.toIntExact((count + CHUNK - 1) / CHUNK);
    }

    /** The length of one chunk of a row of {@code count} numbers. @param chunk its index, from 0 */
    static int length(long count, int chunk) {
        return (int) Math.min(CHUNK, count - (long) Objects.checkIndex(chunk, chunks(count)) * CHUNK);
    }

    /** Reads or writes the part of a chunk that one array holds. */
    private interface Piece {
        /**
         * @param flat an array's numbers in a row
         * @param from the first number of the piece in {@code flat}
         * @param to the end of the piece in {@code flat}, exclusive
         * @param at where the piece begins in the chunk
         */
        void of(NDArray flat, long from, long to, int at);
    }

    float[] read(int chunk) {
        float[] numbers = new float[length(count(), chunk)];
        forEachPiece(chunk, (flat, from, to, at) -> {
            try (NDArray piece = flat.get(new NDIndex(from + ":" + to))) {
                System.arraycopy(piece.toFloatArray(), 0, numbers, at, (int) (to - from));
            }
        });
        return numbers;
    }

    float[][] read() {
        float[][] all = new float[chunks()][];
        for (int chunk = 0; chunk < all.length; chunk++) {
            all[chunk] = read(chunk);
        }
        return all;
    }

    void write(int chunk, float[] numbers) {
        if (numbers.length != length(count(), chunk)) {
            throw new IllegalArgumentException("chunk %d has %d numbers, got %d".formatted(chunk, length(count(), chunk), numbers.length));
        }
        forEachPiece(chunk, (flat, from, to, at) -> {
            float[] piece = new float[(int) (to - from)];
            System.arraycopy(numbers, at, piece, 0, piece.length);
            try (NDArray values = flat.getManager().create(piece)) {
                flat.set(new NDIndex(from + ":" + to), values);
            }
        });
    }

    void write(float[][] all) {
        for (int chunk = 0; chunk < all.length; chunk++) {
            write(chunk, all[chunk]);
        }
    }

    private void forEachPiece(int chunk, Piece each) {
        long first = (long) chunk * CHUNK;
        long last = first + length(count(), chunk);
        long begin = 0;
        for (NDArray array : arrays) {
            long end = begin + array.size();
            if (begin < last && end > first) {
                long from = Math.max(first, begin);
                long to = Math.min(last, end);
                try (NDManager scope = array.getManager().newSubManager()) {
                    NDArray flat = array.reshape(new Shape(-1));
                    flat.attach(scope);
                    each.of(flat, from - begin, to - begin, (int) (from - first));
                }
            }
            begin = end;
        }
    }
}
