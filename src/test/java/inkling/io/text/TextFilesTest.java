package inkling.io.text;

import static inkling.Says.says;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import inkling.errors.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TextFilesTest {
    @TempDir Path dir;

    @Test void byteOrderMarkAndCrlfAreNormalisedAndCounted() throws IOException {
        Path file = Files.writeString(dir.resolve("a.txt"), "\uFEFFone\r\ntwo\rthree\r\r\n\uFEFFfour\n\r", UTF_8);
        TextFiles.Text text = TextFiles.readAll(file);
        assertEquals("one\ntwo\rthree\r\n\uFEFFfour\n\r", text.content());
        assertEquals(new TextFiles.Normalization(Optional.empty(), true, 2), text.normalization());
        assertEquals("byte order mark dropped, 2 CRLF made LF", text.normalization().toString());
        assertEquals("nothing", TextFiles.readAll(Files.writeString(dir.resolve("b.txt"), "\u0000é😀")).normalization().toString());
        assertEquals("", TextFiles.readAll(Files.createFile(dir.resolve("empty.txt"))).content());
    }

    @Test void theTextIsTheSameWhereverABufferEnds() throws IOException {
        String text = "\uFEFFa\r\nb\r\r\n€uro 😀😀\r\n\u0000é\r";
        for (int bufferBytes = 4; bufferBytes < 40; bufferBytes++) {
            StringBuilder read = new StringBuilder();
            try (TextReader reader = reader(text.getBytes(UTF_8), bufferBytes)) {
                for (int c = reader.read(); c >= 0; c = reader.read()) {
                    read.append((char) c);
                }
                assertEquals(new TextFiles.Normalization(Optional.empty(), true, 3), reader.normalization());
            }
            assertEquals("a\nb\r\n€uro 😀😀\n\u0000é\r", read.toString(), "buffer of " + bufferBytes);
        }
    }

    @Test void chunksNeverCutASurrogatePair() throws IOException {
        for (int bufferBytes = 4; bufferBytes < 20; bufferBytes++) {
            StringBuilder read = new StringBuilder();
            try (TextReader reader = reader("a😀b😀😀c\r\nd".getBytes(UTF_8), bufferBytes)) {
                for (Optional<String> chunk = reader.chunk(2); chunk.isPresent(); chunk = reader.chunk(2)) {
                    assertTrue(chunk.get().length() <= 2 && !Character.isHighSurrogate(chunk.get().charAt(chunk.get().length() - 1)));
                    read.append(chunk.get());
                }
            }
            assertEquals("a😀b😀😀c\nd", read.toString());
        }
    }

    @Test void aMalformedByteIsNamedWithItsOffsetWhereverABufferEnds() {
        byte[][] malformed = {{(byte) 0xC3, 0x28}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0xC0, (byte) 0xAF},
            {(byte) 0xF0, (byte) 0x9F}, {(byte) 0x80}, {(byte) 0xF5, 0x20, 0x20, 0x20}, {(byte) 0xE2, (byte) 0x82}};
        for (byte[] bad : malformed) {
            for (int before = 0; before < 12; before++) {
                byte[] bytes = ("é\n" + "x".repeat(before) + "?".repeat(bad.length)).getBytes(UTF_8);
                System.arraycopy(bad, 0, bytes, 3 + before, bad.length);
                ConfigException e = assertThrows(ConfigException.class, () -> reader(bytes, 8).transferTo(new java.io.StringWriter()));
                String expected = "x.txt: byte %d (line 2) is not UTF-8: found %02X".formatted(3 + before, bad[0]);
                assertTrue(e.getMessage().startsWith(expected), e.getMessage() + " / " + expected);
            }
        }
    }

    @Test void utf16IsRecognised() throws IOException {
        Path file = Files.write(dir.resolve("u16.txt"), "Hallo".getBytes(UTF_16));
        says(assertThrows(ConfigException.class, () -> TextFiles.readAll(file)).getMessage(), file, "byte 0", "line 1", "FE FF 00 48",
            "UTF-16", "iconv -f UTF-16 -t UTF-8");
    }

    @Test @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void onlyRegularFilesAreRead() throws Exception {
        assertRefused(dir.resolve("missing"), "does not exist.");
        assertRefused(dir, "is a directory, expected a file.");
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), dir.resolve("loop"));
        assertRefused(loop, "is a symbolic link that leads back to itself.");
        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), dir.resolve("nowhere"));
        assertRefused(dangling, "is a symbolic link to a file that does not exist.");
        assertRefused(Files.createFile(dir.resolve("plain")).resolve("x"),
                "does not exist: a part of the path is a file, not a directory.");
        Path linked = Files.createSymbolicLink(dir.resolve("linked"), Files.writeString(dir.resolve("target"), "ok"));
        assertEquals("ok", TextFiles.readAll(linked).content());
        if (Files.exists(Path.of("/dev/zero"))) {
            assertRefused(Path.of("/dev/zero"),
                    "is a FIFO, socket or device, expected a regular file; copy its content into a file first.");
        }
    }

    @Test @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFifoIsRefusedWithoutWaitingForAWriter() throws Exception {
        Path fifo = dir.resolve("fifo");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
        assertTrue(new ProcessBuilder("/usr/bin/mkfifo", fifo.toString()).start().waitFor(60, TimeUnit.SECONDS));
        assertRefused(fifo, "is a FIFO, socket or device");
    }

    @Test void aFileLargerThanMemoryIsStreamed() throws IOException {
        Path file = dir.resolve("large.txt");
        long bytes = 3L << 30;
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
            sparse.seek((1L << 20) + 1);
            sparse.write(0xFF);
        }
        assertRefused(file, "has 3221225472 bytes; at most 1073741824 are read at once.");
        ConfigException e = assertThrows(ConfigException.class, () -> {
            try (TextReader reader = TextFiles.open(file)) {
                reader.transferTo(java.io.Writer.nullWriter());
            }
        });
        assertTrue(e.getMessage().contains("byte 1048577 (line 1) is not UTF-8: found FF 00 00 00."), e.getMessage());
    }

    private static void assertRefused(Path file, String reason) {
        String message = assertThrows(ConfigException.class, () -> TextFiles.readAll(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(reason), message);
    }

    private static TextReader reader(byte[] bytes, int bufferBytes) {
        return new TextReader(Path.of("x.txt"), new ByteArrayInputStream(bytes), Optional.empty(), bufferBytes);
    }
}
