package inkling.tasks;

import inkling.errors.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A task with known answers, which measures a model.
 *
 * @param name the name of a published task, or the name that users give to a task of their own
 * @param file the file with the items
 * @param labels a file with one label a line, if the labels are not in {@code file}
 */
public record Task(String name, Form form, Path file, Optional<Path> labels) implements TaskFile {
    /** The form of a task's file, which also decides how an item becomes a context and endings. */
    public enum Form {
        /** {@code hellaswag_val.jsonl}: which of four sentences continues a text (Zellers et al. 2019, arXiv:1905.07830). */
        HELLASWAG,
        /** {@code lambada_test.jsonl}, or a passage a line: which word is the last (Paperno et al. 2016, arXiv:1606.06031). */
        LAMBADA,
        /** {@code ARC-Easy-Test.jsonl}, {@code ARC-Challenge-Test.jsonl}: school questions (Clark et al. 2018, arXiv:1803.05457). */
        ARC,
        /** {@code valid.jsonl} and {@code valid-labels.lst}: which of two ways reaches a goal (Bisk et al. 2019, arXiv:1911.11641). */
        PIQA,
        /** A user's own task, with the keys {@code context}, {@code endings} and {@code label}. */
        OWN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final List<String> PUBLISHED = Arrays.stream(Form.values()).filter(form -> form != Form.OWN).map(Form::word).toList();

    /**
     * Reads {@code NAME=FILE} or {@code NAME=FILE,LABELS}. Any name other than those of the published tasks is a task of the user's own.
     *
     * @throws ConfigException if {@code text} has neither form, a file does not exist, or another task than piqa has a file of labels
     */
    public static Task parse(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? "" : text.substring(0, equals);
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")) {
            throw new ConfigException(("--tasks %s: expected NAME=FILE, where NAME is %s, or, for a task of your own, another "
                + "name of letters,"
                + " digits, . _ -.").formatted(text, String.join(", ", PUBLISHED)));
        }
        Form form = PUBLISHED.contains(name) ? Form.valueOf(name.toUpperCase(Locale.ROOT)) : Form.OWN;
        String path = text.substring(equals + 1);
        int comma = path.lastIndexOf(',');
        if (comma < 0 || Files.exists(Path.of(path))) {
            return new Task(name, form, existing(text, path), Optional.empty());
        }
        if (form != Form.PIQA) {
            throw new ConfigException("--tasks %s: only piqa has a second file, of labels.".formatted(text));
        }
        return new Task(name, form, existing(text, path.substring(0, comma)), Optional.of(existing(text, path.substring(comma + 1))));
    }

    private static Path existing(String text, String path) {
        if (path.isBlank() || !Files.exists(Path.of(path))) {
            String what = path.isBlank() ? "a file is missing after =" : path + " does not exist";
            throw new ConfigException("--tasks %s: %s.".formatted(text, what));
        }
        return Path.of(path);
    }
}
