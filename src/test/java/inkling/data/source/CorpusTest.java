package inkling.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.data.source.DataConfig.Format;
import inkling.errors.InklingException;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusTest extends WrittenCorpora {
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
    void aByteOrderMarkAndCrlfAreChangedWithARemark() {
        String path = file("x.txt", "\uFEFFone\r\ntwo\r\nthree\r");
        Corpus corpus = text(path);
        assertEquals("one\ntwo\nthree\r", ids(corpus.whole()));
        assertEquals(List.of(path + ": byte order mark dropped, 2 CRLF made LF"), corpus.remarks());
        String lines = file("x.jsonl", "\uFEFF{\"text\":\"one\\r\\ntwo\"}\r\n");
        assertEquals("one\ntwo", ids(jsonLines(lines).whole()));
        assertEquals(List.of(lines + ": byte order mark dropped, 1 CRLF made LF"), jsonLines(lines).remarks());
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

    /** Cuts a text as long as tiny Shakespeare, and tiny Shakespeare itself if the file is there. */
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
    void theTailOfEveryFileIsForValidation() {
        file("d/1.txt", "0123456789");
        file("d/2.txt", "a");
        file("d/3.txt", "ABCDEFGHIJKLMNOPQRST");
        Corpus.Split parts = text(directory.resolve("d").toString()).split(0.1);
        assertEquals("012345678<|endoftext|>ABCDEFGHIJKLMNOPQR", ids(parts.training()));
        assertEquals("9<|endoftext|>a<|endoftext|>ST", ids(parts.validation()), "the last tenth of one character is that character");
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
    void longFilesAreEachCutByTheirOwnLength() {
        String ones = "1".repeat(150_000), twos = "2".repeat(90_000);   // several pieces each
        file("1.txt", ones);
        file("2.txt", twos);
        Corpus.Split parts = text(directory.toString()).split(0.5);
        assertEquals(ones.substring(75_000) + "<|endoftext|>" + twos.substring(45_000), ids(parts.training()));
        assertEquals(ones.substring(75_000) + "<|endoftext|>" + twos.substring(45_000), ids(parts.validation()));
    }

    @Test
    void aRunOfVersion01IsCutOnceAndReadsEveryFileAsUtf8() {
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
        assertEquals("01234<|endoftext|>abcde", ids(text(folder).whole()), "a new run leaves 0.bin out");
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
    void positionsThatDoNotFitIntoAnIntAreNotTakenForSmallOnes() {
        Corpus corpus = text(file("x.txt", "abc"));
        long far = 1L << 32;
        assertEquals(0, new TextPart(corpus, List.of(new Cut.Range(far, far + 2)), "far").tokens(BYTES, SpecialIds.of(BYTES)).count());
    }

    @Test
    void theHashIsTheFilesOwnAndNoticesEveryChange() {
        String a = file("a.txt", "one"), b = file("b.txt", "two");
        assertEquals(Sha256.of("one"), text(a).sha256());
        assertEquals(Sha256.of(Sha256.of("one") + "\n" + Sha256.of("two") + "\n"), text(a, b).sha256());
        assertNotEquals(text(a, b).sha256(), text(b, a).sha256());
        text(a).requireSha256(Sha256.of("one"));
        String message = userFault(() -> text(a).requireSha256(Sha256.of("two")));
        assertTrue(message.contains("a.txt changed since the run began (sha256 was 3fc4ccfe7458…, now is 7692c3ad3540…)"), message);
    }

    @Test
    void aChangeAfterOpeningIsNoticed() throws IOException {
        String path = file("a.txt", "one two");
        Corpus corpus = text(path);
        corpus.requireUnchanged();
        Files.setLastModifiedTime(Path.of(path), FileTime.fromMillis(12_345_000));
        assertTrue(userFault(corpus::requireUnchanged).contains("a.txt changed since it was first read (7 bytes"));
        assertTrue(userFault(() -> corpus.whole().tokens(BYTES, SpecialIds.of(BYTES))).contains("Start again"));
    }

    @Test
    void nothingToLearnFromIsSaid() {
        assertTrue(userFault(() -> text(file("e.txt", ""))).contains("e.txt is empty: 0 tokens"));
        assertTrue(userFault(() -> text(file("w.txt", " \n\t\u3000\u00A0\n"))).contains("holds 6 characters of white space"));
        assertTrue(userFault(() -> jsonLines(file("e.jsonl", ""))).contains("e.jsonl is empty: 0 tokens"));
        assertThrows(InklingException.class, () -> Corpus.open(List.of(), Format.TEXT));
        assertEquals(1, text(file("1.txt", "x")).whole().tokens(BYTES, SpecialIds.of(BYTES)).count());
    }

    @Test
    void conversationsAreNotText() {
        assertThrows(IllegalArgumentException.class, () -> Corpus.open(List.of("x"), Format.MESSAGES));
    }
}
