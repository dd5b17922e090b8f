package inkling.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.data.Tokens;
import inkling.data.source.DataConfig.Format;
import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Corpora that a test writes, in a folder of its own. */
abstract class WrittenCorpora {
    static final ByteTokenizer BYTES = new ByteTokenizer();

    @TempDir
    Path directory;

    String file(String name, String text) {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    String file(String name, byte[] bytes) {
        try {
            Path path = directory.resolve(name);
            Files.createDirectories(path.getParent());
            return Files.write(path, bytes).toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Corpus text(String... paths) {
        return Corpus.open(List.of(paths), Format.TEXT);
    }

    static Corpus jsonLines(String path) {
        return Corpus.open(List.of(path), Format.JSONL_TEXT);
    }

    /** The text of the ids of a part, with the marks between documents. */
    static String ids(TextPart part) {
        Tokens tokens = part.tokens(BYTES, SpecialIds.of(BYTES));
        return BYTES.decode(IntStream.range(0, (int) tokens.count()).map(tokens::at).toArray());
    }

    static String userFault(Runnable work) {
        ConfigException e = assertThrows(ConfigException.class, work::run);
        assertEquals(ExitCode.USER_CAN_FIX, e.exitCode());
        return e.getMessage();
    }
}
