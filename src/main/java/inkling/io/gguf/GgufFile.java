package inkling.io.gguf;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.FloatReader;
import inkling.io.tensors.FloatTensors;
import inkling.io.tensors.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file, opened for reading. Opening reads the keys and the list of tensors; tensors are read a part at a time.
 *
 * <pre>{@code
 * try (GgufFile file = GgufFile.open(Path.of("model.gguf"))) {
 *     String kind = file.metadata().requireText("general.architecture");     // "llama"
 * }
 * }</pre>
 *
 * <p>The reader is strict: it either returns exactly the file's values or throws a {@link ModelFormatException}. It keeps only the keys,
 * the list of tensors and a small buffer in memory.
 */
public final class GgufFile implements FloatTensors, AutoCloseable {
    private static final int CHUNK_BLOCKS = 1 << 13;
    private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};

    private final OpenFile file;
    private final GgufHeader.Parsed header;
    private final ByteBuffer readBuffer = ByteBuffer.allocate(CHUNK_BLOCKS * GgufType.Q8_0.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);

    private GgufFile(OpenFile file, GgufHeader.Parsed header) {
        this.file = file;
        this.header = header;
    }

    /** Whether {@code path} is a file that begins with the four letters GGUF. */
    public static boolean isAt(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            throw FileFaults.cannot("read", path, e);
        }
    }

    /**
     * Opens a file and reads its keys and its list of tensors.
     *
     * @throws ModelFormatException if the file is missing, breaks a rule of GGUF, or has tensors of other types than {@link GgufType}
     * @throws inkling.errors.StorageException if the operating system cannot read it
     */
    public static GgufFile open(Path file) {
        return OpenFile.open(file, open -> new GgufFile(open, GgufHeader.read(open.channel(), file.toString(), GgufHeader.MAX_BYTES)));
    }

    public Path path() {
        return file.path();
    }

    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** Name to tensor, in the order of the data. */
    public Map<String, GgufTensor> tensors() {
        return header.tensors();
    }

    /** @throws ModelFormatException if there is no such tensor */
    public GgufTensor tensor(String name) {
        return file.tensor(tensors(), name);
    }

    @Override
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    /** @param first a multiple of the type's {@link GgufType#blockElements}; the room in {@code target} must be such a multiple, too */
    @Override
    public synchronized void readFloats(String name, long first, FloatBuffer target) {
        GgufTensor tensor = tensor(name);
        GgufType type = tensor.type();
        if (first < 0 || target.remaining() > tensor.elements() - first || !type.fits(first) || !type.fits(target.remaining())) {
            throw new IllegalArgumentException("%s: %s has %d elements in blocks of %d, not %d from %d on".formatted(file.path(), name,
                tensor.elements(), type.blockElements(), target.remaining(), first));
        }
        long at = tensor.begin() + type.bytes(first);
        while (target.hasRemaining()) {
            int blocks = Math.min(CHUNK_BLOCKS, target.remaining() / type.blockElements());
            readBuffer.clear().limit(blocks * type.blockBytes());
            at += readBuffer.limit();
            read(at - readBuffer.limit());
            widen(type, readBuffer.flip(), target);
        }
    }

    private void read(long position) {
        try {
            for (long at = position; readBuffer.hasRemaining();) {
                int n = file.channel().read(readBuffer, at);
                if (n < 0) {
                    throw new ModelFormatException("%s: shrank while it was read: it ended at byte %d.".formatted(file.path(), at));
                }
                at += n;
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", file.path(), e);
        }
    }

    private static void widen(GgufType type, ByteBuffer bytes, FloatBuffer target) {
        switch (type) {
            case F32 -> FloatReader.widen(Dtype.F32, bytes, target);
            case F16 -> FloatReader.widen(Dtype.F16, bytes, target);
            case BF16 -> FloatReader.widen(Dtype.BF16, bytes, target);
            case Q8_0 -> {
                while (bytes.hasRemaining()) {
                    float factor = FloatReader.fromHalf(bytes.getShort());
                    for (int i = 0; i < type.blockElements(); i++) {
                        target.put(bytes.get() * factor);
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
