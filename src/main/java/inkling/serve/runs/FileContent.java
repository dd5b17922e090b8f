package inkling.serve.runs;

import inkling.errors.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.Supplier;

/** The content of a file, read again only when the file has changed. For any number of threads. */
final class FileContent<T> {
    private final Path file;
    private final Supplier<T> reader;
    private String version = "";
    private Optional<T> content = Optional.empty();

    /** @param reader reads {@code file} */
    FileContent(Path file, Supplier<T> reader) {
        this.file = file;
        this.reader = reader;
    }

    /**
     * Gives the content as it is now; empty if the file does not exist.
     *
     * @throws inkling.errors.InklingException if the file cannot be read, or the reader throws it; the next call then tries again
     */
    synchronized Optional<T> read() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            String there = now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
            if (!there.equals(version)) {
                content = Optional.of(reader.get());
                version = there;
            }
        } catch (NoSuchFileException e) {
            content = Optional.empty();
            version = "";
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        return content;
    }
}
