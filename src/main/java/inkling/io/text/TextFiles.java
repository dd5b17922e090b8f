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
 * Text as it is read everywhere: strict UTF-8, a byte order mark dropped, CRLF made LF (a CR alone stays). Only regular files:
 * a FIFO would wait for ever, a device never end. Corpora may also be compressed or in other encodings: {@link #openAny}.
 */
public final class TextFiles {
    /** What {@link #readAll} takes at most; larger files are for {@link #open}. */
    public static final long MAX_BYTES = 1L << 30;

    private TextFiles() {}

    /** What was changed while reading; said to the user where it is not {@link #none}. */
    public record Normalization(Optional<String> conversion, boolean byteOrderMark, long crlf) {
        /** The mark of a converted file goes with its encoding. */
        public Normalization {
            byteOrderMark &= conversion.isEmpty();
        }

        public boolean none() {
            return conversion.isEmpty() && !byteOrderMark && crlf == 0;
        }

        /** "converted from UTF-16LE …, byte order mark dropped, 12 CRLF made LF"; "nothing". */
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

    /** A whole file. */
    public record Text(String content, Normalization normalization) {}

    /**
     * @throws ConfigException if the file is missing, no regular file, larger than {@link #MAX_BYTES} or not UTF-8 (with the offset of
     *     the byte)
     * @throws StorageException if it may not be read
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
     * The text of a file that belongs to a model or run directory: what is wrong with it is wrong with the directory.
     *
     * @throws ModelFormatException where {@link #readAll} throws a {@link ConfigException}
     */
    public static String readPart(Path file) {
        try {
            return readAll(file).content();
        } catch (ConfigException e) {
            throw new ModelFormatException(e.getMessage(), e);
        }
    }

    /** Text that people bring, as {@link TextBytes} reads it, piece by piece; throws as that does, some of it while reading. */
    public static TextReader openAny(Path file) {
        TextBytes bytes = TextBytes.open(file);
        return new TextReader(file, bytes.utf8(), bytes.conversion());
    }

    /** The same text, piece by piece, for files larger than memory; throws as {@link #readAll}, some of it while reading. */
    public static TextReader open(Path file) {
        return new TextReader(file, TextBytes.plain(file).utf8());
    }
}
