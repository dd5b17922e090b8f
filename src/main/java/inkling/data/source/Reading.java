package inkling.data.source;

import inkling.io.text.TextBytes;
import inkling.io.text.TextFiles;
import inkling.io.text.TextReader;
import java.nio.file.Path;
import java.util.List;

/** The rules by which files are read as text and conversations. A resumed run uses those of the version that began it. */
public enum Reading {
    /**
     * As version 0.1: every file counts as UTF-8 text, even one with NUL bytes in a folder; in a glob, {@code **}{@code /} stands for at
     * least one folder; a validation fraction cuts several files once, as one text; only conversations with {@code messages} are read.
     */
    VERSION_0_1,
    /**
     * As this version: a file's first bytes show what it is; files of a folder or glob that are not text are left out; {@code **}{@code /}
     * may also stand for no folder; a validation fraction cuts each file.
     */
    PRESENT;

    /**
     * The ends of the pieces, each of which a validation fraction cuts into two parts: each file is a piece, or all files together are one.
     *
     * @param ends where each file ends, in characters or records from the beginning of the first file
     */
    public List<Long> pieces(List<Long> ends) {
        return switch (this) {
            case VERSION_0_1 -> ends.subList(ends.size() - 1, ends.size());
            case PRESENT -> ends;
        };
    }

    /** Opens the file as bytes; throws as {@link TextBytes#open}. */
    TextBytes open(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextBytes.plain(file);
            case PRESENT -> TextBytes.open(file);
        };
    }

    /** Opens the file as characters; throws as {@link TextFiles#openAny}, also while reading. */
    TextReader text(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextFiles.open(file);
            case PRESENT -> TextFiles.openAny(file);
        };
    }
}
