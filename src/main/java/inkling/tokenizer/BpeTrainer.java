package inkling.tokenizer;

/** Learns a byte-level BPE vocabulary from text. */
public final class BpeTrainer {
    /** 256 bytes and {@code <|endoftext|>}. */
    public static final int MIN_VOCAB_SIZE = 257;

    private BpeTrainer() {}
}
