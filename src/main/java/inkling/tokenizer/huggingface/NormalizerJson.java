package inkling.tokenizer.huggingface;

import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.split.Nfc;
import inkling.tokenizer.split.Normalizer;
import java.util.List;
import java.util.Set;

/** The {@code normalizer} of tokenizer.json: NFC, Prepend, Replace of a plain text, and a Sequence of these. */
final class NormalizerJson {
    private NormalizerJson() {}

    /** @throws ModelFormatException if a kind or option is not supported */
    static Normalizer read(JsonFields json) {
        return switch (json.requireString("type")) {
            case "NFC" -> {
                json.rejectUnknown(Set.of("type"));
                yield Nfc.INSTANCE;
            }
            case "Prepend" -> {
                json.rejectUnknown(Set.of("type", "prepend"));
                yield new Normalizer.Prepend(notEmpty(json, "prepend"));
            }
            case "Replace" -> {
                json.rejectUnknown(Set.of("type", "pattern", "content"));
                yield new Normalizer.Replace(pattern(json), json.requireString("content"));
            }
            case "Sequence" -> {
                json.rejectUnknown(Set.of("type", "normalizers"));
                List<Normalizer> steps = PreTokenizerJson.stages(json, "normalizers").stream().map(NormalizerJson::read).toList();
                yield steps.isEmpty() ? Normalizer.NONE : new Normalizer.Steps(steps);
            }
            default -> throw json.fault("type", "is not supported; NFC, Prepend, Replace and Sequences of these are.");
        };
    }

    /** The text that a Replace searches for. */
    static String pattern(JsonFields json) {
        JsonFields pattern = json.requireObject("pattern");
        if (pattern.has("Regex")) {
            throw pattern.fault("Regex", "is not supported: a Replace looks for a text (String) here.");
        }
        pattern.rejectUnknown(Set.of("String"));
        return notEmpty(pattern, "String");
    }

    static String notEmpty(JsonFields json, String field) {
        String text = json.requireString(field);
        if (text.isEmpty()) {
            throw json.fault(field, "is empty.");
        }
        return text;
    }
}
