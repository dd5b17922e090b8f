package inkling.io.text;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.InklingException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The kinds of compressed text. They are recognised by a file's first bytes, not by its name. */
enum Compression {
    GZIP("gzip", 0x1F, 0x8B),
    ZSTD("zstd", 0x28, 0xB5, 0x2F, 0xFD);

    private static final int BUFFER_BYTES = 1 << 16;

    private final String word;
    private final byte[] magic;

    Compression(String word, int... magic) {
        this.word = word;
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    String word() {
        return word;
    }

    static Optional<Compression> of(byte[] head) {
        return Arrays.stream(values()).filter(c -> head.length >= c.magic.length
            && Arrays.equals(head, 0, c.magic.length, c.magic, 0, c.magic.length)).findFirst();
    }

    /** The expanded bytes of {@code in}. Reading them throws a {@link ConfigException} if {@code in} is damaged or expands too far. */
    InputStream expand(Path file, InputStream in) {
        return new Expanding(file, this, new Counted(file, in));
    }

    /**
     * Counts the bytes read. A read error becomes a {@link inkling.errors.StorageException}, so that it is not taken for damaged content.
     */
    private static final class Counted extends FilterInputStream {
        private final Path file;
        private long count;

        Counted(Path file, InputStream in) {
            super(in);
            this.file = file;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            try {
                int n = in.read(target, offset, length);
                count += Math.max(n, 0);
                return n;
            } catch (IOException e) {
                throw FileFaults.cannot("read", file, e);
            }
        }
    }

    /** Gzip that refuses bytes after its last member; Java's own class ignores them. */
    private static final class StrictGzip extends GZIPInputStream {
        private static final int TRAILER_BYTES = 8;

        StrictGzip(InputStream in) throws IOException {
            super(in, BUFFER_BYTES);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            if (n < 0 && (inf.getRemaining() > TRAILER_BYTES || in.read() >= 0)) {
                throw new ZipException("there is something else after its end");
            }
            return n;
        }
    }

    /**
     * The expanded bytes. Reading fails once their number passes both limits: {@link #ALLOWED_BYTES}, and {@link #MAX_RATIO} times the
     * number of bytes read from the file.
     */
    private static final class Expanding extends InputStream {
        private static final long ALLOWED_BYTES = 16L << 20;
        private static final long MAX_RATIO = 256;   // text expands to 3 to 10 times its compressed size, logs and tables up to 100 times

        private final Path file;
        private final Compression compression;
        private final Counted source;
        private Optional<InputStream> content = Optional.empty();
        private long count;

        Expanding(Path file, Compression compression, Counted source) {
            this.file = file;
            this.compression = compression;
            this.source = source;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int n;
            try {
                if (content.isEmpty()) {
                    content = Optional.of(switch (compression) {
                        case GZIP -> new StrictGzip(source);
                        case ZSTD -> new ZstdInputStream(source);
                    });
                }
                n = content.get().read(target, offset, length);
            } catch (InklingException e) {
                throw e;
            } catch (IOException | RuntimeException e) {   // on damage the zstd library throws RuntimeExceptions too
                throw damaged(e);
            }
            count += Math.max(n, 0);
            if (count > ALLOWED_BYTES && count / MAX_RATIO > source.count) {
                throw new ConfigException(("%s: %d bytes of its %s content expand to more than %d: text never expands so far."
                    + " If the content is text nevertheless, unpack the file by hand.")
                    .formatted(file, source.count, compression.word, count));
            }
            return n;
        }

        private ConfigException damaged(Exception fault) {
            return new ConfigException("%s: its %s content is damaged, cut short, or of a kind that is not read here%s. Unpack it by hand."
                .formatted(file, compression.word, switch (compression) {
                    case GZIP -> "";
                    case ZSTD -> " (dictionaries, skippable frames, windows above 8 MiB)";
                }), fault);
        }

        @Override
        public void close() throws IOException {
            source.close();
        }
    }
}
