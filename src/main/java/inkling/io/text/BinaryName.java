package inkling.io.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Names the kind of a binary file by its first bytes, for messages: {@code a PNG image}. */
enum BinaryName {
    GZIP("gzip inside of compressed content: unpack the file once", 0, 0x1F, 0x8B),
    ZSTD("zstd inside of compressed content: unpack the file once", 0, 0x28, 0xB5, 0x2F, 0xFD),
    BZIP2("bzip2: unpack it (bunzip2)", 0, "BZh"),
    XZ("xz: unpack it (unxz)", 0, 0xFD, '7', 'z', 'X', 'Z'),
    SEVEN_ZIP("a 7z archive: unpack it", 0, '7', 'z', 0xBC, 0xAF),
    ZIP("a ZIP archive (or an office document or e-book, which are ZIP archives): unpack it, or save it as plain text", 0, 'P', 'K', 3, 4),
    RAR("a RAR archive: unpack it", 0, "Rar!"),
    TAR("a tar archive: unpack it (tar xf)", 257, "ustar"),
    LZ4("lz4: unpack it", 0, 0x04, 0x22, 0x4D, 0x18),
    PDF("a PDF document: take its text out (pdftotext)", 0, "%PDF-"),
    OFFICE("an old office document: save it as plain text", 0, 0xD0, 0xCF, 0x11, 0xE0),
    PARQUET("Parquet: write its rows as JSON lines", 0, "PAR1"),
    ARROW("Arrow: write its rows as JSON lines", 0, "ARROW1"),
    SQLITE("an SQLite database: write its rows as JSON lines", 0, "SQLite format 3"),
    NUMPY("a NumPy array", 0, 0x93, 'N', 'U', 'M', 'P', 'Y'),
    GGUF("model weights (GGUF)", 0, "GGUF"),
    PNG("a PNG image", 0, 0x89, 'P', 'N', 'G'),
    JPEG("a JPEG image", 0, 0xFF, 0xD8, 0xFF),
    GIF("a GIF image", 0, "GIF8"),
    ELF("a program (ELF)", 0, 0x7F, 'E', 'L', 'F'),
    LFS_POINTER("a Git LFS pointer, not the file itself: fetch it with git lfs pull", 0, "version https://git-lfs.github.com/spec/"),
    RTF("RTF, a document with its formatting: save it as plain text", 0, "{\\rtf"),
    POSTSCRIPT("PostScript: take its text out (ps2txt)", 0, "%!PS");

    /** Kinds of files that are not plain text, although all their bytes may be characters. */
    private static final Set<BinaryName> IN_LETTERS = EnumSet.of(PDF, LFS_POINTER, RTF, POSTSCRIPT);

    private final String what;
    private final int at;
    private final byte[] magic;

    BinaryName(String what, int at, int... magic) {
        this.what = what;
        this.at = at;
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    BinaryName(String what, int at, String magic) {
        this.what = what;
        this.at = at;
        this.magic = magic.getBytes(StandardCharsets.US_ASCII);
    }

    /** The kind, and for most kinds what to do. For an unknown kind, the text tells how many of the bytes are NUL. */
    static String of(byte[] head) {
        return Arrays.stream(values()).filter(name -> name.begins(head)).map(name -> name.what).findFirst().orElseGet(() -> unknown(head));
    }

    /** The kind of a file that begins like one of {@link #IN_LETTERS}; empty for any other file. */
    static Optional<String> inLetters(byte[] head) {
        return IN_LETTERS.stream().filter(name -> name.begins(head)).map(name -> name.what).findFirst();
    }

    private boolean begins(byte[] head) {
        return head.length >= at + magic.length && Arrays.equals(head, at, at + magic.length, magic, 0, magic.length);
    }

    private static String unknown(byte[] head) {
        long nul = 0;
        for (byte b : head) {
            nul += b == 0 ? 1 : 0;
        }
        return "%d of the first %d bytes are NUL. If it is text in an uncommon encoding, convert it with iconv -f ENCODING -t UTF-8"
            .formatted(nul, head.length);
    }
}
