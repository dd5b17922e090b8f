package inkling.tokenizer.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.tokenizer.bpe.BpeModel;
import inkling.tokenizer.split.Gpt2Split;
import inkling.tokenizer.split.PreTokenizer;
import inkling.tokenizer.split.RegexSplit;
import inkling.tokenizer.split.SplitBehavior;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The ways to split text that llama.cpp and Inkling both know, with their names in {@code tokenizer.ggml.pre}. A way may
 * have several names: all are read, the first is written. llama.cpp knows further ways ({@code llama-vocab.cpp}).
 */
enum GgufSplit {
    GPT_2(Rule.GPT_2, false, false, "gpt-2", "phi-2", "olmo", "mpt", "jais"),
    DIGITS(Rule.DIGITS, false, false, "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"),
    QWEN_2(Rule.QWEN_2, false, true, "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "hunyuan"),
    LLAMA_3(Rule.LLAMA_3, true, false, "llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "smollm3"),
    DBRX(Rule.LLAMA_3, false, false, "dbrx", "smaug-bpe");

    private enum Rule { GPT_2, DIGITS, QWEN_2, LLAMA_3 }

    private static final String LLAMA_3_PATTERN = RegexSplit.QWEN_2.replace("\\p{N}|", "\\p{N}{1,3}|");

    private final Rule rule;
    private final boolean wholePieces;
    private final boolean composed;
    private final List<String> words;

    /**
     * @param wholePieces whether a piece that is itself a token becomes that token, without merges
     * @param composed whether models that split in this way normalize text to NFC first, which llama.cpp does not do
     */
    GgufSplit(Rule rule, boolean wholePieces, boolean composed, String... words) {
        this.rule = rule;
        this.wholePieces = wholePieces;
        this.composed = composed;
        this.words = List.of(words);
    }

    /** The name that Inkling writes. */
    String word() {
        return words.get(0);
    }

    /** Whether llama.cpp puts the beginning id before a text if no key says whether to do so. */
    boolean usuallyBegins() {
        return this == LLAMA_3;
    }

    boolean wholePieces() {
        return wholePieces;
    }

    static Optional<GgufSplit> named(String word) {
        return Arrays.stream(values()).filter(split -> split.words.contains(word)).findFirst();
    }

    /**
     * The way in which a model splits if its file names none, or only {@code default}. Older converters of llama.cpp named none. For such a
     * file, llama.cpp splits in a way with which no model was trained. The architecture tells the right way if all its models split alike.
     * Otherwise the result is empty.
     *
     * @param architecture the value of {@code general.architecture}
     */
    static Optional<GgufSplit> unnamed(String architecture) {
        return Set.of("gpt2", "gptneox").contains(architecture) ? Optional.of(GPT_2) : Optional.empty();
    }

    static List<String> allWords() {
        return Arrays.stream(values()).flatMap(split -> split.words.stream()).sorted().toList();
    }

    /** The way in which {@code model} splits; empty if it is none of these. */
    static Optional<GgufSplit> of(BpeModel model) {
        return rule(model.split()).flatMap(rule -> Arrays.stream(values())
            .filter(split -> split.rule == rule && split.wholePieces == model.symbols().wholePieces()).findFirst());
    }

    private static Optional<Rule> rule(PreTokenizer split) {
        if (split instanceof Gpt2Split) {
            return Optional.of(Rule.GPT_2);
        }
        List<PreTokenizer> digits = List.of(new PreTokenizer.Digits(true), Gpt2Split.INSTANCE);
        if (split instanceof PreTokenizer.Stages stages && stages.stages().equals(digits)) {
            return Optional.of(Rule.DIGITS);
        }
        if (split instanceof RegexSplit regex && !regex.literal() && !regex.invert() && regex.behavior() == SplitBehavior.ISOLATED) {
            return regex.written().equals(RegexSplit.QWEN_2) ? Optional.of(Rule.QWEN_2)
                : regex.written().equals(LLAMA_3_PATTERN) ? Optional.of(Rule.LLAMA_3) : Optional.empty();
        }
        return Optional.empty();
    }

    /** Puts {@code normalizer} and {@code pre_tokenizer} into a tokenizer.json. */
    void write(ObjectNode root) {
        if (composed) {
            root.putObject("normalizer").put("type", "NFC");
        } else {
            root.putNull("normalizer");
        }
        if (rule == Rule.GPT_2) {
            root.set("pre_tokenizer", byteLevel(true));
            return;
        }
        ArrayNode stages = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        if (rule == Rule.DIGITS) {
            stages.addObject().put("type", "Digits").put("individual_digits", true);
            stages.add(byteLevel(true));
            return;
        }
        ObjectNode split = stages.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", rule == Rule.QWEN_2 ? RegexSplit.QWEN_2 : LLAMA_3_PATTERN);
        split.put("behavior", "Isolated").put("invert", false);
        stages.add(byteLevel(false));
    }

    private static ObjectNode byteLevel(boolean regex) {
        return JsonNodeFactory.instance.objectNode().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true)
            .put("use_regex", regex);
    }
}
