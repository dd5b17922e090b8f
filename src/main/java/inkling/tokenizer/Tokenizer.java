package inkling.tokenizer;

import java.util.OptionalInt;

/** Text to ids and back. Ids are 0 … {@link #vocabSize()} − 1. */
public interface Tokenizer {
    /** Ids of {@code text}; {@code <|endoftext|>} in it (where the vocabulary has that token) becomes the one token, as Hugging Face does. */
    int[] encode(String text);

    /** As {@link #encode}, but special tokens in {@code text} are ordinary characters: for what a chat user types. */
    int[] encodePlain(String text);

    /** The text of {@code ids}; bytes that are not UTF-8 become U+FFFD. {@code decode(encode(x)) = x} for every Unicode string (BPE). */
    String decode(int[] ids);

    /** The UTF-8 bytes that {@code id} stands for; none for {@code <|endoftext|>}. */
    byte[] bytes(int id);

    /** The vocabulary's own string of {@code id}, e.g. {@code "Ġthe"}. */
    String token(int id);

    int vocabSize();

    /** The id of {@code <|endoftext|>}, where there is one. */
    OptionalInt endOfText();
}
