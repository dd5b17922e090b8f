package inkling.io;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The content of a file, written as a stream, so that it need not be in memory as a whole. Call {@link #writeTo} only once: an
 * implementation may use up the source that it reads.
 */
@FunctionalInterface
public interface Content {
    void writeTo(OutputStream out) throws IOException;

    static Content of(byte[] bytes) {
        return out -> out.write(bytes);
    }
}
