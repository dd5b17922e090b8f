package inkling.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * The last bytes of a {@link TokenFile}: how its ids are stored, how many there are, and the key that names their source.
 *
 * @param width bytes per id: 2 or 4
 * @param count number of ids
 * @param crc CRC-32C of the ids' bytes
 * @param key the key with which the file was written, 64 hexadecimal digits ({@link TokenFile#write}); "" for a file without a record
 */
record TokenFileRecord(int version, int width, long count, long crc, String key) {
    static final int BYTES = 64;
    static final int VERSION = 1;
    private static final long MAGIC = 0x4E454B4F544B4E49L;   // "INKTOKEN"

    byte[] bytes() {
        return TokenFile.littleEndian(new byte[BYTES]).putLong(MAGIC).putInt(version).putInt(width).putLong(count).putLong(crc)
            .put(HexFormat.of().parseHex(key)).array();
    }

    /** Reads and checks the record of {@code file}. The file must be as long as the record says. */
    static TokenFileRecord read(FileChannel channel, Path file) throws IOException {
        long size = channel.size();
        if (size < BYTES) {
            throw TokenFile.fault(file, "has %d bytes, a token file at least %d".formatted(size, BYTES));
        }
        ByteBuffer bytes = TokenFile.littleEndian(new byte[BYTES]);
        TokenFile.readFully(channel, bytes, size - BYTES, file);
        if (bytes.getLong() != MAGIC) {
            throw TokenFile.fault(file, ("is cut short or no token file: its last %d bytes are not the record that ends "
                + "one").formatted(BYTES));
        }
        int version = bytes.getInt();
        int width = bytes.getInt();
        long count = bytes.getLong();
        long crc = bytes.getLong();
        byte[] key = new byte[32];
        bytes.get(key);
        if (version != VERSION) {
            throw TokenFile.fault(file, "has format version %d, this program reads %d".formatted(version, VERSION));
        }
        if (width != Short.BYTES && width != Integer.BYTES) {
            throw TokenFile.fault(file, "says %d bytes an id, expected 2 or 4".formatted(width));
        }
        if (count < 0 || count > size / width || count * width + BYTES != size) {
            throw TokenFile.fault(file, "says %d ids of %d bytes, but has %d bytes, not %d × %d + %d"
                .formatted(count, width, size, count, width, BYTES));
        }
        return new TokenFileRecord(version, width, count, crc, HexFormat.of().formatHex(key));
    }
}
