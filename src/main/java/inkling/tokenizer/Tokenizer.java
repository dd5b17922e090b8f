package inkling.tokenizer;

import inkling.errors.ModelFormatException;
import inkling.errors.Printable;
import inkling.tokenizer.split.TextPlace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Turns text into ids and ids into text. Ids are 0 … {@link #vocabSize()} − 1. Methods that take ids throw IllegalArgumentException for any
 * other number. Methods that encode throw ConfigException for a text with a character that the vocabulary cannot express.
 */
public interface Tokenizer {
    /** The ids of {@code text}. A special token in it, e.g. {@code <|endoftext|>}, becomes one id, as with Hugging Face. */
    int[] encode(String text);

    /**
     * The ids of a text's second part, after a cut at {@link #safeCut}. If {@link #encode} of a tokenizer puts a blank before every text,
     * this method puts none.
     */
    default int[] encodeRest(String text) {
        return encode(text);
    }

    /** As {@link #encode}, but special tokens in {@code text} are read as ordinary characters, e.g. for text that a chat user types. */
    int[] encodePlain(String text);

    /**
     * The ids of a text with marks: as {@link #encode(String)}, but no special token is found where a character is marked
     * {@link MarkedText#PLAIN}. Each id carries the marks of the characters that it stands for.
     *
     * <p>The default implementation suits vocabularies in which neighbouring characters never merge into one id.
     */
    default MarkedIds encode(MarkedText text) {
        IntList ids = new IntList(text.text().length());
        IntList marks = new IntList(text.text().length());
        int from = 0;
        for (MarkedText.Run run : text.runs()) {
            String part = text.text().substring(from, run.end());
            for (int id : (run.marks() & MarkedText.PLAIN) != 0 ? encodePlain(part) : encode(part)) {
                ids.add(id);
                marks.add(run.marks());
            }
            from = run.end();
        }
        return new MarkedIds(ids.toArray(), marks.toArray());
    }

    /** Names that the tokenizer's files give to special tokens, such as {@code eos_token}, each with its token. */
    default Map<String, String> namedTokens() {
        return Map.of();
    }

    /**
     * The text of {@code ids}; bytes that are not UTF-8 become U+FFFD. {@code decode(encode(x))} equals {@code x}, unless the tokenizer
     * changes text, e.g. by a normalizer.
     */
    String decode(int[] ids);

    /**
     * A decoder of tokens that begin or continue a text, as {@code place} says. Empty if no such decoder is needed: the text of ids is then
     * the {@link #bytes} of each id, one after the other. A special token has no bytes, so it is written as its name.
     */
    default Optional<TokenStream> stream(TextPlace place) {
        return Optional.empty();
    }

    /** The UTF-8 bytes of {@code id}; none for {@code <|endoftext|>} and other special tokens. */
    byte[] bytes(int id);

    /** The string of {@code id} in the vocabulary, e.g. {@code "Ġthe"}. */
    String token(int id);

    int vocabSize();

    /** The id of {@code <|endoftext|>}; empty if the vocabulary does not have it. */
    OptionalInt endOfText();

    /** The Unicode version whose letters, numbers and white space decide where text is split; empty if no version does. */
    default Optional<String> unicode() {
        return Optional.empty();
    }

    /** The id that the tokenizer's own files name as the end of a text ({@code eos_token}); empty if they name no id. */
    default OptionalInt endToken() {
        return OptionalInt.empty();
    }

    /**
     * The ids that the tokenizer's own files put before every text, e.g. {@code <|begin_of_text|>} of Llama 3. Most vocabularies have none.
     * {@link #encode} does not add these ids; {@link SpecialIds#withBeginning} does.
     *
     * @throws ModelFormatException if the files ask for ids at another place, e.g. after every text, or in a way that is not supported
     */
    default List<Integer> beginning() {
        return List.of();
    }

    /** The id whose {@link #token} is exactly {@code token}. */
    default OptionalInt id(String token) {
        return IntStream.range(0, vocabSize()).filter(id -> token(id).equals(token)).findFirst();
    }

    /**
     * The text of {@code id} as a person can read it, e.g. {@code " the"}. A line feed becomes a backslash and n; other control characters
     * are escaped too. A byte that belongs to no complete character becomes {@code "<0xE2>"}. A special token becomes its name.
     */
    default String piece(int id) {
        byte[] bytes = bytes(id);
        return bytes.length == 0 ? Printable.escape(token(id)) : PrintableBytes.of(bytes);
    }

    /**
     * The largest index that is known to be safe: a cut of {@code text} there does not change its ids, even if more text follows. The ids
     * of the whole text are then the ids of the first part by {@link #encode} and the ids of the second part by {@link #encodeRest}. So a
     * file of any size can be read part by part. 0 if no such index is known.
     */
    default int safeCut(String text) {
        return 0;
    }

    /**
     * This tokenizer for a model whose embedding has only {@code rows} rows. The files of some models add tokens to the vocabulary with ids
     * that are too large. These tokens become ordinary text. Empty if the id of any other token is too large.
     */
    default Optional<Tokenizer> within(int rows) {
        return vocabSize() <= rows ? Optional.of(this) : Optional.empty();
    }
}
