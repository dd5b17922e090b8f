package inkling.io.text;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A text file in any supported form, as a stream of UTF-8 bytes: gzip and zstd are expanded, UTF-16 and UTF-32 are converted. The file's
 * first bytes decide, not its name. But {@link #plain} gives the bytes of any file unchanged. The stream may still hold invalid UTF-8: the
 * code that reads it finds and reports that. The caller closes the stream.
 *
 * @param utf8 the bytes; they may begin with a byte order mark
 * @param conversion from which encoding the bytes were converted, for a message to the user:
 *     {@code converted from UTF-16LE (known by its NUL bytes)}; empty if they were not converted
 */
public record TextBytes(InputStream utf8, Optional<String> conversion) implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * Opens a text file in any supported form.
     *
     * @throws ConfigException if the file is missing, not a regular file, or not text, or if its compressed content is damaged. Reading
     *     also throws it, if such content is damaged or expands too far, or if UTF-16 or UTF-32 is malformed
     * @throws StorageException if the file cannot be read
     */
    public static TextBytes open(Path file) {
        Source source = Source.open(file);
        if (source.kind instanceof TextKind.Text text) {
            boolean utf8 = text.encoding() == TextEncoding.UTF_8;
            return new TextBytes(utf8 ? source.in : new Utf8Stream(file, source.in, text.encoding(), BUFFER_BYTES),
                utf8 ? Optional.empty() : Optional.of("converted from %s (known by its %s)".formatted(text.encoding().word(),
                    text.marked() ? "byte order mark" : "NUL bytes")));
        }
        source.close(file);
        throw new ConfigException("%s is no text, but %s.".formatted(file, ((TextKind.Binary) source.kind).what()));
    }

    /** The bytes of a file as they are. Throws as {@link #open}, but accepts any content. */
    public static TextBytes plain(Path file) {
        return new TextBytes(regular(file), Optional.empty());
    }

    /**
     * The kind of a file that is not text, e.g. {@code a PNG image}; empty for text. Throws as {@link #open}, except for content that is
     * not text.
     */
    public static Optional<String> noText(Path file) {
        Source source = Source.open(file);
        source.close(file);
        return source.kind instanceof TextKind.Binary binary ? Optional.of(binary.what()) : Optional.empty();
    }

    private static InputStream regular(Path file) {
        FileFaults.notRegular(file).ifPresent(why -> {
            throw new ConfigException("%s %s.".formatted(file, why));
        });
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }

    /** An open file, at its first (unpacked) byte, and the kind that its first bytes show. */
    private record Source(InputStream in, TextKind kind) {
        static Source open(Path file) {
            InputStream in = regular(file);
            try {
                InputStream whole = new BufferedInputStream(in, BUFFER_BYTES);
                Optional<Compression> compression = Compression.of(head(whole));
                if (compression.isPresent()) {
                    whole = new BufferedInputStream(compression.get().expand(file, whole), BUFFER_BYTES);
                }
                return new Source(whole, TextKind.of(head(whole)));
            } catch (IOException e) {
                close(in, file);
                throw FileFaults.cannot("read", file, e);
            } catch (RuntimeException e) {
                close(in, file);
                throw e;
            }
        }

        private static byte[] head(InputStream in) throws IOException {
            in.mark(TextKind.HEAD_BYTES);
            byte[] head = in.readNBytes(TextKind.HEAD_BYTES);
            in.reset();
            return head;
        }

        void close(Path file) {
            close(in, file);
        }

        private static void close(InputStream in, Path file) {
            try {
                in.close();
            } catch (IOException e) {
                throw FileFaults.cannot("read", file, e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        utf8.close();
    }
}
