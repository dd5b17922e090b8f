package inkling.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.Fixtures;
import inkling.TinyRun;
import inkling.data.TokenFile;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A resumed run keeps its tokens, or the user is told that another Unicode version may change them. */
@Tag("process")
class RecordedUnicodeTest {
    private static final int VOCABULARY = 300;
    private static final String TOLD = "now Unicode 16.0.0 decides. ";

    @TempDir
    Path directory;

    @Test
    void aRunOfVersion01KeepsItsTokensAsLongAsTheyAreThere() throws Exception {
        String text = Fixtures.macbeth().substring(0, 6_000) + " a\uD884\uDF50 ";
        Files.writeString(directory.resolve("corpus.txt"), text);
        try (Shell shell = Shell.in(directory)) {
            shell.write("letters.yaml", TinyRun.CONFIG.replace("name: tiny", "name: letters")
                .replace("{type: char, fit: all}", "{type: bpe, vocab_size: %d}".formatted(VOCABULARY)));
            Shell.Result begun = shell.run("train", "letters.yaml");
            assertEquals(0, begun.exit(), begun.err());
            String record = shell.read("checkpoints/letters/run.json");
            assertTrue(record.contains("\"unicode\" : \"16.0.0\""), record);
            Set<String> named = tokenFiles();
            assertEquals(2, named.size());
            resumed(shell, 9, false);
            assertEquals(named, tokenFiles(), "the same Unicode version, so the same token files");

            String of01 = record.replace("\"format_version\" : 2", "\"format_version\" : 1").replaceFirst(" *\"unicode\".*\n", "");
            shell.write("checkpoints/letters/run.json", of01);
            String err = resumed(shell, 10, true);
            assertTrue(err.contains("text around U+31350 may be split into other tokens"), err);
            assertEquals(named, tokenFiles(), "the token files of the present Unicode version are used");
            assertTrue(shell.read("checkpoints/letters/run.json").contains("\"format_version\" : 1"), "the run stays one of version 0.1");

            int n = text.codePointCount(0, text.length());
            writeTokensOf01(of01, 0, n * 9L / 10);
            writeTokensOf01(of01, n * 9L / 10, n);
            resumed(shell, 11, false);

            shell.write("checkpoints/letters/run.json", record.replace("16.0.0", "17.0.0"));
            assertTrue(resumed(shell, 12, true).contains("when the run began, Unicode 17.0.0 decided"));
        }
    }

    private static String resumed(Shell shell, int steps, boolean told) {
        Shell.Result result = shell.run("train", "--resume", "letters", "--set", "train.max_steps=" + steps);
        assertEquals(0, result.exit(), result.err());
        assertEquals(told, result.err().contains(TOLD), result.err());
        return result.err();
    }

    /** Writes 500 zeros in place of the tokens of these characters, under the name that version 0.1 gave to their token file. */
    private void writeTokensOf01(String record, long from, long to) {
        String key = Sha256.of("corpus %s TEXT\ncharacters %d %d\ntokenizer %s %d\n".formatted(field(record, "data_sha256"), from, to,
            field(record, "tokenizer_sha256"), VOCABULARY));
        TokenFile.write(DurableFiles.SYSTEM, directory.resolve("checkpoints/.tokens").resolve(key.substring(0, 16) + ".tokens"), key,
            VOCABULARY, sink -> sink.accept(new int[500]));
    }

    private static String field(String record, String name) {
        return record.replaceFirst("(?s).*\"" + name + "\" : \"([0-9a-f]+)\".*", "$1");
    }

    private Set<String> tokenFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("checkpoints/.tokens"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
