package inkling.tokenizer.huggingface;

import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.RegexSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/** The {@code pre_tokenizer} of tokenizer.json: ByteLevel, or a Sequence of Split and Digits that ends with ByteLevel. */
final class PreTokenizerJson {
    private static final int MOST_STAGES = 16;   // each text passes through them one within the other

    private PreTokenizerJson() {}

    /** @throws ModelFormatException naming the kind or option that is not supported */
    static PreTokenizer read(JsonFields json) {
        if (!json.requireString("type").equals("Sequence")) {
            return byteLevel(json);
        }
        json.rejectUnknown(Set.of("type", "pretokenizers"));
        List<JsonFields> stages = json.requireObjects("pretokenizers");
        if (stages.size() > MOST_STAGES) {
            throw json.fault("pretokenizers", "has %d of them; at most %d are read.".formatted(stages.size(), MOST_STAGES));
        }
        List<PreTokenizer> read = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            read.add(i == stages.size() - 1 ? byteLevel(stages.get(i)) : stage(stages.get(i)));
        }
        if (read.isEmpty()) {
            throw json.fault("pretokenizers", "is empty; the last one must be ByteLevel.");
        }
        return read.size() == 1 ? read.get(0) : new PreTokenizer.Stages(read);
    }

    private static PreTokenizer byteLevel(JsonFields json) {
        if (!json.requireString("type").equals("ByteLevel")) {
            throw json.fault("type", "is not supported here: the last pre-tokenizer must be ByteLevel.");
        }
        json.rejectUnknown(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
        if (json.optionalBoolean("add_prefix_space").orElse(true)) {
            throw json.fault("add_prefix_space", "is not supported: a blank that the text does not have would come back with it.");
        }
        return json.optionalBoolean("use_regex").orElse(true) ? Gpt2Split.INSTANCE : new PreTokenizer.Whole();
    }

    private static PreTokenizer stage(JsonFields json) {
        return switch (json.requireString("type")) {
            case "Digits" -> {
                json.rejectUnknown(Set.of("type", "individual_digits"));
                yield new PreTokenizer.Digits(json.optionalBoolean("individual_digits").orElse(false));
            }
            case "Split" -> split(json);
            default -> throw json.fault("type", "is not supported; before ByteLevel only Split and Digits are.");
        };
    }

    private static PreTokenizer split(JsonFields json) {
        if (!json.requireString("behavior").equals("Isolated")) {
            throw json.fault("behavior", "is not supported; only Isolated is.");
        }
        json.rejectUnknown(Set.of("type", "pattern", "behavior", "invert"));   // Isolated is its own inverse
        JsonFields pattern = json.requireObject("pattern");
        pattern.rejectUnknown(Set.of("String", "Regex"));
        Optional<String> text = pattern.optionalString("String");
        if (text.isPresent()) {
            return RegexSplit.literal(text.get());
        }
        try {
            return RegexSplit.of(pattern.requireString("Regex"));
        } catch (PatternSyntaxException e) {
            throw pattern.fault("Regex", "is not supported: " + e.getDescription() + ".");
        }
    }
}
