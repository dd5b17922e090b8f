package inkling.io.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.errors.ModelFormatException;
import inkling.io.FileOps;
import inkling.io.Jvm;
import inkling.io.tensors.SafetensorsFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hostile files, opened in a JVM with a heap of 64 MB. The reader must limit what it keeps of their long headers. */
@Tag("process")
class BoundedMemoryTest {
    private static final int HEADER_BYTES = 40_000_000;   // as chars of two bytes, more than the heap

    @TempDir Path dir;

    /** Opens each file named on the command line. Prints its name, and "refused" or "accepted" with the number of its tensors. */
    public static final class Reader {
        public static void main(String[] args) {
            for (String arg : args) {
                try (SafetensorsFile file = SafetensorsFile.open(Path.of(arg))) {
                    System.out.println(Path.of(arg).getFileName() + " accepted " + file.tensors().size());
                } catch (ModelFormatException e) {
                    System.out.println(Path.of(arg).getFileName() + " refused");
                }
            }
        }
    }

    @Test @Timeout(120) void hostileHeadersCostNeitherMemoryNorTime() throws Exception {
        filled("1-nul", '\0');
        filled("2-spaces", ' ');
        filled("3-brackets", '[');
        generated("4-string", "{\"", i -> "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1_000_000);
        generated("5-number", "{\"w\":{\"shape\":[", i -> "1111111111111111111111111111111111111111111111111111111111111111", 1_000_000);
        generated("6-shape", "{\"w\":{\"shape\":[0", i -> ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", 1_000_000);
        generated("7-metadata", "{\"__metadata__\":{\"\":\"\"", i -> ",\"%d\":\"\"".formatted(i), 5_000_000);
        generated("8-texts", "{\"__metadata__\":{\"\":\"\"", i -> ",\"%d\":\"%s\"".formatted(i, "x".repeat(900_000)), 100);
        String tensor = "{\"dtype\":\"F32\",\"shape\":[300,301,302,303,304,305,306,0],\"data_offsets\":[0,0]}";
        generated("9-tensors", "{\"\":" + tensor, i -> ",\"%d\":%s".formatted(i, tensor), 1_000_000);
        generated("A-tensors", "{\"\":" + tensor, i -> i == 99_999 ? "}" : ",\"%d\":%s".formatted(i, tensor), 100_000);

        List<String> files = FileOps.SYSTEM.list(dir).stream().map(Path::toString).toList();
        Process reader = Jvm.of(List.of("-Xmx64m", "-XX:MaxDirectMemorySize=16m", "-XX:+ExitOnOutOfMemoryError"), Reader.class,
                files.toArray(String[]::new)).redirectErrorStream(true).start();
        String output = new String(reader.getInputStream().readAllBytes(), US_ASCII);
        assertEquals("1-nul refused, 2-spaces refused, 3-brackets refused, 4-string refused, 5-number refused, 6-shape refused, "
                + "7-metadata refused, 8-texts refused, 9-tensors refused, A-tensors accepted 100000",
                String.join(", ", output.lines().toList()));
        assertEquals(0, reader.waitFor());
    }

    private void filled(String name, char fill) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(dir.resolve(name).toFile(), "rw")) {
            file.write(length(HEADER_BYTES));
            file.setLength(8L + HEADER_BYTES);   // sparse, all NUL
            byte[] block = String.valueOf(fill).repeat(1 << 20).getBytes(US_ASCII);
            for (int at = 0; fill != '\0' && at < HEADER_BYTES; at += block.length) {
                file.write(block, 0, Math.min(block.length, HEADER_BYTES - at));
            }
        }
    }

    /** A header of {@code start} and parts 0 to {@code parts - 1}, as far as they fit. */
    private void generated(String name, String start, IntFunction<String> part, int parts) throws IOException {
        Path file = dir.resolve(name);
        int bytes = start.length();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write(length(0));
            out.write(start.getBytes(US_ASCII));
            for (int i = 0; i < parts; i++) {
                byte[] text = part.apply(i).getBytes(US_ASCII);
                if (bytes + text.length > HEADER_BYTES) {
                    break;
                }
                out.write(text);
                bytes += text.length;
            }
        }
        try (RandomAccessFile patched = new RandomAccessFile(file.toFile(), "rw")) {
            patched.write(length(bytes));
        }
    }

    private static byte[] length(long bytes) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes).array();
    }
}
