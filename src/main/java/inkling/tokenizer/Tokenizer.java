package inkling.tokenizer;

import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.tokenizer.split.TextPlace;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Text to ids and back. Ids are 0 … {@link #vocabSize()} − 1. */
public interface Tokenizer {
    /** Ids of {@code text}; {@code <|endoftext|>} in it (where the vocabulary has it) becomes the one token, as Hugging Face does. */
    int[] encode(String text);

    /** Ids of {@code text} that goes on where {@link #safeCut} has cut: nothing is put before it that stands before a text. */
    default int[] encodeRest(String text) {
        return encode(text);
    }

    /** As {@link #encode}, but special tokens in {@code text} are ordinary characters: for what a chat user types. */
    int[] encodePlain(String text);

    /**
     * The text of {@code ids}; bytes that are not UTF-8 become U+FFFD. {@code decode(encode(x))} is {@code x}, or where the tokenizer has a
     * normalizer what that makes of {@code x}.
     */
    String decode(int[] ids);

    /** How tokens at {@code place} become text; empty where each is {@link #bytes} of its own, and nothing depends on the place. */
    default Optional<TokenStream> stream(TextPlace place) {
        return Optional.empty();
    }

    /** The UTF-8 bytes that {@code id} stands for; none for {@code <|endoftext|>} and other special tokens. */
    byte[] bytes(int id);

    /** The vocabulary's own string of {@code id}, e.g. {@code "Ġthe"}. */
    String token(int id);

    int vocabSize();

    /** The id of {@code <|endoftext|>}, where there is one. */
    OptionalInt endOfText();

    /** The Unicode version whose letters, numbers and white space decide where text is cut; empty where they decide nothing. */
    default Optional<String> unicode() {
        return Optional.empty();
    }

    /** The id that the tokenizer's own files name as the end of a text ({@code eos_token}). */
    default OptionalInt endToken() {
        return OptionalInt.empty();
    }

    /**
     * The ids that the tokenizer's own files put before every text, as Llama 3's do with {@code <|begin_of_text|>}; empty with most.
     * {@link #encode} does not: {@link SpecialIds#begun} does.
     *
     * @throws ModelFormatException where they put something else around a text that cannot be done here
     */
    default List<Integer> beginning() {
        return List.of();
    }

    /** The id whose {@link #token} is exactly {@code token}. */
    default OptionalInt id(String token) {
        return IntStream.range(0, vocabSize()).filter(id -> token(id).equals(token)).findFirst();
    }

    /**
     * What {@code id} looks like to a reader: {@code " the"}, {@code "\n"} as backslash and n, {@code "<0xE2>"} for a byte that is no whole
     * character, a special token's own name. Never a control character.
     */
    default String piece(int id) {
        byte[] bytes = bytes(id);
        return bytes.length == 0 ? Printable.escape(token(id)) : PrintableBytes.bytes(bytes);
    }

    /**
     * The last index at which {@code text} can be cut so that the ids of both parts, the second by {@link #encodeRest}, are the ids of the
     * whole, whatever follows it: for reading a file of any size part by part. 0 where no such place is known.
     */
    default int safeCut(String text) {
        return 0;
    }

    /**
     * This tokenizer for a model that knows ids 0 … {@code rows} − 1 alone. Added tokens beyond them, which some models' files have, are
     * then ordinary text. Empty where {@code rows} are too few for its vocabulary.
     */
    default Optional<Tokenizer> within(int rows) {
        return vocabSize() <= rows ? Optional.of(this) : Optional.empty();
    }
}
