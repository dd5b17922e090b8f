package inkling.formats;

import inkling.errors.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files of a model, as they lie on the disk. */
public final class ModelFiles {
    private ModelFiles() {}

    /**
     * The path of a model, then the name, size and time of change of each of its files: every file in a model directory, or the one GGUF
     * file.
     */
    public static String listing(Path model) {
        StringBuilder all = new StringBuilder(model.toAbsolutePath().normalize() + "\n");
        try (Stream<Path> files = Files.isDirectory(model) ? Files.list(model) : Stream.of(model)) {
            for (Path file : files.sorted().toList()) {
                all.append(file.getFileName()).append(' ').append(Files.size(file)).append(' ').append(Files.getLastModifiedTime(file))
                    .append('\n');
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", model, e);
        }
        return all.toString();
    }
}
