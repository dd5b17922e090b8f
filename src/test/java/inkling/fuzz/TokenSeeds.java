package inkling.fuzz;

import inkling.data.TokenFile;
import inkling.io.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Token files, and ways to spoil them: those of {@link Mutations}, wrong numbers in the record at the end, and changed ids. Mostly the
 * checksum is then made to fit.
 */
final class TokenSeeds {
    private static final String KEY = "ab".repeat(32);
    private static final int VOCABULARY = 300;
    private static final int RECORD_BYTES = 64;
    private static final int CRC_AT = 24;
    private static final long[] NUMBERS = {0, 1, -1, 2, 4, 8, 299, 300, 65_535, 65_536, 1L << 31, 1L << 32, 1L << 61,
        Long.MAX_VALUE, Long.MIN_VALUE};

    private TokenSeeds() {}

    static List<byte[]> files() {
        try {
            Path directory = Files.createTempDirectory("inkling-fuzz-tokens");
            Path file = directory.resolve("seed");
            TokenFile.write(DurableFiles.SYSTEM, file, KEY, VOCABULARY, sink -> sink.accept(new int[] {0, 299, 7, 7, 256, 1}));
            byte[] some = Files.readAllBytes(file);
            TokenFile.write(DurableFiles.SYSTEM, file, KEY, VOCABULARY, sink -> { });
            byte[] none = Files.readAllBytes(file);
            Files.delete(file);
            Files.delete(directory);
            return List.of(some, none);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void read(Path directory) {
        TokenFile tokens = TokenFile.open(directory.resolve("tokens.bin"), KEY, VOCABULARY);
        long[] ids = new long[(int) tokens.count()];
        tokens.read(0, ids, 0, ids.length);
        for (long id : ids) {
            Format.require(id >= 0 && id < VOCABULARY, "id " + id);
        }
    }

    static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = random.nextBoolean() ? Mutations.mutate(seed, random) : seed.clone();
        if (bytes.length < RECORD_BYTES) {
            return bytes;
        }
        int record = bytes.length - RECORD_BYTES;
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        switch (random.nextInt(4)) {
            case 0 -> buffer.putInt(record + 8 + 4 * random.nextInt(2), (int) number);       // version, width
            case 1 -> buffer.putLong(record + 16, number);                                     // count
            case 2 -> bytes[random.nextInt(Math.max(1, record))] = (byte) random.nextInt(256);
            default -> { }
        }
        if (random.nextInt(4) > 0) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, 0, record);
            buffer.putLong(record + CRC_AT, crc.getValue());
        }
        return bytes;
    }
}
