package inkling.io.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A text file as a stream of normalised characters: see {@link TextFiles}. Not thread-safe. */
public final class TextReader extends Reader {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAX_SHOWN_BYTES = 4;

    private final Path file;
    private final InputStream in;
    private final Optional<String> conversion;
    private final CharsetDecoder decoder = Utf8.decoder();
    private final ByteBuffer bytes;
    private final CharBuffer decoded;
    private final CharBuffer ready;
    private long bytesBefore;             // offset of bytes[0] in the (unpacked) file
    private boolean inputEnded;
    private boolean atStart = true;
    private boolean carriageReturnPending;
    private boolean byteOrderMark;
    private long crlf;
    private long lines;

    TextReader(Path file, InputStream in) {
        this(file, in, Optional.empty(), BUFFER_BYTES);
    }

    /** @param conversion how the bytes were converted to UTF-8, if they were ({@link TextBytes#conversion}) */
    public TextReader(Path file, InputStream in, Optional<String> conversion) {
        this(file, in, conversion, BUFFER_BYTES);
    }

    /** @param bufferBytes at least 4, the length of the longest character in UTF-8 */
    TextReader(Path file, InputStream in, Optional<String> conversion, int bufferBytes) {
        this.file = file;
        this.in = in;
        this.conversion = conversion;
        this.bytes = ByteBuffer.allocate(bufferBytes).flip();
        this.decoded = CharBuffer.allocate(bufferBytes);
        this.ready = CharBuffer.allocate(bufferBytes + 1).flip();   // one more, for a CR that waited for its LF
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
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

    /**
     * The next {@code maxChars} UTF-16 units, or one fewer if a surrogate pair would be cut. The last chunk of the file may be shorter.
     * After that, the result is empty.
     *
     * @param maxChars at least 2
     * @throws NotUtf8Exception at a byte that is not valid UTF-8
     */
    public Optional<String> chunk(int maxChars) throws IOException {
        if (maxChars < 2) {
            throw new IllegalArgumentException("a chunk has at least 2 characters, not " + maxChars);
        }
        StringBuilder chunk = new StringBuilder();
        while (chunk.length() < maxChars && fill()) {
            int n = Math.min(maxChars - chunk.length(), ready.remaining());
            if (Character.isHighSurrogate(ready.get(ready.position() + n - 1))) {
                n--;   // its other half follows in this buffer: the decoder puts out pairs whole
            }
            if (n == 0) {
                break;
            }
            chunk.append(ready, 0, n);
            ready.position(ready.position() + n);
        }
        return chunk.isEmpty() ? Optional.empty() : Optional.of(chunk.toString());
    }

    /** What has been changed in the text so far, up to one buffer beyond the text that was read. Complete at the end of the file. */
    public TextFiles.Normalization normalization() {
        return new TextFiles.Normalization(conversion, byteOrderMark, crlf);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Reads on until {@code ready} has a character. False at the end of the file. */
    private boolean fill() throws IOException {
        while (!ready.hasRemaining()) {
            if (inputEnded && !bytes.hasRemaining() && !carriageReturnPending) {
                return false;
            }
            decode();
            normalize();
        }
        return true;
    }

    private void decode() throws IOException {
        if (!inputEnded) {
            bytesBefore += bytes.position();
            bytes.compact();
            int n = in.read(bytes.array(), bytes.position(), bytes.remaining());
            inputEnded = n < 0;
            bytes.position(bytes.position() + Math.max(n, 0)).flip();
        }
        CoderResult result = decoder.decode(bytes, decoded.clear(), inputEnded);
        decoded.flip();
        if (result.isError()) {
            throw malformed();
        }
    }

    private void normalize() {
        ready.clear();
        while (decoded.hasRemaining()) {
            char c = decoded.get();
            if (carriageReturnPending && c == '\n') {
                crlf++;
            } else if (carriageReturnPending) {
                ready.put('\r');
            }
            carriageReturnPending = c == '\r';
            lines += c == '\n' ? 1 : 0;
            if (atStart && c == '\uFEFF') {
                byteOrderMark = true;
            } else if (!carriageReturnPending) {
                ready.put(c);
            }
            atStart = false;
        }
        if (inputEnded && !bytes.hasRemaining() && carriageReturnPending) {
            ready.put('\r');
            carriageReturnPending = false;
        }
        ready.flip();
    }

    private NotUtf8Exception malformed() {
        long line = 1 + lines + decoded.chars().filter(c -> c == '\n').count();
        StringBuilder found = new StringBuilder();
        for (int i = bytes.position(); i < Math.min(bytes.limit(), bytes.position() + MAX_SHOWN_BYTES); i++) {
            found.append(" %02X".formatted(bytes.get(i)));
        }
        long offset = bytesBefore + bytes.position();
        boolean utf16 = offset == 0 && (found.toString().startsWith(" FF FE") || found.toString().startsWith(" FE FF"));
        String where = "byte %d (line %d) is not UTF-8: found%s%s".formatted(offset, line, found, utf16 ? ", which begins UTF-16" : "");
        return new NotUtf8Exception(file, where, utf16 ? "UTF-16" : NotUtf8Exception.LIKELY_ENCODING);
    }
}
