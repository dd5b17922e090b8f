package inkling.io.text;

import inkling.errors.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/** Converts a stream of text in another encoding to a stream of UTF-8 bytes. Not thread-safe. */
final class Utf8Stream extends InputStream {
    private final Path file;
    private final InputStream in;
    private final TextEncoding encoding;
    private final CharsetDecoder decoder;
    private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final ByteBuffer bytes;
    private final CharBuffer decoded;
    private final ByteBuffer ready;
    private long bytesBefore;             // offset of bytes[0] in the (unpacked) file
    private boolean inputEnded;

    /** @param bufferBytes at least 4, the length of the longest character */
    Utf8Stream(Path file, InputStream in, TextEncoding encoding, int bufferBytes) {
        this.file = file;
        this.in = in;
        this.encoding = encoding;
        this.decoder = encoding.decoder();
        this.bytes = ByteBuffer.allocate(bufferBytes).flip();
        this.decoded = CharBuffer.allocate(bufferBytes);
        this.ready = ByteBuffer.allocate(3 * bufferBytes).flip();   // a UTF-16 unit becomes at most 3 bytes of UTF-8
    }

    @Override
    public int read() throws IOException {
        return fill() ? ready.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, ready.remaining());
        ready.get(target, offset, n);
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Reads on until {@code ready} has a byte. False at the end of the file. */
    private boolean fill() throws IOException {
        while (!ready.hasRemaining()) {
            if (inputEnded && !bytes.hasRemaining()) {
                return false;
            }
            convert();
        }
        return true;
    }

    private void convert() throws IOException {
        if (!inputEnded) {
            bytesBefore += bytes.position();
            bytes.compact();
            int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
            inputEnded = n < 0;
            bytes.position(bytes.position() + Math.max(n, 0)).flip();
        }
        CoderResult result = decoder.decode(bytes, decoded.clear(), inputEnded);   // decoded never ends inside a surrogate pair
        CoderResult encoded = encoder.reset().encode(decoded.flip(), ready.clear(), true);
        ready.flip();
        if (result.isError() || encoded.isError()) {   // encoding fails if UTF-32 holds half a surrogate pair
            throw new ConfigException(("%s: near byte %d it is not %s, although its first bytes are. The file is damaged or cut short:"
                + " mend it, or convert it to UTF-8.").formatted(file, bytesBefore + bytes.position(), encoding.word()));
        }
    }
}
