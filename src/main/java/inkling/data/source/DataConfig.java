package inkling.data.source;

import inkling.config.Key;
import inkling.errors.ConfigException;
import inkling.errors.Problems;
import inkling.tokenizer.TokenizerConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text that a run learns from: the part {@code data} of a run file. If {@code tokenizer} is left out, a run with
 * {@code model.init_from} uses that model's tokenizer. Another run uses the tokenizer of its directory of tokens ({@link TokenShards}), or
 * fits a BPE tokenizer to its text.
 */
public record DataConfig(
    @Key(doc = "the corpus: a file, a folder, a glob, or a list of these", elsewhere = "dataset") List<String> train,
    @Key(doc = "text; jsonl_text: records {\"text\": …}, one document each; messages: conversations, as messages, ShareGPT, Alpaca or "
        + "prompt and completion; preferences: records with a better answer (key chosen), a worse answer (key rejected) and, unless both "
        + "contain it, their prompt (key prompt). Records are JSON lines or one JSON array; files may be .gz or .zst",
        def = "text") Format format,
    @Key(doc = "validation text: a fraction, taken from the end of each file of data.train, or a path", def = "0.1") Validation val,
    @Key(doc = "turns text into ids; null, the default with model.init_from: the tokenizer of that model", def = "{type: bpe}")
    Optional<TokenizerConfig> tokenizer,
    @Key(doc = "random: windows begin at random places, which follow from the seed; sequential: windows follow one another",
        def = "random") Order order) {

    public DataConfig {
        train = List.copyOf(train);
        new Problems()
            .check(!train.isEmpty(), "train", "train = [] must name at least one file, folder or glob.")
            .check(train.stream().noneMatch(String::isBlank), "train", "train holds an empty path; name a file, folder or glob.")
            .throwIfAny();
    }

    /** What a corpus file holds. */
    public enum Format {
        TEXT, JSONL_TEXT, MESSAGES, PREFERENCES;

        /** Whether this format teaches a model to answer, as conversations and pairs of answers do. */
        public boolean teachesAnswers() {
            return this == MESSAGES || this == PREFERENCES;
        }

        /** As a run file spells it: {@code jsonl_text}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws ConfigException if no format has this name; the message lists the formats */
        public static Format of(String word) {
            return Arrays.stream(values()).filter(format -> format.word().equals(word)).findFirst()
                .orElseThrow(() -> new ConfigException("format %s is none of %s.".formatted(word,
                    Arrays.stream(values()).map(Format::word).collect(Collectors.joining(", ")))));
        }
    }

    /** How windows follow one another. */
    public enum Order { RANDOM, SEQUENTIAL }

    /** Where the validation text comes from. */
    public sealed interface Validation {
        /**
         * The end of each training file. If it has n characters or records, the first floor((1 − value)·n) are for training and the rest
         * for validation. Of pairs of answers, n counts only those that training keeps. The value is above 0 and below 1. A directory of n
         * tokens is cut once, and so are all files together in a run that version 0.1 began.
         */
        record Fraction(double value) implements Validation {
            public Fraction {
                new Problems().check(value > 0 && value < 1, "val",
                    "val = %s must be a fraction above 0 and below 1 of the training text, or a path.", value).throwIfAny();
            }
        }

        /** A separate text: a file, a folder, a glob or a directory of tokens, in the same format as the training text. */
        record Text(String path) implements Validation {
            public Text {
                new Problems().check(!path.isBlank(), "val", "val is an empty path; give a path or a fraction such as 0.1.").throwIfAny();
            }
        }
    }
}
