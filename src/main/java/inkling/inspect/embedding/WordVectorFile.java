package inkling.inspect.embedding;

import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads word vectors from a text file. In GloVe's format, each line has a word and its d numbers, separated by spaces or tabs. The format
 * of word2vec and fastText has a line {@code n d} before these lines, for n words. Sources: Pennington et al. 2014,
 * nlp.stanford.edu/projects/glove; word2vec's {@code -binary 0}.
 *
 * <p>The file must be UTF-8, with the same number of finite numbers on every line and no word twice. A word may hold spaces, as some of
 * GloVe's do, if no part of it after the first looks like a number. A byte order mark is dropped, and CRLF counts as a line end.
 */
public final class WordVectorFile {
    static final int MOST_LINE_BYTES = 1 << 20;
    private static final long ROW_BYTES = 200;                  // a row's word, index entry and array headers, without its numbers

    private final Path file;
    private final long memoryBytes;
    private final List<String> words = new ArrayList<>();
    private final List<float[]> vectors = new ArrayList<>();
    private final Map<String, Integer> lineOf = new HashMap<>();
    private int line;
    private int dimensions;
    private long announcedRows = -1;

    private WordVectorFile(Path file, long memoryBytes) {
        this.file = file;
        this.memoryBytes = memoryBytes;
    }

    /**
     * Reads all words of {@code file}, in the file's order.
     *
     * @throws ConfigException if the file is missing, its format is broken, or its vectors need more than half of the heap
     * @throws StorageException if the file cannot be read
     */
    public static EmbeddingSpace read(Path file) {
        return read(file, Runtime.getRuntime().maxMemory() / 2);
    }

    static EmbeddingSpace read(Path file, long memoryBytes) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(Files.exists(file)
                ? file + " is not a regular file: expected a text file of word vectors."
                : file + " does not exist: expected a text file of word vectors, such as GloVe's.");
        }
        return new WordVectorFile(file, memoryBytes).readAll();
    }

    private EmbeddingSpace readAll() {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int next = in.read();
            while (next >= 0) {
                bytes.reset();
                for (; next >= 0 && next != '\n'; next = in.read()) {
                    if (bytes.size() == MOST_LINE_BYTES) {
                        line++;
                        throw broken("is longer than %d bytes: this is no text file of word vectors.".formatted(MOST_LINE_BYTES));
                    }
                    bytes.write(next);
                }
                line++;
                accept(decode(bytes.toByteArray()));
                next = next < 0 ? next : in.read();
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        if (words.isEmpty()) {
            throw new ConfigException(file + " holds no word vectors. Expected lines of a word and its numbers, separated by spaces.");
        }
        if (announcedRows >= 0 && announcedRows != words.size()) {
            throw new ConfigException(("%s: line 1 announces %d words, the file holds %d. Is it cut short?"
                + " Fetch it again, or remove line 1.").formatted(file, announcedRows, words.size()));
        }
        return new EmbeddingSpace(words, vectors.toArray(float[][]::new));
    }

    private String decode(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            String noMark = line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            return noMark.endsWith("\r") ? noMark.substring(0, noMark.length() - 1) : noMark;
        } catch (CharacterCodingException e) {
            throw broken("is not UTF-8. Convert the file, e.g. with iconv -t UTF-8.");
        }
    }

    private void accept(String text) {
        String[] fields = text.stripTrailing().split("[ \t]+", -1);           // not at a no-break space: a word may start with it
        if (line == 1 && fields.length == 2 && isCount(fields[0]) && isCount(fields[1])) {
            announcedRows = Long.parseLong(fields[0]);
            dimensions = Integer.parseInt(fields[1]);
            if (dimensions < 2) {
                throw broken("announces vectors of %d numbers: expected at least 2.".formatted(dimensions));
            }
            return;
        }
        if (dimensions == 0) {
            dimensions = fields.length - firstNumber(fields);
            if (dimensions < 2) {
                throw broken("has %d numbers after a word: expected at least 2, e.g. \"king 0.12 -0.98 …\".".formatted(dimensions));
            }
        }
        int start = fields.length - dimensions;
        if (start < 1 || firstNumber(fields) < start || fields[0].isEmpty()) {
            throw broken("has %d numbers, expected a word and %d numbers.".formatted(fields.length - firstNumber(fields), dimensions));
        }
        String word = String.join(" ", List.of(fields).subList(0, start));
        Integer before = lineOf.putIfAbsent(word, line);
        if (before != null) {
            throw broken("gives \"%s\" a second vector; the first is on line %d. Remove one of them.".formatted(word, before));
        }
        requireRoom();
        words.add(word);
        vectors.add(vector(fields, start));
    }

    private void requireRoom() {
        if ((words.size() + 1) * (4L * dimensions + ROW_BYTES) > memoryBytes) {
            throw broken(("no longer fits: the word vectors may take %d MiB, half of Java's heap, at %d numbers a word. Give Java more"
                + " memory (-Xmx), or keep the first lines: head -n %d%s.").formatted(memoryBytes >> 20, dimensions, line - 1,
                announcedRows >= 0 ? ", and remove line 1" : ""));
        }
    }

    private float[] vector(String[] fields, int start) {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            String field = fields[start + i];
            vector[i] = isNumber(field) ? Float.parseFloat(field) : Float.NaN;
            if (!Float.isFinite(vector[i])) {
                throw broken("has %s as number %d of \"%s\": expected a finite decimal number.".formatted(field, i + 1, fields[0]));
            }
        }
        return vector;
    }

    /** The index of the first field, from index 1 on, that looks like a number; {@code fields.length} if none does. */
    private static int firstNumber(String[] fields) {
        for (int i = 1; i < fields.length; i++) {
            if (isNumber(fields[i])) {
                return i;
            }
        }
        return fields.length;
    }

    private static boolean isCount(String field) {
        return field.length() <= 9 && !field.isEmpty() && field.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Whether a field is a plain decimal number, e.g. {@code -1.5e-3}. Float.parseFloat would also read 1f, 0x1p3 and NaN. */
    private static boolean isNumber(String field) {
        int from = afterSign(field, 0);
        int whole = afterDigits(field, from);
        int mantissa = whole < field.length() && field.charAt(whole) == '.' ? afterDigits(field, whole + 1) : whole;
        if (mantissa == from || mantissa == from + 1 && whole == from) {
            return false;                                       // no digit, or a point alone
        }
        if (mantissa == field.length()) {
            return true;
        }
        int exponent = afterSign(field, mantissa + 1);
        return (field.charAt(mantissa) | 0x20) == 'e' && exponent < field.length() && afterDigits(field, exponent) == field.length();
    }

    private static int afterSign(String field, int at) {
        return at < field.length() && (field.charAt(at) == '-' || field.charAt(at) == '+') ? at + 1 : at;
    }

    private static int afterDigits(String field, int from) {
        int at = from;
        while (at < field.length() && field.charAt(at) >= '0' && field.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private ConfigException broken(String what) {
        return new ConfigException("%s: line %d %s".formatted(file, line, what));
    }
}
