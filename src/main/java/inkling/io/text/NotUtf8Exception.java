package inkling.io.text;

import inkling.errors.ConfigException;
import java.nio.file.Path;

/** A file with a byte that UTF-8 does not have there: text in another encoding, mostly an old one of one byte a character. */
public final class NotUtf8Exception extends ConfigException {
    /** The encoding of most text files that are neither UTF-8 nor UTF-16: Latin letters, one byte each. */
    public static final String LIKELY = "WINDOWS-1252";

    private final Path file;
    private final String where;

    /**
     * @param where which byte in which line, and what was found
     * @param encoding the encoding that it may be in, as {@code iconv} spells it
     */
    NotUtf8Exception(Path file, String where, String encoding) {
        super("%s: %s. Convert the file, for example with iconv -f %s -t UTF-8.".formatted(file, where, encoding));
        this.file = file;
        this.where = where;
    }

    public Path file() {
        return file;
    }

    /** {@code byte 1 (line 1) is not UTF-8: found E9}. */
    public String where() {
        return where;
    }
}
