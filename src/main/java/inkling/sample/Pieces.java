package inkling.sample;

import inkling.io.Printable;
import inkling.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/** What tokens look like, with or without a tokenizer; also for ids that a model has and its tokenizer does not. */
public record Pieces(Optional<Tokenizer> tokenizer) {
    /** The vocabulary's own string, e.g. {@code "Ġthe"}; none where no tokenizer tells. */
    public Optional<String> token(int id) {
        return known(id).map(t -> t.token(id));
    }

    /**
     * For a human, on one line: the text with control characters escaped, {@code \xe2} for a byte that is no whole character,
     * {@code #17} without a tokenizer.
     */
    public String readable(int id) {
        Optional<Tokenizer> known = known(id);
        if (known.isEmpty()) {
            return "#" + id;
        }
        byte[] bytes = known.get().bytes(id);
        if (bytes.length == 0) {
            return Printable.escape(known.get().token(id));
        }
        try {
            return Printable.escape(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            StringBuilder hex = new StringBuilder();
            for (byte b : bytes) {
                hex.append(b >= ' ' && b != 0x7F ? Printable.escape(Character.toString(b)) : "\\x%02x".formatted(b & 0xFF));
            }
            return hex.toString();
        }
    }

    OptionalInt endOfText() {
        return tokenizer.map(Tokenizer::endOfText).orElse(OptionalInt.empty());
    }

    private Optional<Tokenizer> known(int id) {
        return tokenizer.filter(t -> id < t.vocabSize());
    }

    /** A new decoder of a sequence of tokens. */
    public Stream stream() {
        return new Stream(this);
    }

    /** Decodes token by token; a character whose bytes are spread over tokens appears with the last of them. */
    public static final class Stream {
        private final Pieces pieces;
        private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
        private ByteBuffer open = ByteBuffer.allocate(0); // the begun character, at most three bytes

        private Stream(Pieces pieces) {
            this.pieces = pieces;
        }

        /** The characters that {@code id} completes; "" without a tokenizer. */
        public String push(int id) {
            byte[] bytes = pieces.known(id).map(t -> t.bytes(id)).orElse(new byte[0]);
            boolean special = bytes.length == 0 && pieces.endOfText().equals(OptionalInt.of(id));
            return special ? finish() + pieces.token(id).orElse("") : decode(bytes, false);
        }

        /** At the end: U+FFFD where a character was begun and not completed. */
        public String finish() {
            String rest = decode(new byte[0], true);
            decoder.reset();
            return rest;
        }

        private String decode(byte[] bytes, boolean last) {
            ByteBuffer in = ByteBuffer.allocate(open.remaining() + bytes.length).put(open).put(bytes).flip();
            CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
            decoder.decode(in, out, last);
            open = in;
            return out.flip().toString();
        }
    }
}
