package inkling.generate;

import inkling.tokenizer.IncrementalDecoder;
import inkling.tokenizer.Tokenizer;
import java.util.Optional;

/** The text of tokens, with or without a tokenizer, and also for ids that a model has and its tokenizer lacks. */
public record TokenText(Optional<Tokenizer> tokenizer) {
    /** The vocabulary's own string, e.g. {@code "Ġthe"}; empty where no tokenizer has the id. */
    public Optional<String> token(int id) {
        return known(id).map(t -> t.token(id));
    }

    /** {@link Tokenizer#piece}; {@code #17} where no tokenizer has the id. */
    public String readable(int id) {
        return known(id).map(t -> t.piece(id)).orElse("#" + id);
    }

    private Optional<Tokenizer> known(int id) {
        return tokenizer.filter(t -> id < t.vocabSize());
    }

    /** A new decoder of a sequence of tokens. */
    public Stream stream() {
        return new Stream(this, tokenizer.map(IncrementalDecoder::new));
    }

    /** Decodes token by token; a character whose bytes are spread over tokens appears with the last of them. */
    public record Stream(TokenText tokenText, Optional<IncrementalDecoder> decoder) {
        /** The characters that {@code id} completes; "" where no tokenizer has the id. */
        public String push(int id) {
            return decoder.filter(d -> tokenText.known(id).isPresent()).map(d -> d.next(id)).orElse("");
        }

        /** At the end of the sequence: U+FFFD if a character is incomplete, else "". */
        public String finish() {
            return decoder.map(IncrementalDecoder::end).orElse("");
        }
    }
}
