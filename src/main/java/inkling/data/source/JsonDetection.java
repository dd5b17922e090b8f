package inkling.data.source;

import inkling.data.source.DataConfig.Format;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Recognises a text that begins with a JSON record, which {@code format: text} would read as mere characters. */
final class JsonDetection {
    private static final Pattern BEGINNING = Pattern.compile("\\s*+(?:\\[\\s*+)?\\{\\s*+\"");
    private static final Pattern CONVERSATION = Pattern.compile(
        "\"(?:messages|conversations?)\"\\s*+:\\s*+\\[|\"(?:instruction|completion)\"\\s*+:\\s*+[\"\\[]");
    private static final Pattern PREFERENCES = Pattern.compile("\"(?:chosen|rejected)\"\\s*+:\\s*+[\"\\[]");
    private static final Pattern TEXT = Pattern.compile("\"text\"\\s*+:\\s*+\"");

    private JsonDetection() {}

    /**
     * The format that probably reads the JSON records with which a text begins. Empty if the text begins with no JSON record, or has none
     * of the keys by which the formats are known.
     */
    static Optional<Format> format(String beginning) {
        if (!BEGINNING.matcher(beginning).lookingAt()) {
            return Optional.empty();
        }
        return PREFERENCES.matcher(beginning).find() ? Optional.of(Format.PREFERENCES) : CONVERSATION.matcher(beginning).find()
            ? Optional.of(Format.MESSAGES)
            : TEXT.matcher(beginning).find() ? Optional.of(Format.JSONL_TEXT) : Optional.empty();
    }

    /**
     * The remark that files of JSON records are read as plain text.
     *
     * @param records at least one file; the value of each is the format that would read its records
     */
    static String remark(Map<Path, Format> records) {
        Map.Entry<Path, Format> first = records.entrySet().iterator().next();
        String more = records.size() == 1 ? "" : " and %d more".formatted(records.size() - 1);
        return ("%s%s: JSON that is read as plain text, with its braces and keys. Format %s reads the records of %1$s"
            + " (data.format in a run file, --format of new and eval).").formatted(first.getKey(), more, first.getValue().word());
    }
}
