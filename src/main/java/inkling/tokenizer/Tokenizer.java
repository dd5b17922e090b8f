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
 * Turns text into ids and ids into text. Ids are 0 … {@link #vocabSize()} − 1; for others, methods throw IllegalArgumentException. For a
 * text with a character that the vocabulary cannot express, they throw ConfigException.
 */
public interface Tokenizer {
    /** The ids of {@code text}. A special token in it, e.g. {@code <|endoftext|>}, becomes one id, as with Hugging Face. */
    int[] encode(String text);

    /**
     * The ids of a text's second part, after a cut at {@link #safeCut}. A tokenizer whose {@link #encode} puts a blank before a text puts
     * none here.
     */
    default int[] encodeRest(String text) {
        return encode(text);
    }

    /** As {@link #encode}, but special tokens in {@code text} are read as ordinary characters: for what a chat user types. */
    int[] encodePlain(String text);

    /**
     * The ids of a text with marks: as {@link #encode(String)}, but no special token is found where a character is marked
     * {@link MarkedText#PLAIN}. Each id carries the marks of the characters that it stands for.
     *
     * <p>This implementation suits vocabularies in which neighbouring characters never merge into one id.
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
     * The text of {@code ids}; bytes that are not UTF-8 become U+FFFD. {@code decode(encode(x))} equals {@code x}, unless the tokenizer's
     * own files change text, e.g. by a normalizer.
     */
    String decode(int[] ids);

    /**
     * A decoder of tokens at {@code place}. Empty if the text of ids is simply the {@link #bytes} of each id, one after the other; special
     * tokens, which have no bytes, are then written as their names.
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

    /** The Unicode version whose letters, numbers and white space decide where text is split; empty if no version matters. */
    default Optional<String> unicode() {
        return Optional.empty();
    }

    /** The id that the tokenizer's own files name as the end of a text ({@code eos_token}); empty if they name none. */
    default OptionalInt endToken() {
        return OptionalInt.empty();
    }

    /**
     * The ids that belong before every text according to the tokenizer's own files, e.g. {@code <|begin_of_text|>} of Llama 3; none in most
     * vocabularies. {@link #encode} does not add them; {@link SpecialIds#withBeginning} does.
     *
     * @throws ModelFormatException if the files ask for ids at another place, e.g. after every text
     */
    default List<Integer> beginning() {
        return List.of();
    }

    /** The id whose {@link #token} is exactly {@code token}. */
    default OptionalInt id(String token) {
        return IntStream.range(0, vocabSize()).filter(id -> token(id).equals(token)).findFirst();
    }

    /**
     * The text of {@code id} as a person can read it, without control characters: {@code " the"}; a line feed as backslash and n;
     * {@code "<0xE2>"} for a byte that belongs to no complete character; the name of a special token.
     */
    default String piece(int id) {
        byte[] bytes = bytes(id);
        return bytes.length == 0 ? Printable.escape(token(id)) : PrintableBytes.of(bytes);
    }

    /**
     * The last index at which {@code text} can be cut without changing its ids, whatever text follows: {@link #encode} of the first part
     * and {@link #encodeRest} of the second part together give the ids of the whole. So a file of any size can be read part by part. 0 if
     * no such index is known.
     */
    default int safeCut(String text) {
        return 0;
    }

    /**
     * This tokenizer for a model whose embedding has only {@code rows} rows. Some models' files have added tokens with larger ids; these
     * become ordinary text. Empty if an id that is no added token is too large.
     */
    default Optional<Tokenizer> within(int rows) {
        return vocabSize() <= rows ? Optional.of(this) : Optional.empty();
    }
}
