package inkling.io.tensors;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntToDoubleFunction;

/**
 * A safetensors file, opened for reading: names, shapes and numbers, no code. Opening reads only the header; tensors are read or mapped one
 * by one, so a 6 GB model does not need 6 GB of heap.
 *
 * <pre>{@code
 * try (SafetensorsFile file = SafetensorsFile.open(dir.resolve("model.safetensors"))) {
 *     float[] wte = file.floats("wte.weight");      // F32, or F16 and BF16 widened exactly
 * }
 * }</pre>
 *
 * <p>The reader is strict ({@link SafetensorsHeader} checks the rules): it either returns exactly the file's tensors or throws a
 * {@link ModelFormatException}. It keeps only the header's content and a small buffer in memory.
 */
public final class SafetensorsFile implements FloatTensors, AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final OpenFile file;
    private final SafetensorsHeader header;
    /** Kept for later reads, until one needs a larger buffer: a native buffer's memory is freed only when Java collects garbage. */
    private Optional<ByteBuffer> readBuffer = Optional.empty();

    private SafetensorsFile(OpenFile file, SafetensorsHeader header) {
        this.file = file;
        this.header = header;
    }

    /**
     * Opens a file and reads its header.
     *
     * @throws ModelFormatException if the file is missing or not strict safetensors; pickles and other kinds are named
     * @throws StorageException if the operating system cannot read it
     */
    public static SafetensorsFile open(Path file) {
        return OpenFile.open(file, open -> {
            try {
                return new SafetensorsFile(open, SafetensorsHeader.read(open.channel()));
            } catch (ModelFormatException e) {
                throw new ModelFormatException(file + ": " + foreignFormat(file)
                        .orElse("not a safetensors file: " + e.getMessage() + "."), e);
            }
        });
    }

    /** If the file's first bytes belong to another known format, says which one it is and what to do; else empty. */
    public static Optional<String> foreignFormat(Path file) {
        byte[] first;
        try (InputStream in = Files.newInputStream(file)) {
            first = in.readNBytes(16);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        String hex = HexFormat.of().formatHex(first);
        String convert = " If you trust the file, load it with PyTorch, then save it as safetensors:"
                + " model.save_pretrained(directory, safe_serialization=True).";
        if (hex.startsWith("504b0304")) {
            return Optional.of("this is a zip file, as torch.save and TorchScript write it. Loading one can run code, so it is refused."
                    + convert);
        }
        if (hex.matches("800[2-5].*")) {
            return Optional.of("this is a Python pickle. Loading one can run code, so it is refused." + convert);
        }
        if (hex.startsWith("47475546")) {
            return Optional.of("this is a GGUF file; name the file itself as MODEL.");
        }
        if (hex.startsWith("894844460d0a1a0a")) {
            return Optional.of("this is an HDF5 file, as Keras writes it; take the model's safetensors files instead.");
        }
        if (new String(first, StandardCharsets.US_ASCII).startsWith("version https://")) {
            return Optional.of("this is a Git LFS pointer, not the file itself. Fetch it with: git lfs pull");
        }
        return Optional.empty();
    }

    public Path path() {
        return file.path();
    }

    /** Name to tensor, in the order of the data. */
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /** The free-form texts under {@code __metadata__}; empty if there are none. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** @throws ModelFormatException if there is no such tensor */
    public TensorInfo tensor(String name) {
        return file.tensor(tensors(), name);
    }

    @Override
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    /** The whole tensor's bytes, memory-mapped, read-only, little endian; for tensors below 2 GiB. */
    public ByteBuffer map(String name) {
        return map(name, 0, tensor(name).bytes());
    }

    /**
     * A part of a tensor's bytes, memory-mapped, read-only, little endian. The file must not shrink while the mapping is in use: if it
     * does, the JVM throws an {@link InternalError}. {@link #readFloats} has no such risk.
     *
     * @param lengthBytes at most 2^31 - 1
     */
    public ByteBuffer map(String name, long offsetBytes, long lengthBytes) {
        TensorInfo tensor = tensor(name);
        if (offsetBytes < 0 || lengthBytes < 0 || lengthBytes > Integer.MAX_VALUE || lengthBytes > tensor.bytes() - offsetBytes) {
            throw new IllegalArgumentException("%s: cannot map %d bytes at %d of %s, which has %d; at most 2^31 - 1 at once"
                    .formatted(file.path(), lengthBytes, offsetBytes, name, tensor.bytes()));
        }
        try {
            requireWhole(tensor);
            return file.channel().map(FileChannel.MapMode.READ_ONLY, header.dataStart() + tensor.begin() + offsetBytes, lengthBytes)
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file.path(), e);
        }
    }

    /** All values of an F32, F16 or BF16 tensor, row-major; the latter two are widened exactly. */
    public float[] floats(String name) {
        TensorInfo tensor = tensor(name);
        FloatReader.requireFloats(file.path(), tensor);
        if (tensor.elements() > Integer.MAX_VALUE - 8) {
            throw new ModelFormatException("%s: %s has %d elements, more than one array holds.".formatted(file.path(), name,
                    tensor.elements()));
        }
        float[] values = new float[(int) tensor.elements()];
        readFloats(name, FloatBuffer.wrap(values));
        return values;
    }

    /**
     * A function from an index to the value there. The tensor must have whole numbers, booleans (read as 0 and 1) or floats of at least
     * 16 bits. It is memory-mapped, and must be below 2 GiB.
     *
     * @throws ModelFormatException if the tensor has another dtype
     */
    public IntToDoubleFunction numbers(String name) {
        return FloatReader.numbers(file.path(), tensor(name), map(name));
    }

    /**
     * As {@link #floats}, into a buffer that must have exactly as much room as the tensor has elements.
     *
     * @throws ModelFormatException if the tensor is of another dtype (F64 is not narrowed, integers are not converted)
     */
    public void readFloats(String name, FloatBuffer target) {
        TensorInfo tensor = tensor(name);
        FloatReader.requireFloats(file.path(), tensor);
        if (target.remaining() != tensor.elements()) {
            throw new IllegalArgumentException("%s: %s has %d elements, the buffer has room for %d".formatted(file.path(), name,
                    tensor.elements(), target.remaining()));
        }
        readFloats(name, 0, target);
    }

    /**
     * A part of {@link #floats}, from element {@code first} on, as much as {@code target} has room for. The file is read in chunks, not
     * mapped, so the process does not keep the file's pages in memory.
     *
     * @throws ModelFormatException if the tensor is of another dtype (F64 is not narrowed, integers are not converted)
     */
    @Override
    public void readFloats(String name, long first, FloatBuffer target) {
        TensorInfo tensor = tensor(name);
        FloatReader.requireFloats(file.path(), tensor);
        if (first < 0 || target.remaining() > tensor.elements() - first) {
            throw new IllegalArgumentException("%s: %s has %d elements, not %d from %d on".formatted(file.path(), name, tensor.elements(),
                    target.remaining(), first));
        }
        long elementBytes = tensor.dtype().bits() / Byte.SIZE;
        forEachChunk(tensor, first * elementBytes, (first + target.remaining()) * elementBytes, (chunk, at) -> {
            FloatReader.widen(tensor.dtype(), chunk, target);
            return true;
        });
    }

    /** Index of the first value that is NaN or infinite in an F32, F16 or BF16 tensor; empty if all are finite. */
    public OptionalLong firstNonFinite(String name) {
        TensorInfo tensor = tensor(name);
        FloatReader.requireFloats(file.path(), tensor);
        int elementBytes = tensor.dtype().bits() / Byte.SIZE;
        FloatBuffer values = FloatBuffer.allocate((int) Math.min(CHUNK_BYTES / elementBytes, tensor.elements()));
        long[] found = {-1};
        forEachChunk(tensor, 0, tensor.bytes(), (chunk, first) -> {
            FloatReader.widen(tensor.dtype(), chunk, values.clear());
            values.flip();
            while (values.hasRemaining()) {
                if (!Float.isFinite(values.get())) {
                    found[0] = first / elementBytes + values.position() - 1;
                    return false;
                }
            }
            return true;
        });
        return found[0] < 0 ? OptionalLong.empty() : OptionalLong.of(found[0]);
    }

    @Override
    public void close() {
        file.close();
    }

    private interface ChunkConsumer {
        /**
         * @param offset where the chunk begins in the tensor, in bytes
         * @return whether to go on
         */
        boolean accept(ByteBuffer chunk, long offset);
    }

    /** Reads bytes {@code from … to − 1} of a tensor, and gives them to {@code consumer} in chunks. */
    private synchronized void forEachChunk(TensorInfo tensor, long from, long to, ChunkConsumer consumer) {
        int most = (int) Math.min(CHUNK_BYTES, to - from);
        ByteBuffer chunk = readBuffer.filter(buffer -> buffer.capacity() >= most)
            .orElseGet(() -> ByteBuffer.allocateDirect(most).order(ByteOrder.LITTLE_ENDIAN));
        readBuffer = Optional.of(chunk);
        try {
            boolean more = true;
            for (long offset = from; more && offset < to; offset += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), to - offset));
                SafetensorsHeader.readFully(file.channel(), chunk, header.dataStart() + tensor.begin() + offset);
                more = consumer.accept(chunk.flip(), offset);
            }
        } catch (EOFException e) {
            throw new ModelFormatException("%s: shrank while it was read: %s.".formatted(file.path(), e.getMessage()), e);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file.path(), e);
        }
    }

    private void requireWhole(TensorInfo tensor) throws IOException {
        if (file.channel().size() < header.dataStart() + tensor.end()) {
            throw new ModelFormatException("%s: shrank while it was read.".formatted(file.path()));
        }
    }
}
