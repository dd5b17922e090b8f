package inkling.data;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.io.ConfigException;
import inkling.io.JsonFields;
import inkling.io.ModelFormatException;
import inkling.io.StorageException;
import inkling.io.StrictJson;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A file of one JSON object a line, strictly read: every fault is a {@link ConfigException} that begins with file:line. */
final class JsonLines {
    /** Receives the object on line {@code line}, counted from 1. */
    @FunctionalInterface
    interface Visitor {
        void line(JsonFields object, long line);
    }

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private JsonLines() {}

    /** @return whether the file begins with a byte order mark, which is dropped */
    static boolean read(Path file, Visitor visitor) {
        boolean marked = false;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (long line = 1; ; line++) {
                byte[] bytes = readLine(in, file, line);
                if (bytes.length == 0) {
                    return marked;
                }
                if (line == 1 && Arrays.mismatch(bytes, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length) {
                    marked = true;
                    bytes = Arrays.copyOfRange(bytes, BYTE_ORDER_MARK.length, bytes.length);
                }
                visit(file, line, bytes, visitor);
            }
        } catch (IOException e) {
            throw new StorageException("cannot read %s: %s.".formatted(file, e), e);
        }
    }

    private static void visit(Path file, long line, byte[] bytes, Visitor visitor) {
        String where = file + ":" + line;
        try {
            JsonNode node = StrictJson.parse(where, bytes);
            visitor.line(JsonFields.of(where, node), line);
        } catch (ModelFormatException e) {   // the same faults as in a model directory, but this file is the user's own
            String message = e.getMessage();
            String ownLine = where + ":1:";   // the parser counts lines within its document, which is this line
            throw new ConfigException(message.startsWith(ownLine) ? where + ":" + message.substring(ownLine.length()) : message, e);
        }
    }

    /** The bytes up to and with the line end; none at the end of the file. */
    private static byte[] readLine(InputStream in, Path file, long line) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            bytes.write(b);
            if (b == '\n') {
                break;
            }
            if (bytes.size() > StrictJson.MAX_BYTES) {
                throw new ConfigException("%s:%d: is longer than %d bytes.".formatted(file, line, StrictJson.MAX_BYTES));
            }
        }
        return bytes.toByteArray();
    }
}
