package inkling.tokenizer;

import inkling.errors.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * A tokenizer with one id for each character (Unicode code point). {@link #fit} numbers the characters in code point order:
 * {@code CharTokenizer.fit("banana").encode("nab")} is {@code [2, 0, 1]}. There is no {@code <|endoftext|>}. Source: nanoGPT's
 * {@code shakespeare_char}.
 */
public final class CharTokenizer implements Tokenizer {
    private final int[] codePoints; // by id
    private final int[] idOf;       // by code point, -1 for a character without an id

    /** @param codePoints the character of each id, all distinct */
    public CharTokenizer(int[] codePoints) {
        this.codePoints = codePoints;
        idOf = new int[Arrays.stream(codePoints).max().orElse(-1) + 1];
        Arrays.fill(idOf, -1);
        for (int id = 0; id < codePoints.length; id++) {
            idOf[codePoints[id]] = id;
        }
    }

    /**
     * A tokenizer of exactly the characters in {@code text}.
     *
     * @throws ConfigException if the text is empty, or has a lone surrogate, which is no character
     */
    public static CharTokenizer fit(String text) {
        return fit(java.util.List.of(text));
    }

    /** As {@link #fit(String)}, for many documents, which are read one after another. */
    public static CharTokenizer fit(Iterable<String> documents) {
        BitSet seen = new BitSet();
        for (String document : documents) {
            document.codePoints().forEach(seen::set);
        }
        int[] codePoints = seen.stream().toArray();
        if (codePoints.length == 0) {
            throw new ConfigException("The text for a char tokenizer is empty; the tokenizer needs at least one character.");
        }
        UnknownCharacters surrogates = new UnknownCharacters();
        Arrays.stream(codePoints).filter(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
            .forEach(c -> surrogates.add(c, UnknownCharacters.NOWHERE));
        surrogates.throwIfAny("A lone surrogate is no Unicode character: mend the text.");
        return new CharTokenizer(codePoints);
    }

    /** @throws ConfigException naming up to 10 characters that are not in the vocabulary, each with its first offset */
    @Override
    public int[] encode(String text) {
        IntList ids = new IntList(text.length());
        UnknownCharacters unknown = new UnknownCharacters();
        long offset = 0;
        for (int i = 0; i < text.length(); offset++) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            int id = c < idOf.length ? idOf[c] : -1;
            if (id < 0) {
                unknown.add(c, offset);
            }
            ids.add(id);
        }
        unknown.throwIfAny("A char tokenizer knows only the characters it was fitted to:"
            + " remove the others, or use tokenizer {type: char, fit: all}, which knows every character of the whole text,"
            + " or {type: bpe}, which can encode every text.");
        return ids.toArray();
    }

    @Override
    public int[] encodePlain(String text) {
        return encode(text);
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder(ids.length);
        for (int id : ids) {
            text.appendCodePoint(codePoint(id));
        }
        return text.toString();
    }

    @Override
    public byte[] bytes(int id) {
        return token(id).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String token(int id) {
        return Character.toString(codePoint(id));
    }

    @Override
    public OptionalInt id(String token) {
        boolean one = !token.isEmpty() && token.codePointCount(0, token.length()) == 1;
        int c = one ? token.codePointAt(0) : Integer.MAX_VALUE;
        return c < idOf.length && idOf[c] >= 0 ? OptionalInt.of(idOf[c]) : OptionalInt.empty();
    }

    @Override
    public int vocabSize() {
        return codePoints.length;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.empty();
    }

    /** The end of {@code text}; one index less if the last unit is the first half of a surrogate pair. */
    @Override
    public int safeCut(String text) {
        int end = text.length();
        return end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
    }

    private int codePoint(int id) {
        if (id < 0 || id >= codePoints.length) {
            throw new IllegalArgumentException("id %d is outside the vocabulary of %d characters.".formatted(id, codePoints.length));
        }
        return codePoints[id];
    }
}
