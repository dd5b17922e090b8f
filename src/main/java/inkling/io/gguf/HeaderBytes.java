package inkling.io.gguf;

import inkling.io.text.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;

/** Reads a file from its beginning, one little-endian value after the other. A read past the last permitted byte throws {@link Fault}. */
final class HeaderBytes {
    private static final int CHUNK = 1 << 16;

    private final FileChannel channel;
    private final long fileBytes;
    private final long end;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long read;   // how many bytes of the file were put into the buffer

    /** What is wrong with the file, without its name. */
    static final class Fault extends IOException {
        private static final long serialVersionUID = 1;

        Fault(String message) {
            super(message);
        }
    }

    /** @param most how many bytes may be read, from the file's first on */
    HeaderBytes(FileChannel channel, long most) throws IOException {
        this.channel = channel;
        this.fileBytes = channel.size();
        this.end = Math.min(fileBytes, most);
    }

    long position() {
        return read - buffer.remaining();
    }

    /** How many more bytes may be read. */
    long left() {
        return end - position();
    }

    /**
     * The exception for a value of {@code bytes} bytes that goes past the last byte which may be read. Its message is {@code cutOff} if the
     * file itself ends before that; else it says that the header is longer than the limit.
     */
    Fault beyond(long bytes, String cutOff) {
        return new Fault(bytes > fileBytes - position() ? cutOff
            : "its header has more than %d bytes; larger headers are not read. Take the model's safetensors files instead".formatted(end));
    }

    byte u8() throws IOException {
        return need(1).get();
    }

    short u16() throws IOException {
        return need(Short.BYTES).getShort();
    }

    int u32() throws IOException {
        return need(Integer.BYTES).getInt();
    }

    long u64() throws IOException {
        return need(Long.BYTES).getLong();
    }

    /** Reads a text: a 64-bit number, the text's length in bytes (at most {@code mostBytes}), then that many bytes of UTF-8. */
    String text(int mostBytes) throws IOException {
        long length = u64();
        if (length < 0 || length > mostBytes || length > left()) {
            String claim = "a text claims %s bytes; ".formatted(Long.toUnsignedString(length));
            throw length < 0 || length > mostBytes ? new Fault(claim + "at most %d are read".formatted(mostBytes))
                : beyond(length, claim + "%d are left".formatted(left()));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining()) {
            need(1);
            int n = Math.min(bytes.remaining(), buffer.remaining());
            bytes.put(buffer.slice().limit(n));
            buffer.position(buffer.position() + n);
        }
        try {
            return Utf8.decoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new Fault("a text is not UTF-8");
        }
    }

    private ByteBuffer need(int bytes) throws IOException {
        if (buffer.remaining() >= bytes) {
            return buffer;
        }
        if (left() < bytes) {
            throw beyond(bytes, "it ends within its header, at byte %d".formatted(end));
        }
        buffer.compact();
        while (buffer.position() < bytes) {
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + end - read));
            int n = channel.read(buffer, read);
            if (n < 0) {
                throw new Fault("it shrank while it was read");
            }
            read += n;
        }
        return buffer.flip();
    }
}
