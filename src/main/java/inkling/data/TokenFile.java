package inkling.data;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Token ids on disk, memory-mapped: a corpus of any size costs no heap, and may have more than 2^31 tokens.
 *
 * <p>The file has two parts, in which all numbers are little-endian:
 * <ol>
 * <li>The ids, as uint16 if the vocabulary has at most 65,536 tokens, else as uint32.
 * <li>A record of {@value TokenFileRecord#BYTES} bytes: magic {@code INKTOKEN}, format version (int32), bytes per id (int32), number of ids
 *     (int64), CRC-32C of the ids (int64), key (32 bytes, a SHA-256).
 * </ol>
 * The record comes last because the number of ids is known only when all ids are written. So the file begins with plain ids, like the
 * {@code train.bin} of other trainers.
 *
 * <p>{@link #open} reads the whole file and checks that every id is in the vocabulary. Later reads do not check this again.
 */
public final class TokenFile implements Tokens {
    /** Receives ids, array by array. */
    @FunctionalInterface
    public interface Sink {
        void accept(int[] ids);
    }

    /** Writes its ids to a sink, array by array. */
    @FunctionalInterface
    public interface Source {
        void writeTo(Sink sink);
    }

    static final int RECORD_BYTES = TokenFileRecord.BYTES;
    private static final int LARGEST_UINT16_VOCABULARY = 1 << 16;
    private static final int SEGMENT_BYTES = 1 << 30;
    private static final String SHARD = " If `cluster tokenize` made it, run that command again.";
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path file;
    private final TokenLocation location;
    private final long count;
    private final int width;
    private final int segmentShift;
    private final ByteBuffer[] segments;
    private final long size;
    private final FileTime modified;

    private TokenFile(Path file, TokenFileRecord end, int vocabSize, int segmentBytes, ByteBuffer[] segments, FileTime modified) {
        this.file = file;
        this.location = new TokenLocation(List.of(new TokenLocation.Part(file.toAbsolutePath().toString(), end.key(), vocabSize, 0,
            end.count())));
        this.count = end.count();
        this.width = end.width();
        this.segmentShift = Integer.numberOfTrailingZeros(segmentBytes);
        this.segments = segments;
        this.size = end.count() * end.width() + RECORD_BYTES;
        this.modified = modified;
    }

    /**
     * Writes {@code file} durably: even a crash leaves no unfinished file under this name.
     *
     * @param key SHA-256 (64 hexadecimal digits) of a description of the ids' source, such as their text and tokenizer
     * @return the number of ids
     */
    public static long write(DurableFiles files, Path file, String key, int vocabSize, Source source) {
        long[] count = new long[1];
        files.write(file, out -> count[0] = write(out, key, vocabSize, source));
        return count[0];
    }

    private static long write(OutputStream out, String key, int vocabSize, Source source) throws IOException {
        int width = widthOf(vocabSize);
        CRC32C crc = new CRC32C();
        long[] count = new long[1];
        try {
            source.writeTo(ids -> {
                byte[] bytes = bytesOf(ids, width, vocabSize);
                crc.update(bytes);
                count[0] += ids.length;
                try {
                    out.write(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        out.write(new TokenFileRecord(TokenFileRecord.VERSION, width, count[0], crc.getValue(), key).bytes());
        return count[0];
    }

    private static int widthOf(int vocabSize) {
        return vocabSize <= LARGEST_UINT16_VOCABULARY ? Short.BYTES : Integer.BYTES;
    }

    private static byte[] bytesOf(int[] ids, int width, int vocabSize) {
        byte[] bytes = new byte[Math.multiplyExact(ids.length, width)];
        ByteBuffer buffer = littleEndian(bytes);
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new IllegalStateException("the tokenizer gave id %d, its vocabulary has %d".formatted(id, vocabSize));
            }
            if (width == Short.BYTES) {
                buffer.putShort((short) id);
            } else {
                buffer.putInt(id);
            }
        }
        return bytes;
    }

    /**
     * Maps and checks a file.
     *
     * @param key the key with which the file must have been written
     * @throws ModelFormatException if the file is damaged, or has another version or key. Also if an id or the number of bytes per id does
     *     not fit {@code vocabSize}
     * @throws inkling.errors.StorageException if the file cannot be read
     */
    public static TokenFile open(Path file, String key, int vocabSize) {
        return open(file, key, vocabSize, SEGMENT_BYTES);
    }

    /** As {@link #open(Path, String, int)}. One mapping covers {@code segmentBytes}, a power of two. */
    static TokenFile open(Path file, String key, int vocabSize, int segmentBytes) {
        try (FileChannel channel = FileChannel.open(file)) {
            FileTime modified = Files.getLastModifiedTime(file);
            TokenFileRecord end = TokenFileRecord.read(channel, file);
            if (!end.key().equals(key)) {
                throw fault(file, "was made from another text or tokenizer (key %s…, expected %s…)"
                    .formatted(end.key().substring(0, 8), key.substring(0, 8)));
            }
            if (end.width() != widthOf(vocabSize)) {
                throw fault(file, "has %d bytes an id, a vocabulary of %d needs %d".formatted(end.width(), vocabSize, widthOf(vocabSize)));
            }
            checkIds(channel, file, end, vocabSize);
            return new TokenFile(file, end, vocabSize, segmentBytes, map(channel, end.count() * end.width(), segmentBytes), modified);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    /**
     * Maps a file of plain ids, which has no record, and checks nothing. {@link #at} works; {@link #read} throws, since it expects a
     * record.
     */
    static TokenFile mapped(Path file, long count, int width) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            TokenFileRecord end = new TokenFileRecord(TokenFileRecord.VERSION, width, count, 0, "");
            return new TokenFile(file, end, 0, SEGMENT_BYTES, map(channel, count * width, SEGMENT_BYTES), Files.getLastModifiedTime(file));
        }
    }

    private static void checkIds(FileChannel channel, Path file, TokenFileRecord end, int vocabSize) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] bytes = new byte[BUFFER_BYTES];
        long length = end.count() * end.width();
        for (long from = 0; from < length; from += BUFFER_BYTES) {
            ByteBuffer buffer = littleEndian(bytes).limit((int) Math.min(BUFFER_BYTES, length - from));
            readFully(channel, buffer, from, file);
            crc.update(bytes, 0, buffer.limit());
            for (int at = 0; at < buffer.limit(); at += end.width()) {
                long id = end.width() == Short.BYTES ? buffer.getShort(at) & 0xFFFF : buffer.getInt(at) & 0xFFFFFFFFL;
                if (id >= vocabSize) {
                    throw fault(file, "holds id %d at position %d, but the vocabulary has %d tokens"
                        .formatted(id, (from + at) / end.width(), vocabSize));
                }
            }
        }
        if (crc.getValue() != end.crc()) {
            throw fault(file, "is damaged: its ids have CRC-32C %08x, its record says %08x".formatted(crc.getValue(), end.crc()));
        }
    }

    static void readFully(FileChannel channel, ByteBuffer into, long from, Path file) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, from + into.position()) < 0) {
                throw fault(file, "became shorter while it was read");
            }
        }
        into.rewind();
    }

    private static ByteBuffer[] map(FileChannel channel, long length, int segmentBytes) throws IOException {
        ByteBuffer[] segments = new ByteBuffer[Math.toIntExact((length + segmentBytes - 1) / segmentBytes)];
        for (int i = 0; i < segments.length; i++) {
            long from = (long) i * segmentBytes;
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(segmentBytes, length - from));
            segments[i] = mapped.order(ByteOrder.LITTLE_ENDIAN);
        }
        return segments;
    }

    static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static ModelFormatException fault(Path file, String what) {
        return new ModelFormatException("%s %s. Delete it: it is built again from the text.%s".formatted(file, what, SHARD));
    }

    /** Where another process finds these ids. */
    public TokenLocation location() {
        return location;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public int at(long position) {
        if (position < 0 || position >= count) {
            throw new IndexOutOfBoundsException("position %d of %d tokens in %s".formatted(position, count, file));
        }
        long offset = position * width;
        ByteBuffer segment = segments[(int) (offset >>> segmentShift)];
        int within = (int) (offset & ((1L << segmentShift) - 1));
        return width == Short.BYTES ? segment.getShort(within) & 0xFFFF : segment.getInt(within);
    }

    /**
     * As {@link Tokens#read}. Afterwards checks that the file has not become shorter since it was opened.
     *
     * @throws ConfigException if the file became shorter; without this check the JVM would read zeros, or throw an InternalError some time
     *     later
     */
    @Override
    public void read(long from, long[] into, int offset, int length) {
        try {
            Tokens.super.read(from, into, offset, length);
            if (Files.size(file) < size) {
                throw shrunk(null);
            }
        } catch (InternalError e) {
            throw shrunk(e);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private ConfigException shrunk(InternalError cause) {
        return new ConfigException("%s became shorter while it was in use. Delete it and resume: it is built again.%s"
            .formatted(file, SHARD), cause);
    }

    /** @throws ConfigException if the file's size or modification time has changed since {@link #open} */
    public void requireUnchanged() {
        try {
            long sizeNow = Files.size(file);
            FileTime modifiedNow = Files.getLastModifiedTime(file);
            if (sizeNow != size || !modifiedNow.equals(modified)) {
                throw new ConfigException("%s changed while it was in use (%d bytes of %s, now %d of %s). Delete it and resume:"
                    .concat(" it is built again.%s").formatted(file, size, modified, sizeNow, modifiedNow, SHARD));
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }
}
