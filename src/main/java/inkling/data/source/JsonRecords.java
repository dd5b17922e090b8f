package inkling.data.source;

import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonArrayReader;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.io.text.TextBytes;
import inkling.io.text.TextFiles;
import inkling.io.text.TextReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads a file of JSON objects strictly. The file has one object a line (blank lines are skipped), or one array of objects, on one line or
 * several. A fault in an object, found here or by the visitor, is added to {@link RecordFaults}, and begins with file:line. Then the next
 * object is read. Two kinds of fault end the reading of the file: those that {@link #read} throws, and an array that is not strict JSON.
 */
public final class JsonRecords {
    /** Receives the objects. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one object.
         *
         * @param number of the object, from 0; lines and elements that are no valid object do not count
         * @throws ModelFormatException if this object has a fault; reading then goes on with the next object
         * @throws ConfigException if the whole file has a fault; nothing more is read
         */
        void record(JsonFields object, long number);
    }

    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Path file;
    private final RecordFaults faults;
    private final Visitor visitor;
    private long records;

    private JsonRecords(Path file, RecordFaults faults, Visitor visitor) {
        this.file = file;
        this.faults = faults;
        this.visitor = visitor;
    }

    /**
     * Reads all objects of {@code file}.
     *
     * @return what was changed: an encoding converted, a byte order mark dropped
     * @throws ConfigException if the visitor throws it, or if the first line of JSON lines is no object or only the beginning of one. Also
     *     if a line is too long for one object, if an array is not UTF-8, or if there is no such file or it cannot be unpacked. None of
     *     these faults is added to {@code faults}
     * @throws inkling.errors.StorageException if the operating system cannot read the file
     */
    public static TextFiles.Normalization read(Path file, Reading reading, RecordFaults faults, Visitor visitor) {
        JsonRecords records = new JsonRecords(file, faults, visitor);
        try (TextBytes source = reading.open(file)) {
            InputStream in = new BufferedInputStream(source.utf8(), BUFFER_BYTES);
            return beginsAnArray(in) ? records.array(new TextReader(file, in, source.conversion()))
                : new TextFiles.Normalization(source.conversion(), records.lines(in), 0);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    private static boolean beginsAnArray(InputStream in) throws IOException {
        in.mark(BUFFER_BYTES);
        byte[] head = in.readNBytes(BUFFER_BYTES);
        in.reset();
        int at = isMarked(head) ? BYTE_ORDER_MARK.length : 0;
        while (at < head.length && (head[at] == ' ' || head[at] == '\t' || head[at] == '\r' || head[at] == '\n')) {
            at++;
        }
        return at < head.length && head[at] == '[';
    }

    private static boolean isMarked(byte[] bytes) {
        int length = BYTE_ORDER_MARK.length;
        return bytes.length >= length && Arrays.equals(bytes, 0, length, BYTE_ORDER_MARK, 0, length);
    }

    private TextFiles.Normalization array(TextReader text) throws IOException {
        try {
            JsonArrayReader.read(file.toString(), text, (element, line) -> {
                try {
                    visit(file + ":" + line, element);
                } catch (ModelFormatException e) {
                    faults.add(e.getMessage());
                }
            });
        } catch (ModelFormatException e) {   // the array is not strict JSON
            faults.add(e.getMessage());
        }
        TextFiles.Normalization changes = text.normalization();
        return new TextFiles.Normalization(changes.conversion(), changes.byteOrderMark(), 0);   // CRLF between JSON values is no text
    }

    /**
     * Reads all objects of a file of JSON lines.
     *
     * @return whether there is a byte order mark
     */
    private boolean lines(InputStream in) throws IOException {
        boolean marked = false;
        for (long line = 1; ; line++) {
            byte[] bytes = readLine(in, line);
            if (bytes.length == 0) {
                return marked;
            }
            if (line == 1 && isMarked(bytes)) {
                marked = true;
                bytes = Arrays.copyOfRange(bytes, BYTE_ORDER_MARK.length, bytes.length);
            }
            if (!isBlank(bytes)) {
                line(line, bytes);
            }
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }

    private void line(long line, byte[] bytes) {
        String where = file + ":" + line;
        try {
            // without the line end: with it, the parser would report a missing end of the object as a fault of the next line
            boolean ended = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
            int end = bytes.length - (ended ? 1 : 0);
            visit(where, StrictJson.parseLine(file, line, Arrays.copyOf(bytes, end)));
        } catch (ModelFormatException e) {   // from the parser or the visitor
            if (line == 1 && (e.getCause() instanceof JsonEOFException || !beginsAnObject(bytes))) {
                throw new ConfigException(("%s. Known are files of one JSON object a line, and of one array of objects over any number of"
                    + " lines.").formatted(e.getMessage().replaceFirst("\\.$", "")), e);
            }
            faults.add(e.getMessage());
        }
    }

    private static boolean beginsAnObject(byte[] line) {
        int at = 0;
        while (at < line.length && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        return at < line.length && line[at] == '{';
    }

    private void visit(String where, JsonNode node) {
        visitor.record(JsonFields.of(where, node), records++);
    }

    /** Reads the bytes of a line with its line end. The result is empty at the end of the file. */
    private byte[] readLine(InputStream in, long line) throws IOException {
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
