package inkling.data.source;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.source.DataConfig.Format;
import inkling.io.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Which files a path leads to, and in which encodings and forms they are read. */
class CorpusFilesTest extends WrittenCorpora {
    /**
     * Two stars stand for any number of folders, also for none, as in shells and git. A run of version 0.1 keeps the files that 0.1 found.
     */
    @Test
    void twoStarsMatchTheTopFolderToo() {
        String top = file("tree/a.txt", "a");
        String below = file("tree/x/b.txt", "b");
        String deep = file("tree/x/y/c.txt", "c");
        file("tree/x/d.md", "d");
        String glob = directory + "/tree/**/*.txt";
        assertEquals(List.of(top, below, deep), text(glob).files().stream().map(Path::toString).toList());
        assertEquals(List.of(below, deep), Corpus.open(List.of(glob), Format.TEXT, Reading.VERSION_0_1).files().stream()
            .map(Path::toString).toList());
        assertEquals(List.of(below), text(directory + "/tree/**/x/*.txt").files().stream().map(Path::toString).toList());
    }

    @Test
    void manyRemarksOfOneKindAreCounted() {
        for (int i = 0; i < 6; i++) {
            file("f" + i, "a\r\n");
        }
        List<String> remarks = text(directory.toString()).remarks();
        assertEquals(4, remarks.size());
        assertEquals("and changes in 3 more files", remarks.get(3));
    }

    @Test
    void bytesThatAreNotUtf8AreNamedWithTheirOffset() {
        assertTrue(userFault(() -> text(file("x", new byte[] {'a', 'b', (byte) 0xC3, 0x28}))).contains("x: byte 2"));
        assertTrue(userFault(() -> text(file("x", new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80}))).contains("x: byte 1"));
        assertTrue(userFault(() -> text(file("x", new byte[] {'a', 'b', 'c', (byte) 0xF0, (byte) 0x9F}))).contains("x: byte 3"));
        byte[] line = "{\"text\":\"a\"}\n{\"text\":\"?\"}\n".getBytes(StandardCharsets.UTF_8);
        line[22] = (byte) 0xC0;
        assertTrue(userFault(() -> jsonLines(file("x.jsonl", line))).contains("x.jsonl:2: byte 9"));
    }

    @Test
    void otherEncodingsAreReadWithARemarkAndCompressedFilesWithoutOne() throws IOException {
        String wide = file("wide.txt", "one two\r\n".getBytes(StandardCharsets.UTF_16LE));
        assertEquals("one two\n", ids(text(wide).whole()));
        assertEquals(List.of(wide + ": converted from UTF-16LE (known by its NUL bytes), 1 CRLF made LF"), text(wide).remarks());
        String lines = file("wide.jsonl", "\uFEFF{\"text\":\"é日\"}\n{\"text\":\"b\"}\n".getBytes(StandardCharsets.UTF_16BE));
        assertEquals("é日<|endoftext|>b", ids(jsonLines(lines).whole()));
        assertEquals(List.of(lines + ": converted from UTF-16BE (known by its byte order mark)"),
            jsonLines(lines).remarks());
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write("{\"text\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
        }
        String gzip = file("a.jsonl.gz", packed.toByteArray());
        assertEquals("a", ids(jsonLines(gzip).whole()));
        assertEquals(List.of(), jsonLines(gzip).remarks());
        assertEquals(Sha256.of(packed.toByteArray()), jsonLines(gzip).sha256());
    }

    @Test
    void otherFilesAreRefusedWhenNamedAndSkippedInAFolder() {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13};
        String image = file("d/a.png", png);
        file("d/b.txt", "two");
        String folder = directory.resolve("d").toString();
        assertTrue(userFault(() -> text(image)).contains("a.png is no text, but a PNG image"));
        assertEquals("two", ids(text(folder).whole()));
        assertEquals(List.of(folder + ": skipped as no text: " + image + " (a PNG image)"), text(folder).remarks());
        assertEquals(Sha256.of("two"), text(folder).sha256());
        assertTrue(userFault(() -> text(folder + "/*.png")).contains("*.png holds no text, only " + image));
        for (int i = 0; i < 7; i++) {
            file("d/" + i + ".png", png);
        }
        assertTrue(text(folder).remarks().get(0).endsWith("(a PNG image) and 3 more"), text(folder).remarks().get(0));
    }

    @Test
    void onlyRegularFilesAreRead() throws Exception {
        Path self = Files.createSymbolicLink(directory.resolve("self"), directory.resolve("self"));
        assertTrue(userFault(() -> text(self.toString())).contains("link"), "a link to itself");
        assertTrue(userFault(() -> text("/dev/zero")).contains("/dev/zero is a"), "a device");
        assertTrue(userFault(() -> text(directory.resolve("none.txt").toString())).contains("none.txt does not exist"));
        Path fifo = directory.resolve("fifo/pipe");
        Files.createDirectory(fifo.getParent());
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertTrue(userFault(() -> text(fifo.getParent().toString())).contains("pipe is a FIFO"), "found in a folder");
        Files.createDirectory(directory.resolve("loop"));
        Files.createSymbolicLink(directory.resolve("loop/again"), directory.resolve("loop"));
        assertTrue(userFault(() -> text(directory.resolve("loop").toString())).contains("link to a folder that contains it"));
    }

    @Test
    void pathsThatLeadToNoFileAreNamed() throws IOException {
        Files.createDirectory(directory.resolve("empty"));
        assertTrue(userFault(() -> text(directory.resolve("empty").toString())).contains("a folder without any file"));
        assertTrue(userFault(() -> text(directory + "/*.md")).contains("*.md matches no file"));
        assertTrue(userFault(() -> text(directory + "/none/*.md")).contains("*.md matches no file"));
        assertTrue(userFault(() -> text(directory + "/{a.md")).contains("is no glob"));
        assertEquals("x", ids(text(file("a[1].txt", "x")).whole()), "a file whose name looks like a glob");
    }

    @Test void allFilesInAnotherEncodingAreNamedTogetherWithTheCommandThatConvertsThem() throws Exception {
        byte[] latin = "Über Nacht\n".getBytes(StandardCharsets.ISO_8859_1);
        file("d/a.txt", "one\n");
        String first = file("d/it's old.txt", latin);
        String second = file("d/sub/b.txt", "zwei\nfür\n".getBytes(StandardCharsets.ISO_8859_1));
        String message = userFault(() -> text(directory.resolve("d").toString()));
        says(message, "2 of 3 files are not UTF-8", first + ": byte 0 (line 1)", "found DC 62", second + ": byte 6 (line 2)", "data.train");
        String command = message.lines().filter(line -> line.strip().startsWith("for f in ")).findFirst().orElseThrow();
        assertEquals(0, new ProcessBuilder("sh", "-c", command).start().waitFor());
        assertEquals("one\n<|endoftext|>Über Nacht\n<|endoftext|>zwei\nfür\n", ids(text(directory.resolve("d").toString()).whole()));
        assertTrue(userFault(() -> text(file("alone.txt", latin))).contains("alone.txt: byte 0 (line 1) is not UTF-8"));
    }
}
