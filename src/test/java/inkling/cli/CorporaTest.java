package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Six kinds of text as people have them. Each trains with a run file of three lines. If there are several files, the validation text has
 * a part of each.
 */
@Tag("training")
@Tag("process")
class CorporaTest {
    private static final String GERMAN =
        "Es war einmal ein König, der hatte eine wunderschöne Tochter. Über Nacht fiel Schnee auf die Dächer.\n";
    private static final String CHINESE = "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。\n";
    private static final List<String> SMALL = List.of("train.max_steps=2", "train.eval_batches=2", "train.batch_size=2",
        "train.sample=null",
        "model.n_layer=1", "model.n_embd=16", "model.context_length=32");

    @TempDir static Path directory;
    private static Shell shell;

    @BeforeAll static void start() throws IOException {
        shell = Shell.in(directory);
    }

    @AfterAll static void close() throws Exception {
        shell.close();
    }

    private static void write(String name, byte[] content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** Trains on {@code data} with a run file of three lines, with a tiny model; returns what the command printed to standard error. */
    private static String trained(String name, String data) throws IOException {
        shell.write(name + ".yaml", "name: %s\ndata: {train: %s}\nschedule: {learning_rate: 1.0e-3}\n".formatted(name, data));
        Shell.Result result = shell.run(Recorded.withSettings(List.of("train", name + ".yaml"), SMALL));
        assertEquals(0, result.exit(), result.err());
        assertEquals("step-000002", shell.read("checkpoints/" + name + "/last").strip());
        return result.err();
    }

    private static String validation(DataConfig.Format format, String path) {
        StringBuilder text = new StringBuilder();
        Corpus.open(List.of(directory.resolve(path).toString()), format).split(0.1).validation().pieces(text::append);
        return text.toString();
    }

    @Test void germanWithCarriageReturns() throws IOException {
        write("de.txt", GERMAN.repeat(40).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        String err = trained("de", "de.txt");
        Matcher vocabulary = Pattern.compile("vocabulary of ([0-9]+);").matcher(err);
        assertTrue(vocabulary.find(), err);
        String counted = shell.run("params", "de.yaml", "--json").out();
        assertEquals(counted, shell.run("params", "de.yaml", "--json", "--vocab-size", vocabulary.group(1)).out(),
            "what the text gives, not 1,024");
        assertTrue(err.contains("de.txt: 40 CRLF made LF"), err);
        assertTrue(err.contains("read 1 file, ") && err.contains("  de.txt, "), err);
        assertTrue(err.contains("the text gives a vocabulary of ") && err.contains("not the usual 1,024"), err);
        assertTrue(err.matches("(?s).*\\Rstep 2/2  loss [0-9.]+  val [0-9.]+ at 0  .*") && !err.contains("step 1/2  "),
            "log_interval is 10: " + err);
        assertTrue(validation(DataConfig.Format.TEXT, "de.txt").contains("wunderschöne"));
    }

    @Test void chinese() throws IOException {
        write("zh.txt", CHINESE.repeat(40).getBytes(StandardCharsets.UTF_8));
        trained("zh", "zh.txt");
        assertTrue(validation(DataConfig.Format.TEXT, "zh.txt").contains("花落知多少"));
    }

    @Test void aFolderWithAllSortsOfFiles() throws IOException {
        write("folder/a.txt", GERMAN.repeat(20).getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("The packed sentence follows the other packed sentence.\n".repeat(60).getBytes(StandardCharsets.UTF_8));
        }
        write("folder/b.txt.gz", packed.toByteArray());
        write("folder/c.txt", "\uFEFFZwei Bytes für jedes Zeichen dieser Zeile.\n".repeat(60).getBytes(StandardCharsets.UTF_16LE));
        write("folder/empty.txt", new byte[0]);
        byte[] picture = Arrays.copyOf(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0}, 400);
        write("folder/picture.jpg", picture);
        String err = trained("folder", "folder");
        assertTrue(err.contains("skipped as no text: folder/picture.jpg"), err);
        assertTrue(err.contains("converted from UTF-16LE"), err);
        assertTrue(err.contains("1 of 4 documents is empty and left out"), err);
        assertTrue(err.contains("read 4 files, ") && err.contains("  and 1 more; --verbose names them"), err);
        String all = shell.run(Recorded.withSettings(List.of("train", "folder.yaml", "--run", "verbose", "--verbose"), SMALL)).err();
        for (String file : List.of("a.txt", "b.txt.gz", "c.txt", "empty.txt")) {
            String tokens = file.equals("empty.txt") ? "0" : "[1-9][0-9,]*";
            assertTrue(all.matches("(?s).*  folder/" + file + ", [0-9,]+ bytes, " + tokens + " tokens\\R.*"), file + " in " + all);
        }
        String validation = validation(DataConfig.Format.TEXT, "folder");
        for (String words : List.of("Dächer", "packed sentence", "jedes Zeichen")) {
            assertTrue(validation.contains(words), words + " is not in: " + validation);
        }
    }

    @Test void jsonLinesWithAByteOrderMarkAndBlankLines() throws IOException {
        String lines = "\uFEFF" + IntStream.range(0, 60)
            .mapToObj(i -> "{\"text\": \"Record %d tells of weather, harvests and the price of bread.\"}\n\n".formatted(i))
            .collect(Collectors.joining());
        write("lines.jsonl", lines.getBytes(StandardCharsets.UTF_8));
        trained("lines", "lines.jsonl, format: jsonl_text");
        assertTrue(validation(DataConfig.Format.JSONL_TEXT, "lines.jsonl").contains("Record 59 tells"));
    }

    @Test void threeHundredKilobytesGiveTheUsualVocabulary() throws IOException {
        byte[] text = Arrays.copyOf(Fixtures.dickens().getBytes(StandardCharsets.US_ASCII), 300_000);
        write("large.txt", text);
        String err = trained("large", "large.txt");
        assertTrue(err.contains("vocabulary of 1,024"), err);
        assertTrue(err.contains("read 1 file, 300,000 bytes"), err);
        String lines = new String(text, StandardCharsets.US_ASCII).replace("\r\n", "\n");
        assertEquals(lines.substring((int) (0.9 * lines.length())), validation(DataConfig.Format.TEXT, "large.txt"), "its last tenth");
    }

    @Test void twoLanguagesInTwoFiles() throws IOException {
        write("both/de.txt", GERMAN.repeat(40).getBytes(StandardCharsets.UTF_8));
        write("both/zh.txt", CHINESE.repeat(40).getBytes(StandardCharsets.UTF_8));
        trained("both", "\"both/**/*.txt\"");
        String validation = validation(DataConfig.Format.TEXT, "both/**/*.txt");
        assertTrue(validation.contains("Schnee") && validation.contains("明月"), validation);
    }
}
