package inkling.data.source;

import inkling.io.text.TextBytes;
import inkling.io.text.TextFiles;
import inkling.io.text.TextReader;
import java.nio.file.Path;
import java.util.List;

/** The rules by which files are read as text and conversations. A resumed run uses the rules of the version that began it. */
public enum Reading {
    /**
     * The rules of version 0.1:
     * <ul>
     * <li>Every file counts as UTF-8 text, even if it has NUL bytes.
     * <li>In a glob, {@code **}{@code /} stands for at least one folder.
     * <li>A validation fraction cuts several files once, as one text. It does not count conversations that are left out.
     * <li>Conversations are read only under the key {@code messages}.
     * </ul>
     */
    VERSION_0_1,
    /**
     * The rules of this version:
     * <ul>
     * <li>The first bytes of a file show whether it is text, and how it is compressed and encoded.
     * <li>Files of a folder or glob that are not text are left out.
     * <li>In a glob, {@code **}{@code /} may also stand for no folder.
     * <li>A validation fraction cuts each file. It counts all records, also conversations that are left out. But of pairs of answers
     *     it counts only those that are kept.
     * </ul>
     */
    PRESENT;

    /**
     * The ends of the pieces that a validation fraction cuts in two. In version 0.1 all files together are one piece; now each file is a
     * piece.
     *
     * @param ends where each file ends, in characters or records from the beginning of the first file
     */
    public List<Long> pieces(List<Long> ends) {
        return switch (this) {
            case VERSION_0_1 -> ends.subList(ends.size() - 1, ends.size());
            case PRESENT -> ends;
        };
    }

    /** Opens the file as bytes. Throws as {@link TextBytes#open}, but {@link #VERSION_0_1} accepts any content. */
    TextBytes open(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextBytes.plain(file);
            case PRESENT -> TextBytes.open(file);
        };
    }

    /** Opens the file as characters. Opening and reading throw as {@link TextFiles#openAny}. */
    TextReader text(Path file) {
        return switch (this) {
            case VERSION_0_1 -> TextFiles.open(file);
            case PRESENT -> TextFiles.openAny(file);
        };
    }
}
