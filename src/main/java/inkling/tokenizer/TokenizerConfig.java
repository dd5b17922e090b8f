package inkling.tokenizer;

import inkling.config.Key;
import inkling.config.TypeName;
import inkling.errors.Problems;
import java.nio.file.Path;
import java.util.Optional;

/** Which tokenizer a run file asks for: its {@code data.tokenizer}, chosen by {@code type}. */
@TypeName("bpe")
public sealed interface TokenizerConfig {
    /** {@code {type: char, fit: train|all}}: one id for each character. */
    @TypeName("char")
    record CharTokenizerConfig(
        @Key(doc = "the text whose characters the tokenizer knows: train, the training text; all, the validation text, too, as in nanoGPT",
            def = "train") Fit fit)
        implements TokenizerConfig {
        public static final CharTokenizerConfig DEFAULT = new CharTokenizerConfig(Fit.TRAIN);
    }

    /** {@code {type: bpe, vocab_size: 1024}}: byte-level BPE trained on the run's own training text. */
    @TypeName("bpe")
    record BpeTokenizerConfig(
        @Key(doc = "number of tokens: 256 bytes, the merges, <|endoftext|>; null: 1024, or fewer if the text is too small", def = "null")
        Optional<Integer> vocabSize) implements TokenizerConfig {
        /** The smallest vocabulary: 256 bytes and {@code <|endoftext|>}. */
        public static final int MIN_VOCAB_SIZE = 257;

        /** The size if the run file names none and the text has enough pairs for it. */
        public static final int DEFAULT_VOCAB_SIZE = 1024;

        public static final BpeTokenizerConfig DEFAULT = new BpeTokenizerConfig(Optional.empty());

        public BpeTokenizerConfig {
            int size = vocabSize.orElse(DEFAULT_VOCAB_SIZE);
            new Problems().check(size >= MIN_VOCAB_SIZE, "vocab_size",
                "vocab_size = %d must be at least %d: 256 bytes and <|endoftext|>; each further token is a merge.", size, MIN_VOCAB_SIZE)
                .throwIfAny();
        }
    }

    /** {@code {type: gpt2}}: GPT-2's own 50,257 tokens. */
    @TypeName("gpt2")
    record Gpt2TokenizerConfig() implements TokenizerConfig {}

    /** {@code {type: huggingface, path: …}}: a tokenizer.json or GGUF file, or a directory with Hugging Face's tokenizer files. */
    @TypeName("huggingface")
    record HuggingFaceTokenizerConfig(
        @Key(doc = "a tokenizer.json or GGUF file, or a directory with tokenizer.json, or with vocab.json and merges.txt") Path path)
        implements TokenizerConfig {}

    /** The text whose characters a char tokenizer knows: only the training part, or the whole text as in nanoGPT. */
    enum Fit { TRAIN, ALL }
}
