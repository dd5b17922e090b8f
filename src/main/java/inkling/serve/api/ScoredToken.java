package inkling.serve.api;

import inkling.generate.TokenText;
import inkling.serve.batch.TokenChances;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A token of an answer with its log-probability, as the API tells it.
 *
 * @param chance empty for the first token of a prompt, which nothing predicts
 * @param top the likeliest in its place, in order
 * @param offset where its text begins, in characters of the choice's text
 */
record ScoredToken(Piece piece, Optional<Double> chance, List<Scored> top, int offset) {
    /** What OpenAI tells for a probability of 0: JSON has no infinity. */
    private static final double IMPOSSIBLE = -9999;

    /**
     * A token's text. Where its bytes are not whole characters, {@code text} spells them as OpenAI does, {@code bytes:\xe2\x80}.
     *
     * @param bytes in UTF-8; none for a special token
     */
    record Piece(String text, byte[] bytes) {
        static Piece of(TokenText tokenText, int id) {
            byte[] bytes = tokenText.tokenizer().filter(t -> id < t.vocabSize()).map(t -> t.bytes(id)).orElse(new byte[0]);
            if (bytes.length == 0) {
                String name = tokenText.token(id).orElseGet(() -> tokenText.readable(id));
                return new Piece(name, name.getBytes(StandardCharsets.UTF_8));
            }
            try {
                return new Piece(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(), bytes);
            } catch (CharacterCodingException e) {
                StringBuilder spelled = new StringBuilder("bytes:");
                for (byte b : bytes) {
                    spelled.append(String.format(Locale.ROOT, "\\x%02x", b));
                }
                return new Piece(spelled.toString(), bytes);
            }
        }
    }

    /** Another token that could have stood here. */
    record Scored(Piece piece, double logprob) {}

    static ScoredToken of(TokenChances chances, TokenText tokenText, int offset) {
        return new ScoredToken(Piece.of(tokenText, chances.token().id()), Optional.of(finite(chances.token().logprob())),
            chances.top().stream().map(top -> new Scored(Piece.of(tokenText, top.id()), finite(top.logprob()))).toList(), offset);
    }

    static double finite(double logprob) {
        return Math.max(IMPOSSIBLE, logprob);
    }
}
