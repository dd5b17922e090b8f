package inkling.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file-system operations that durable writing uses. Tests pass an implementation that fails, stops or loses data at a chosen
 * operation.
 */
public interface FileOps {
    /** The file system itself. */
    FileOps SYSTEM = new Disk();

    /** A file that is being written. {@link #force} returns as soon as all bytes written so far would survive a power loss. */
    interface OpenFile extends Closeable {
        void write(ByteBuffer bytes) throws IOException;

        void force() throws IOException;
    }

    /** Creates a file that must not exist yet. */
    OpenFile create(Path file) throws IOException;

    void createDirectory(Path directory) throws IOException;

    /** Renames in one step. If {@code to} is a file, it is replaced. */
    void move(Path from, Path to) throws IOException;

    /** Makes creations, renames and deletions inside {@code directory} survive a power loss. */
    void forceDirectory(Path directory) throws IOException;

    /** Deletes a file, a link or an empty directory. */
    void delete(Path path) throws IOException;

    /** The entries of a directory, sorted. */
    List<Path> list(Path directory) throws IOException;

    /** The file system, through java.nio. */
    final class Disk implements FileOps {
        private static final boolean WINDOWS = java.io.File.separatorChar == '\\';

        private Disk() {}

        @Override
        public OpenFile create(Path file) throws IOException {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            return new OpenFile() {
                @Override
                public void write(ByteBuffer bytes) throws IOException {
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }

                @Override
                public void force() throws IOException {
                    channel.force(true);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }

        @Override
        public void createDirectory(Path directory) throws IOException {
            Files.createDirectory(directory);
        }

        @Override
        public void move(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void forceDirectory(Path directory) throws IOException {
            if (WINDOWS) {
                return;   // Windows cannot open a directory; NTFS puts renames into its journal
            }
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }

        @Override
        public void delete(Path path) throws IOException {
            Files.delete(path);
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.sorted().toList();
            }
        }
    }
}
