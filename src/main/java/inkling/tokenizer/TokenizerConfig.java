package inkling.tokenizer;

import inkling.io.Problems;
import java.nio.file.Path;

/** Which tokenizer a run uses: {@code data.tokenizer} of the run file, chosen by its {@code type}. */
public sealed interface TokenizerConfig {
    /** {@code {type: char, fit: train|all}}: one id for each character. */
    record CharTokenizerConfig(Fit fit) implements TokenizerConfig {
        public static final CharTokenizerConfig DEFAULT = new CharTokenizerConfig(Fit.TRAIN);
    }

    /** {@code {type: bpe, vocab_size: 1024}}: byte-level BPE trained on the run's own training text. */
    record BpeTokenizerConfig(int vocabSize) implements TokenizerConfig {
        public static final BpeTokenizerConfig DEFAULT = new BpeTokenizerConfig(1024);

        public BpeTokenizerConfig {
            new Problems().check(vocabSize >= BpeTrainer.MIN_VOCAB_SIZE, "vocab_size",
                "vocab_size = %d must be at least %d: 256 bytes and <|endoftext|>; each one more is a merge.",
                vocabSize, BpeTrainer.MIN_VOCAB_SIZE).throwIfAny();
        }
    }

    /** {@code {type: gpt2}}: GPT-2's own 50,257 tokens. */
    record Gpt2TokenizerConfig() implements TokenizerConfig {}

    /** {@code {type: huggingface, path: …}}: tokenizer.json, or vocab.json and merges.txt, of a directory (or a tokenizer.json file). */
    record HuggingFaceTokenizerConfig(Path path) implements TokenizerConfig {}

    /** The text whose characters a char tokenizer knows: the training part, or all of it, as nanoGPT does. */
    enum Fit { TRAIN, ALL }
}
