package inkling.io.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TextBytesTest {
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final String ENGLISH = "Whether I shall turn out to be the hero of my own life, these pages must show.\n";
    private static final String CHINESE = "一日之计在于晨，一年之计在于春。\n一寸光阴一寸金。\n";

    @TempDir Path dir;

    private Path file(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return Files.write(dir.resolve("x"), all.toByteArray());
    }

    private static TextFiles.Text read(Path file) throws IOException {
        try (TextReader reader = TextFiles.openAny(file)) {
            StringBuilder text = new StringBuilder();
            for (Optional<String> piece = reader.chunk(1 << 16); piece.isPresent(); piece = reader.chunk(1 << 16)) {
                text.append(piece.get());
            }
            return new TextFiles.Text(text.toString(), reader.normalization());
        }
    }

    private static String refusal(Path file) {
        return assertThrows(ConfigException.class, () -> read(file)).getMessage();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(out)) {
            packed.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] zstd(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new ZstdOutputStream(out)) {
            packed.write(content);
        }
        return out.toByteArray();
    }

    @Test void otherEncodingsAreConvertedWithAMarkOrWithout() throws IOException {
        for (String text : List.of(ENGLISH, ENGLISH + "\u0100\u4E00😀 é", "Hi", ENGLISH.repeat(400), CHINESE.repeat(300))) {
            for (Charset charset : List.of(UTF_16LE, UTF_16BE, UTF_32LE, UTF_32BE)) {
                TextFiles.Text marked = read(file(("\uFEFF" + text).getBytes(charset)));
                assertEquals(text, marked.content());
                assertEquals("converted from " + charset.name() + " (known by its byte order mark)",
                    marked.normalization().toString());
                TextFiles.Text bare = read(file(text.getBytes(charset)));
                assertEquals(text, bare.content(), charset.name());
                assertEquals("converted from " + charset.name() + " (known by its NUL bytes)", bare.normalization().toString());
            }
        }
    }

    @Test void utf8StaysUtf8WhateverIsInIt() throws IOException {
        for (String text : List.of("", "a", "a\0", "one\0two " + ENGLISH, "\u0001\u0002" + ENGLISH, CHINESE, "é", "😀")) {
            TextFiles.Text read = read(file(text.getBytes(UTF_8)));
            assertEquals(text, read.content());
            assertTrue(read.normalization().none());
        }
        assertTrue(refusal(file("déjà vu".getBytes(ISO_8859_1))).contains("byte 1 (line 1) is not UTF-8: found E9"));
        assertTrue(refusal(file(ENGLISH.repeat(200).getBytes(UTF_8), new byte[] {(byte) 0xFF, 0})).contains("byte 15800 (line 201)"));
    }

    /** The script Kawi came with Unicode 15, which Java 17 does not know. U+50000 is no text: its whole plane has no character. */
    @Test void aScriptThatTheRunningJavaDoesNotKnowIsText() throws IOException {
        String kawi = "\uD807\uDF02\uD807\uDF03\uD807\uDF04".repeat(20);
        assertEquals(kawi, read(file(kawi.getBytes(UTF_8))).content());
        String wide = (kawi + " a\n").repeat(20);
        assertEquals(wide, read(file(wide.getBytes(UTF_16LE))).content());
        assertTrue(refusal(file("\uD900\uDC00".repeat(20).getBytes(UTF_8))).contains("is no text"));
    }

    @Test void pointersRtfPdfAndPostScriptAreNamed() throws IOException {
        String pointer = "version https://git-lfs.github.com/spec/v1\noid "
            + "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n";
        assertEquals(dir.resolve("x") + " is no text, but a Git LFS pointer, not the file itself: fetch it with git lfs pull.",
            refusal(file(pointer.getBytes(UTF_8))));
        assertTrue(refusal(file("{\\rtf1\\ansi Hi}".getBytes(UTF_8)))
            .contains("RTF, a document with its formatting: save it as plain text"));
        assertTrue(refusal(file("%PDF-1.4\n1 0 obj\n".getBytes(UTF_8))).contains("a PDF document"));
        assertTrue(refusal(file("%!PS-Adobe-3.0\n".getBytes(UTF_8))).contains("PostScript"));
        assertEquals("The version https://git-lfs", read(file("The version https://git-lfs".getBytes(UTF_8))).content());
    }

    @Test void aFailedConversionTellsWhereItStopped() throws IOException {
        byte[] half = Arrays.copyOf(ENGLISH.getBytes(UTF_16LE), 41);
        assertTrue(refusal(file(half)).contains("near byte 40 it is not UTF-16LE, although its first bytes are."), refusal(file(half)));
        byte[] lone = (ENGLISH + "?").getBytes(UTF_32LE);
        lone[lone.length - 3] = (byte) 0xD8;
        assertTrue(refusal(file(lone)).contains("is not UTF-32LE"), "half a surrogate pair");
    }

    @Test void aConversionIsTheSameWhereverABufferEnds() throws IOException {
        String text = "a😀€é\r\n日本\0x";
        for (Charset charset : List.of(UTF_16LE, UTF_16BE, UTF_32LE, UTF_32BE)) {
            TextEncoding encoding = TextEncoding.valueOf(charset.name().replace('-', '_'));
            for (int bufferBytes = 4; bufferBytes < 20; bufferBytes++) {
                Utf8Stream stream = new Utf8Stream(Path.of("x"), new ByteArrayInputStream(text.getBytes(charset)), encoding, bufferBytes);
                assertEquals(text, new String(stream.readAllBytes(), UTF_8), charset + " " + bufferBytes);
            }
        }
    }

    @Test void compressedTextIsReadWhateverTheFileIsCalled() throws IOException {
        String text = ENGLISH.repeat(3_000);
        assertEquals(text, read(file(gzip(text.getBytes(UTF_8)))).content());
        assertEquals(text, read(file(zstd(text.getBytes(UTF_8)))).content());
        assertEquals(text + "more", read(file(gzip(text.getBytes(UTF_8)), gzip("more".getBytes(UTF_8)))).content());
        assertEquals("", read(file(gzip(new byte[0]))).content());
        assertEquals("gzip of UTF-16: " + ENGLISH, read(file(gzip(("gzip of UTF-16: " + ENGLISH).getBytes(UTF_16LE)))).content());
    }

    @Test void whatTheZstdToolWroteIsRead() throws IOException {
        String zstdAtLevel19 = "28b52ffd04681d0100d0546f6d6f72726f772c20616e642074c3a9e697a5f09f98800d0a02004fd5e4453debe6e6104f";
        assertEquals("Tomorrow, and tomorrow, and tomorrow, é日😀\n".repeat(3), read(file(HexFormat.of().parseHex(zstdAtLevel19))).content());
    }

    @Test void aFirstGzipMemberAboutAsLongAsTheInspectedHeadIsNotTakenForTheLast() throws IOException {
        byte[] first = gzip(new byte[0]);
        for (int length = 8100; length < 8192; length++) {
            byte[] name = new byte[length - first.length - 1];
            Arrays.fill(name, (byte) 'n');
            byte[] named = ByteBuffer.allocate(length).put(first, 0, 3).put((byte) 8).put(first, 4, 6).put(name).put((byte) 0)
                .put(first, 10, first.length - 10).array();   // flag 8: a file name follows the header
            assertEquals("more", read(file(named, gzip("more".getBytes(UTF_8)))).content(), "first member of " + length + " bytes");
        }
    }

    @Test void damagedCompressedContentIsNamedByItsKind() throws IOException {
        byte[] gzip = gzip(ENGLISH.getBytes(UTF_8));
        byte[] zstd = zstd(ENGLISH.getBytes(UTF_8));
        byte[] wrongChecksum = gzip.clone();
        wrongChecksum[gzip.length - 6] ^= 1;
        for (byte[] bad : List.of(Arrays.copyOf(gzip, gzip.length - 9), Arrays.copyOf(gzip, gzip.length - 1), Arrays.copyOf(gzip, 5),
            wrongChecksum, ByteBuffer.allocate(gzip.length + 3).put(gzip).array())) {
            assertTrue(refusal(file(bad)).contains("its gzip content is damaged"), refusal(file(bad)));
        }
        for (int length = 4; length < zstd.length; length++) {
            assertTrue(refusal(file(Arrays.copyOf(zstd, length))).contains("its zstd content is damaged"), "cut at " + length);
        }
    }

    @Tag("thorough")
    @Test @Timeout(120) void whatExpandsBeyondMeasureIsRefusedEarly() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(out)) {
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 'a');
            for (int i = 0; i < 40; i++) {
                packed.write(block);
            }
        }
        assertTrue(refusal(file(out.toByteArray())).contains("bytes of its gzip content expand to more than 16"));
        ByteBuffer zstd = ByteBuffer.allocate(6 + 4 * 100_000).put(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, 0x50});
        for (int i = 0; i < 100_000; i++) {   // blocks that say "128 KiB of a": 13 GB
            zstd.put(new byte[] {2, 0, 0x10, 'a'});
        }
        assertTrue(refusal(file(zstd.array())).contains("bytes of its zstd content expand to more than 16"));
    }

    @Test void otherFilesAreNamedForWhatTheyAre() throws IOException {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13};
        assertEquals(dir.resolve("x") + " is no text, but a PNG image.", refusal(file(png)));
        assertTrue(refusal(file(new byte[9000])).contains("is no text, but 8192 of the first 8192 bytes are NUL."));
        assertTrue(refusal(file(gzip(gzip(ENGLISH.getBytes(UTF_8))))).contains("gzip inside of compressed content: unpack the file once"));
        ByteBuffer ids = ByteBuffer.allocate(20_000);   // token ids of two bytes, as other tools store them
        for (int i = 0; i < 10_000; i++) {
            ids.putShort(Short.reverseBytes((short) (i % 64)));
        }
        assertTrue(refusal(file(ids.array())).contains("is no text"));
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(UTF_8), 0, tar, 257, 5);
        assertTrue(refusal(file(gzip(tar))).contains("a tar archive: unpack it (tar xf)"));
        assertEquals("PK is no archive", read(file("PK is no archive".getBytes(UTF_8))).content());
        assertFalse(TextBytes.noText(file("PAR1".getBytes(UTF_8))).isPresent());
    }
}
