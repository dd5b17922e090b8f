package inkling.io.text;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads text files by the same rules everywhere: strict UTF-8, a byte order mark dropped, CRLF made LF (a CR alone stays). Only regular
 * files are read: reading a FIFO could wait for ever, and a device never ends. {@link #openAny} is for corpora and files of tasks,
 * which may also be compressed or in other encodings.
 */
public final class TextFiles {
    /** The largest file that {@link #readAll} reads; larger files are for {@link #open}. */
    public static final long MAX_BYTES = 1L << 30;

    private TextFiles() {}

    /**
     * What was changed while reading. For a corpus, the user is told.
     *
     * @param conversion as {@link TextBytes#conversion}
     * @param byteOrderMark whether a byte order mark was dropped
     * @param crlf how many CRLF became LF
     */
    public record Normalization(Optional<String> conversion, boolean byteOrderMark, long crlf) {
        /** Sets {@code byteOrderMark} to false for a converted file: there the mark is part of the encoding, not a change of its own. */
        public Normalization {
            byteOrderMark &= conversion.isEmpty();
        }

        public boolean none() {
            return conversion.isEmpty() && !byteOrderMark && crlf == 0;
        }

        /** The changes, e.g. "byte order mark dropped, 12 CRLF made LF"; "nothing" without any. */
        @Override
        public String toString() {
            List<String> changes = new ArrayList<>(conversion.stream().toList());
            if (byteOrderMark) {
                changes.add("byte order mark dropped");
            }
            if (crlf > 0) {
                changes.add(crlf + " CRLF made LF");
            }
            return changes.isEmpty() ? "nothing" : String.join(", ", changes);
        }
    }

    /** The text of a whole file. */
    public record Text(String content, Normalization normalization) {}

    /**
     * Reads a whole file.
     *
     * @throws ConfigException if the file is missing, no regular file, larger than {@link #MAX_BYTES} or not UTF-8 (a
     *     {@link NotUtf8Exception})
     * @throws StorageException if the file may not be read
     */
    public static Text readAll(Path file) {
        try (TextReader reader = open(file)) {
            long bytes = Files.size(file);
            if (bytes > MAX_BYTES) {
                throw new ConfigException("%s: has %d bytes; at most %d are read at once. Split the file.".formatted(file, bytes,
                        MAX_BYTES));
            }
            StringBuilder content = new StringBuilder((int) bytes);
            char[] chunk = new char[1 << 16];
            for (int n = reader.read(chunk); n >= 0; n = reader.read(chunk)) {
                content.append(chunk, 0, n);
            }
            return new Text(content.toString(), reader.normalization());
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    /**
     * The text of a file that belongs to a model or run directory. A fault in the file is a fault of that directory.
     *
     * @throws ModelFormatException if {@link #readAll} throws a {@link ConfigException}
     */
    public static String readPart(Path file) {
        try {
            return readAll(file).content();
        } catch (ConfigException e) {
            throw new ModelFormatException(e.getMessage(), e);
        }
    }

    /**
     * Text in any form that {@link TextBytes} reads, as a stream of characters. Throws as {@link TextBytes#open}. Reading also throws
     * {@link NotUtf8Exception}.
     */
    public static TextReader openAny(Path file) {
        TextBytes bytes = TextBytes.open(file);
        return new TextReader(file, bytes.utf8(), bytes.conversion());
    }

    /**
     * The file as a stream of characters, for files of any size.
     *
     * @throws ConfigException if the file is missing or no regular file; reading throws {@link NotUtf8Exception}
     * @throws StorageException if the file may not be read
     */
    public static TextReader open(Path file) {
        return new TextReader(file, TextBytes.plain(file).utf8());
    }
}
