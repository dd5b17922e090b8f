package inkling.generate;

import inkling.tokenizer.IncrementalDecoder;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.split.TextPlace;
import java.util.Arrays;
import java.util.Optional;

/** The text of tokens, with or without a tokenizer, and also for ids that a model has and its tokenizer lacks. */
public record TokenText(Optional<Tokenizer> tokenizer) {
    /** The vocabulary's own string, e.g. {@code "Ġthe"}; empty where no tokenizer has the id. */
    public Optional<String> token(int id) {
        return known(id).map(t -> t.token(id));
    }

    /** The token as {@link Tokenizer#piece} writes it; {@code #17} for id 17 if no tokenizer has it. */
    public String readable(int id) {
        return known(id).map(t -> t.piece(id)).orElse("#" + id);
    }

    private Optional<Tokenizer> known(int id) {
        return tokenizer.filter(t -> id < t.vocabSize());
    }

    /** A new decoder of tokens that begin a text. */
    public Stream stream() {
        return stream(TextPlace.START);
    }

    /**
     * A new decoder of tokens that continue {@code prompt}. The first token keeps its leading space, unless no token of the prompt
     * has text of its own.
     */
    public Stream streamBehind(int[] prompt) {
        boolean text = Arrays.stream(prompt).anyMatch(id -> known(id).filter(t -> t.bytes(id).length > 0).isPresent());
        return stream(text ? TextPlace.WITHIN : TextPlace.START);
    }

    private Stream stream(TextPlace place) {
        return new Stream(this, tokenizer.map(t -> new IncrementalDecoder(t, place)));
    }

    /** Decodes token by token; a character whose bytes are spread over tokens appears with the last of them. */
    public record Stream(TokenText tokenText, Optional<IncrementalDecoder> decoder) {
        /** The characters that {@code id} completes; "" where no tokenizer has the id. */
        public String push(int id) {
            return decoder.filter(d -> tokenText.known(id).isPresent()).map(d -> d.next(id)).orElse("");
        }

        /** Ends the sequence; returns the text that was held back, with U+FFFD for an incomplete character. */
        public String finish() {
            return decoder.map(IncrementalDecoder::end).orElse("");
        }
    }
}
