package inkling.tokenizer.huggingface;

import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.Metaspace;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.RegexSplit;
import inkling.tokenizer.split.SplitBehavior;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the {@code pre_tokenizer} of tokenizer.json: a Split, Digits, Metaspace or ByteLevel, or a Sequence of these. ByteLevel can only be
 * the last of a Sequence.
 */
final class PreTokenizerJson {
    private static final int MOST_STAGES = 16;   // stages call each other, so their number bounds the call depth
    private static final String BYTE_LEVEL = "ByteLevel";

    private PreTokenizerJson() {}

    /** Whether the symbols of a piece are bytes: the pre-tokenizer is ByteLevel or ends with it. */
    static boolean isByteLevel(JsonFields json) {
        List<JsonFields> parts = parts(json);
        return !parts.isEmpty() && parts.get(parts.size() - 1).requireString("type").equals(BYTE_LEVEL);
    }

    /** @throws ModelFormatException if a kind or option is not supported */
    static PreTokenizer read(JsonFields json) {
        List<JsonFields> parts = parts(json);
        List<PreTokenizer> stages = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            JsonFields part = parts.get(i);
            if (!part.requireString("type").equals(BYTE_LEVEL)) {
                stages.add(stage(part));
            } else if (i == parts.size() - 1) {
                stages.addAll(byteLevel(part));
            } else {
                throw part.fault("type", "is not supported here: ByteLevel must be the last pre-tokenizer.");
            }
        }
        return stages.isEmpty() ? new PreTokenizer.Whole() : PreTokenizer.Stages.of(stages);
    }

    /** The objects of {@code field}, the list of a Sequence. */
    static List<JsonFields> stages(JsonFields json, String field) {
        List<JsonFields> stages = json.requireObjects(field);
        if (stages.size() > MOST_STAGES) {
            throw json.fault(field, "has %d entries; at most %d are read.".formatted(stages.size(), MOST_STAGES));
        }
        return stages;
    }

    private static List<JsonFields> parts(JsonFields json) {
        if (!json.requireString("type").equals("Sequence")) {
            return List.of(json);
        }
        json.rejectUnknown(Set.of("type", "pretokenizers"));
        return stages(json, "pretokenizers");
    }

    private static List<PreTokenizer> byteLevel(JsonFields json) {
        json.rejectUnknown(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
        List<PreTokenizer> stages = new ArrayList<>();
        if (json.optionalBoolean("add_prefix_space").orElse(true)) {
            stages.add(new PreTokenizer.PrefixSpace());
        }
        if (json.optionalBoolean("use_regex").orElse(true)) {
            stages.add(Gpt2Split.INSTANCE);
        }
        return stages;
    }

    private static PreTokenizer stage(JsonFields json) {
        return switch (json.requireString("type")) {
            case "Digits" -> {
                json.rejectUnknown(Set.of("type", "individual_digits"));
                yield new PreTokenizer.Digits(json.optionalBoolean("individual_digits").orElse(false));
            }
            case "Split" -> split(json);
            case "Metaspace" -> metaspace(json);
            default -> throw json.fault("type", "is not supported; ByteLevel, Split, Digits, Metaspace and Sequences of these are.");
        };
    }

    /**
     * Reads a Metaspace. Older files also have {@code add_prefix_space} and {@code str_rep}, which say the same as {@code prepend_scheme}
     * and {@code replacement}.
     */
    static Metaspace metaspace(JsonFields json) {
        json.rejectUnknown(Set.of("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"));
        Metaspace.Scheme scheme = switch (json.optionalString("prepend_scheme").orElse("always")) {
            case "always" -> Metaspace.Scheme.ALWAYS;
            case "first" -> Metaspace.Scheme.FIRST;
            case "never" -> Metaspace.Scheme.NEVER;
            default -> throw json.fault("prepend_scheme", "is not supported; always, first and never are.");
        };
        if (!json.optionalBoolean("add_prefix_space").orElse(true) && scheme != Metaspace.Scheme.NEVER) {
            throw json.fault("add_prefix_space", "contradicts prepend_scheme (%s).".formatted(json.optionalString("prepend_scheme")
                .orElse("always, where none is named")));
        }
        return new Metaspace(character(json, "replacement"), scheme, json.optionalBoolean("split").orElse(true));
    }

    static String character(JsonFields json, String field) {
        String text = json.requireString(field);
        if (text.isEmpty() || text.codePointCount(0, text.length()) != 1) {
            throw json.fault(field, "must be one character.");
        }
        return text;
    }

    private static PreTokenizer split(JsonFields json) {
        json.rejectUnknown(Set.of("type", "pattern", "behavior", "invert"));
        SplitBehavior behavior = switch (json.requireString("behavior")) {
            case "Isolated" -> SplitBehavior.ISOLATED;
            case "Removed" -> SplitBehavior.REMOVED;
            case "Contiguous" -> SplitBehavior.CONTIGUOUS;
            case "MergedWithPrevious" -> SplitBehavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> SplitBehavior.MERGED_WITH_NEXT;
            default -> throw json.fault("behavior",
                "is not known; Isolated, Removed, Contiguous, MergedWithPrevious and MergedWithNext are.");
        };
        return pattern(json.requireObject("pattern")).with(behavior, json.optionalBoolean("invert").orElse(false));
    }

    private static RegexSplit pattern(JsonFields pattern) {
        pattern.rejectUnknown(Set.of("String", "Regex"));
        Optional<String> text = pattern.optionalString("String");
        if (text.isPresent()) {
            return RegexSplit.literal(NormalizerJson.notEmpty(pattern, "String"));
        }
        try {
            return RegexSplit.of(pattern.requireString("Regex"));
        } catch (PatternSyntaxException e) {
            throw pattern.fault("Regex", "is not supported: " + e.getDescription() + ".");
        }
    }
}
