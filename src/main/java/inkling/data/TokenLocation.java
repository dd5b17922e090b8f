package inkling.data;

import java.io.Serializable;
import java.nio.file.Path;

/**
 * Where a text's ids are, for another process to open: a token file, and what {@link TokenFile#open} checks it by.
 *
 * @param file an absolute path
 */
public record TokenLocation(String file, String key, int vocabSize) implements Serializable {
    /** Throws as {@link TokenFile#open}. */
    public Tokens open() {
        return TokenFile.open(Path.of(file), key, vocabSize);
    }
}
