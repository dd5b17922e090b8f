package inkling.io;

import java.io.IOException;
import java.io.OutputStream;

/** Something that can be written to a file: bytes that need not all be in memory at once. May be asked to write only once. */
@FunctionalInterface
public interface Content {
    void writeTo(OutputStream out) throws IOException;

    static Content of(byte[] bytes) {
        return out -> out.write(bytes);
    }
}
