package inkling.data.source;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.data.Tokens;
import inkling.data.source.DataConfig.Format;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.InklingException;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusTest {
    private static final ByteTokenizer BYTES = new ByteTokenizer();

    @TempDir
    Path directory;

    private String file(String name, String text) {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private String file(String name, byte[] bytes) {
        try {
            Path path = directory.resolve(name);
            Files.createDirectories(path.getParent());
            return Files.write(path, bytes).toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Corpus text(String... paths) {
        return Corpus.open(List.of(paths), Format.TEXT);
    }

    private static Corpus jsonLines(String path) {
        return Corpus.open(List.of(path), Format.JSONL_TEXT);
    }

    private static String ids(TextPart part) {
        Tokens tokens = part.tokens(BYTES);
        return BYTES.decode(IntStream.range(0, (int) tokens.count()).map(tokens::at).toArray());
    }

    private static String userFault(Runnable work) {
        ConfigException e = assertThrows(ConfigException.class, work::run);
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        return e.getMessage();
    }

    /** As shells and git have it: any number of folders, none as well. A run that 0.1 began keeps its files. */
    @Test
    void twoStarsMatchTheTopFolderToo() {
        String top = file("tree/a.txt", "a");
        String below = file("tree/x/b.txt", "b");
        String deep = file("tree/x/y/c.txt", "c");
        file("tree/x/d.md", "d");
        String glob = directory + "/tree/**/*.txt";
        assertEquals(List.of(top, below, deep), text(glob).files().stream().map(Path::toString).toList());
        assertEquals(List.of(below, deep), Corpus.open(List.of(glob), Format.TEXT, Reading.VERSION_0_1).files().stream().map(Path::toString).toList());
        assertEquals(List.of(below), text(directory + "/tree/**/x/*.txt").files().stream().map(Path::toString).toList());
    }

    @Test
    void theDocumentsFollowOneAnotherWithEndOfTextBetweenThem() {
        String folder = directory.resolve("d").toString();
        file("d/b.txt", "two");
        file("d/a.txt", "one");
        file("d/sub/c.txt", "three");
        file("d/.hidden", "never");
        file("d/.git/x.txt", "never");
        assertEquals("one<|endoftext|>two<|endoftext|>three", ids(text(folder).whole()));
        assertEquals("two<|endoftext|>one", ids(text(folder + "/b.txt", folder + "/a.txt").whole()));
        assertEquals("one<|endoftext|>two", ids(text(folder + "/*.txt").whole()));
        assertEquals("one<|endoftext|>two<|endoftext|>three", ids(text(folder + "/**.txt").whole()));
        assertEquals("one<|endoftext|>three", ids(text(folder + "/{a,sub/*}.txt").whole()));
    }

    @Test
    void aTokenizerWithoutEndOfTextPutsNothingBetween() {
        file("a.txt", "one");
        file("b.txt", "two");
        StringBuilder text = new StringBuilder();
        Corpus corpus = text(directory.toString());
        ByteTokenizer endless = new ByteTokenizer.WithoutEndOfText();
        corpus.whole().encode(endless, SpecialIds.of(endless), ids -> Arrays.stream(ids).forEach(id -> text.append((char) id)));
        assertEquals("onetwo", text.toString());
    }

    @Test
    void emptyDocumentsAreLeftOutAndSaid() {
        String path = file("x.jsonl", "{\"text\":\"\"}\n{\"text\":\"a\"}\n{\"text\":\"\"}\n{\"text\":\"b\",\"meta\":{\"id\":7}}\n");
        Corpus corpus = jsonLines(path);
        assertEquals("a<|endoftext|>b", ids(corpus.whole()));
        assertEquals(2, corpus.documents());
        assertEquals(List.of(path + ": 2 of 4 documents are empty and left out"), corpus.remarks());
    }

    @Test
    void aMarkAndCrlfAreChangedAndSaid() {
        String path = file("x.txt", "\uFEFFone\r\ntwo\r\nthree\r");
        Corpus corpus = text(path);
        assertEquals("one\ntwo\nthree\r", ids(corpus.whole()));
        assertEquals(List.of(path + ": byte order mark dropped, 2 CRLF made LF"), corpus.remarks());
        String lines = file("x.jsonl", "\uFEFF{\"text\":\"one\\r\\ntwo\"}\r\n");
        assertEquals("one\ntwo", ids(jsonLines(lines).whole()));
        assertEquals(List.of(lines + ": byte order mark dropped, 1 CRLF made LF"), jsonLines(lines).remarks());
    }

    @Test
    void manyRemarksOfOneKindAreCounted() {
        for (int i = 0; i < 6; i++) {
            file("f" + i, "a\r\n");
        }
        List<String> remarks = text(directory.toString()).remarks();
        assertEquals(4, remarks.size());
        assertEquals("the same kind of change in 3 more files", remarks.get(3));
    }

    @ParameterizedTest
    @CsvSource({"0.1,1214976,1093478", "0.1,1115394,1003854", "0.1,10,9", "0.1,100,90", "0.2,5,4", "0.3,10,7", "0.9,10,1", "0.7,10,3",
        "0.1,9,8", "0.5,1,0", "1.0E-4,10000,9999", "0.1,9000000000000000000,8100000000000000000"})
    void theCutIsExact(double fraction, long n, long expected) {
        assertEquals(expected, Cut.trainingCount(fraction, n));
    }

    @Test
    void dickensIsCutWhereTheFixtureWas() {
        Corpus.Split parts = text(file("dickens.txt", "\uFEFF" + Fixtures.dickens())).split(0.1);
        assertEquals(1_093_478, parts.training().codePoints());
        assertEquals(121_498, parts.validation().codePoints());
        assertEquals(Fixtures.dickens(), ids(parts.training()) + ids(parts.validation()));
    }

    /** A text of its length, and where it is there, the text itself. */
    @Test
    void tinyShakespeareIsCutWhereNanoGptCutsIt() {
        String asLong = file("as-long.txt", "First Citizen:\n".repeat(74_360).substring(0, 1_115_394));
        Stream.concat(Stream.of(asLong), Fixtures.sharedIfThere("data/tinyshakespeare.txt").map(Path::toString)).forEach(path -> {
            Corpus.Split parts = text(path).split(0.1);
            assertEquals(1_003_854, parts.training().codePoints());
            assertEquals(111_540, parts.validation().codePoints());
        });
    }

    @Test
    void ofEveryFileTheTailValidates() {
        file("d/1.txt", "0123456789");
        file("d/2.txt", "a");
        file("d/3.txt", "ABCDEFGHIJKLMNOPQRST");
        Corpus.Split parts = text(directory.resolve("d").toString()).split(0.1);
        assertEquals("012345678<|endoftext|>ABCDEFGHIJKLMNOPQR", ids(parts.training()));
        assertEquals("9<|endoftext|>a<|endoftext|>ST", ids(parts.validation()), "of one character the last tenth is that one");
        assertEquals(27, parts.training().codePoints());
        assertEquals(4, parts.validation().codePoints());
        assertTrue(parts.validation().name().startsWith("the validation part (the last 4 characters of its files) of "),
            parts.validation().name());
        file("r/1.jsonl", "{\"text\":\"012345\"}\n{\"text\":\"6789\"}\n");
        file("r/2.jsonl", "{\"text\":\"abcd\"}\n{\"text\":\"e\"}\n");
        Corpus.Split records = Corpus.open(List.of(directory.resolve("r").toString()), Format.JSONL_TEXT).split(0.2);
        assertEquals("012345<|endoftext|>67<|endoftext|>abcd", ids(records.training()), "a file's documents are cut as one text");
        assertEquals("89<|endoftext|>e", ids(records.validation()));
    }

    @Test
    void aLongFileIsCutWhereItsOwnCharactersAre() {
        String ones = "1".repeat(150_000), twos = "2".repeat(90_000);   // several pieces each
        file("1.txt", ones);
        file("2.txt", twos);
        Corpus.Split parts = text(directory.toString()).split(0.5);
        assertEquals(ones.substring(75_000) + "<|endoftext|>" + twos.substring(45_000), ids(parts.training()));
        assertEquals(ones.substring(75_000) + "<|endoftext|>" + twos.substring(45_000), ids(parts.validation()));
    }

    @Test
    void aRunOfVersion01HasOneCutAndTextAsItReadIt() {
        file("d/1.txt", "01234");
        file("d/2.txt", "abcde");
        String folder = directory.resolve("d").toString();
        Corpus.Split parts = Corpus.open(List.of(folder), Format.TEXT, Reading.VERSION_0_1).split(0.2);
        assertEquals("01234<|endoftext|>abc", ids(parts.training()));
        assertEquals("de", ids(parts.validation()));
        String wide = file("wide.txt", "one\r\n".getBytes(StandardCharsets.UTF_16LE));
        Corpus unconverted = Corpus.open(List.of(wide), Format.TEXT, Reading.VERSION_0_1);
        assertEquals("o\0n\0e\0\r\0\n\0", ids(unconverted.whole()));
        assertEquals(List.of(), unconverted.remarks());
        file("d/0.bin", "\1\2\3\0\0\0");
        Corpus all = Corpus.open(List.of(folder), Format.TEXT, Reading.VERSION_0_1);
        assertEquals("\1\2\3\0\0\0<|endoftext|>01234<|endoftext|>abcde", ids(all.whole()));
        assertEquals(List.of(), all.remarks());
        assertEquals("01234<|endoftext|>abcde", ids(text(folder).whole()), "which a new run leaves out");
    }

    @Test
    void theCutCountsCharactersNotBytesOrUnitsAndFallsAnywhere() throws IOException {
        String first = "aé😀z", second = "ü𝄞\n\n", all = first + second;
        file("1.txt", first);
        file("2.txt", second);
        Corpus corpus = Corpus.open(List.of(directory.toString()), Format.TEXT, Reading.VERSION_0_1);
        assertEquals(8, corpus.codePoints());
        for (int cut = 0; cut <= 8; cut++) {
            int unit = all.offsetByCodePoints(0, cut);
            Corpus.Split parts = corpus.split(1 - cut / 8.0);
            String training = withMark(all.substring(0, unit), cut > 4 ? first.length() : -1);
            String validation = withMark(all.substring(unit), cut < 4 ? first.length() - unit : -1);
            assertEquals(training, ids(parts.training()), "cut " + cut);
            assertEquals(validation, ids(parts.validation()), "cut " + cut);
        }
    }

    private static String withMark(String text, int at) {
        return at < 0 ? text : text.substring(0, at) + "<|endoftext|>" + text.substring(at);
    }

    @Test
    void piecesBeyondAnIntOfCharactersAreNotTakenForEarlyOnes() {
        Corpus corpus = text(file("x.txt", "abc"));
        long far = 1L << 32;
        assertEquals(0, new TextPart(corpus, List.of(new Cut.Range(far, far + 2)), "far").tokens(BYTES).count());
    }

    @Test
    void theHashIsTheFilesOwnAndNoticesEveryChange() {
        String a = file("a.txt", "one"), b = file("b.txt", "two");
        assertEquals(Sha256.of("one"), text(a).sha256());
        assertEquals(Sha256.of(Sha256.of("one") + "\n" + Sha256.of("two") + "\n"), text(a, b).sha256());
        assertNotEquals(text(a, b).sha256(), text(b, a).sha256());
        text(a).requireSha256(Sha256.of("one"));
        String message = userFault(() -> text(a).requireSha256(Sha256.of("two")));
        assertTrue(message.contains("a.txt changed since the run began (sha256 7692c3ad3540…, then 3fc4ccfe7458…)"), message);
    }

    @Test
    void aChangeAfterOpeningIsNoticed() throws IOException {
        String path = file("a.txt", "one two");
        Corpus corpus = text(path);
        corpus.requireUnchanged();
        Files.setLastModifiedTime(Path.of(path), FileTime.fromMillis(12_345_000));
        assertTrue(userFault(corpus::requireUnchanged).contains("a.txt changed since it was first read (7 bytes"));
        assertTrue(userFault(() -> corpus.whole().tokens(BYTES)).contains("Start again"));
    }

    @Test
    void nothingToLearnFromIsSaid() {
        assertTrue(userFault(() -> text(file("e.txt", ""))).contains("e.txt is empty: 0 tokens"));
        assertTrue(userFault(() -> text(file("w.txt", " \n\t\u3000\u00A0\n"))).contains("holds 6 characters of white space"));
        assertTrue(userFault(() -> jsonLines(file("e.jsonl", ""))).contains("e.jsonl is empty: 0 tokens"));
        assertEquals(1, text(file("1.txt", "x")).whole().tokens(BYTES).count());
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
    void otherEncodingsAndCompressedFilesAreReadAndSaid() throws IOException {
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
    void anArrayOfTextsIsReadAndAnotherShapeTold() {
        assertEquals("a<|endoftext|>b", ids(jsonLines(file("x.json", "[\n  {\"text\": \"a\"},\r\n  {\"text\": \"b\"}\n]\n")).whole()));
        assertEquals(List.of(), jsonLines(file("x.json", "[{\"text\": \"a\"},\r\n{\"text\": \"b\"}]")).remarks());
        assertTrue(userFault(() -> jsonLines(file("mark.jsonl", "\uFEFF"))).contains("mark.jsonl is empty"));
        String other = userFault(() -> jsonLines(file("c.jsonl", "{\"content\":\"a\"}\n{\"content\":\"b\"}\n")));
        assertTrue(other.endsWith("c.jsonl:1: has the keys content, and no text: a document is {\"text\": …}. Conversations are read with"
            + " format: messages."), other);
        String faults = userFault(() -> jsonLines(file("f.jsonl", "{\"text\":\"a\"}\n{\"text\":1}\n{}\n")));
        assertTrue(faults.contains("f.jsonl:2: text is 1") && faults.contains("\n") && faults.contains("f.jsonl:3: text is missing"), faults);
    }

    @Test
    void recordsTakenAsTextAreSaid() {
        String talk = "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}\n";
        String path = file("talk.jsonl", talk);
        assertEquals(talk, ids(text(path).whole()));
        assertEquals(1, text(path).remarks().size());
        says(text(path).remarks().get(0), path, "JSON", "as it stands", "messages", "data.format");
        for (String records : List.of("[\n {\"instruction\": \"a\"", "{\"conversations\":[", "{\"prompt\":\"a\",\"completion\":\"b\"}")) {
            assertTrue(text(file("r", records)).remarks().get(0).contains("Format messages"), records);
        }
        assertTrue(text(file("r", "{\"id\": 1, \"text\": \"a\"}")).remarks().get(0).contains("Format jsonl_text"));
        for (String prose : List.of("{ text: 1 }", "He wrote {\"text\": \"a\"}", "{\"name\": \"x\", \"version\": 1}", "[1] \"text\": \"a\"")) {
            assertEquals(List.of(), text(file("p", prose)).remarks(), prose);
        }
    }

    @Test
    void blankLinesBetweenRecordsAreLeftOut() {
        String records = "\uFEFF\n{\"text\":\"a\"}\n\r\n \t\n{\"text\":\"b\"}\n\n";
        assertEquals("a<|endoftext|>b", ids(jsonLines(file("blank.jsonl", records)).whole()));
        String message = userFault(() -> jsonLines(file("blank.jsonl", records + "{}\n")));
        assertTrue(message.contains("blank.jsonl:7: text is missing"), message);
    }

    @Test
    void badJsonLinesAreNamedWithFileAndLine() {
        List<String> faults = new ArrayList<>();
        for (String bad : List.of("{\"text\":\"a\"", "{\"text\":1}", "{\"txt\":\"a\"}", "[\"a\"]", "{\"text\":\"a\",\"text\":\"b\"}",
            "{\"text\":\"a\"} x", "{\"text\":\"\\ud800\"}")) {
            String path = file("x.jsonl", "{\"text\":\"fine\"}\n" + bad + "\n{\"text\":\"fine\"}\n");
            String message = userFault(() -> jsonLines(path));
            assertTrue(message.startsWith(path + ":2:"), message);
            assertTrue(!message.startsWith(path + ":2:1: not"), message);
            faults.add(message.substring(path.length()));
        }
        assertTrue(faults.get(1).contains("text is 1, expected a string"), faults.get(1));
        assertTrue(faults.get(2).contains("text is missing"), faults.get(2));
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

    @Test
    void conversationsAreNotText() {
        assertThrows(IllegalArgumentException.class, () -> Corpus.open(List.of("x"), Format.MESSAGES));
        assertThrows(InklingException.class, () -> Corpus.open(List.of(), Format.TEXT));
    }
}
