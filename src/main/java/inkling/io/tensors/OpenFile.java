package inkling.io.tensors;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A file of tensors, open for reading at any position. Nothing is written to it, so nothing can be lost when it is closed. */
public record OpenFile(Path path, FileChannel channel) implements AutoCloseable {
    /** Makes a reader of an opened file; the reader closes the file later. */
    @FunctionalInterface
    public interface Opening<T> {
        T of(OpenFile file) throws IOException;
    }

    /**
     * Opens a file and gives it to {@code opening}; closes it again if {@code opening} fails.
     *
     * @throws ModelFormatException if there is no such regular file, or if {@code opening} throws one
     * @throws StorageException if the operating system cannot read the file
     */
    public static <T> T open(Path path, Opening<T> opening) {
        FileFaults.notRegular(path).ifPresent(why -> {
            throw new ModelFormatException("%s %s.".formatted(path, why));
        });
        OpenFile file = null;
        try {
            file = new OpenFile(path, FileChannel.open(path, StandardOpenOption.READ));
            T opened = opening.of(file);
            file = null;
            return opened;
        } catch (IOException e) {
            throw FileFaults.cannot("read", path, e);
        } finally {
            if (file != null) {
                file.close();
            }
        }
    }

    /**
     * The tensor of this name among {@code tensors}.
     *
     * @throws ModelFormatException if there is none
     */
    public <T> T tensor(Map<String, T> tensors, String name) {
        T tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelFormatException("%s: has no tensor %s.".formatted(path, name));
        }
        return tensor;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was written through it
        }
    }
}
