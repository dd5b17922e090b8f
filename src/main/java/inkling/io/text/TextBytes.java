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
 * A file of text as people have it, as bytes of UTF-8: what is gzip or zstd is expanded, what is UTF-16 or UTF-32 converted, by the file's
 * first bytes and not by its name. Bytes that are no UTF-8 may still follow: who reads them says where. Whoever opens one closes it.
 *
 * @param utf8 a byte order mark is still there
 * @param conversion what was done, to be said to the user: {@code converted from UTF-16LE (by its NUL bytes)}
 */
public record TextBytes(InputStream utf8, Optional<String> conversion) implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * @throws ConfigException if the file is missing, no regular file, or no text; reading throws it too where compressed content is
     *     damaged or expands beyond measure, or converted text ends to be what it was
     * @throws StorageException if it may not be read
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

    /** A file as it is, whatever its first bytes tell; throws as {@link #open}. */
    public static TextBytes plain(Path file) {
        return new TextBytes(regular(file), Optional.empty());
    }

    /** What {@code file} is if it is no text; throws as {@link #open}. */
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

    /** A file from its first byte on, after a look at its head. */
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
