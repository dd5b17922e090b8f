package inkling.io.text;

import inkling.errors.ConfigException;
import java.nio.file.Path;

/** Thrown for a file that is not valid UTF-8. Mostly the file is text in an older encoding, with one byte for each character. */
public final class NotUtf8Exception extends ConfigException {
    /** The encoding of most text files that are neither UTF-8 nor UTF-16: Latin letters, one byte each. */
    public static final String LIKELY_ENCODING = "WINDOWS-1252";

    private final Path file;
    private final String where;

    /**
     * @param where text about the first wrong byte: its index in the whole (unpacked) file, its line, and up to four bytes from
     *     there on ({@link #where})
     * @param encoding the likely encoding of the file, as {@code iconv} spells it
     */
    NotUtf8Exception(Path file, String where, String encoding) {
        super("%s: %s. Convert the file, for example with iconv -f %s -t UTF-8.".formatted(file, where, encoding));
        this.file = file;
        this.where = where;
    }

    public Path file() {
        return file;
    }

    /** Where the first wrong byte is: {@code byte 5210 (line 97) is not UTF-8: found E9 74 E9 20}. Bytes count from 0, lines from 1. */
    public String where() {
        return where;
    }
}
