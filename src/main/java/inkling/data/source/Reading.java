package inkling.data.source;

import inkling.io.text.TextBytes;
import inkling.io.text.TextFiles;
import inkling.io.text.TextReader;
import java.nio.file.Path;
import java.util.List;

/** By which rules files become text and conversations. A run that is resumed keeps those of the version that began it. */
public enum Reading {
    /**
     * Version 0.1: every file is UTF-8, NUL bytes and all, and read wherever it lies; a fraction cuts several files once, as one text; of a
     * conversation only {@code messages} is looked at.
     */
    VERSION_0_1,
    /** What a file is, its first bytes tell; a folder's files that are no text are left out; a fraction cuts each file. */
    PRESENT;

    /** Where the pieces end that a fraction cuts: each file, or all as one. @param ends of the files */
    public List<Long> pieces(List<Long> ends) {
        return switch (this) {
            case VERSION_0_1 -> ends.subList(ends.size() - 1, ends.size());
            case PRESENT -> ends;
        };
    }

    /** Throws as {@link TextBytes#open}. */
    TextBytes open(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextBytes.plain(file);
            case PRESENT -> TextBytes.open(file);
        };
    }

    /** The same, as characters; throws as {@link TextFiles#open}, some of it while reading. */
    TextReader text(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextFiles.open(file);
            case PRESENT -> TextFiles.openAny(file);
        };
    }
}
