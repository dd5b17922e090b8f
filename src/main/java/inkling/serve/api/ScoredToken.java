package inkling.serve.api;

import inkling.generate.TokenText;
import inkling.serve.batch.TokenLogprobs;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A token of an answer with its log-probability, as the API tells it.
 *
 * @param text what the token adds to the text. If a character's bytes are spread over several tokens, only the token with its last byte
 *     adds the character
 * @param logprob natural logarithm of the token's probability; empty for the first token of a prompt, which nothing predicts
 * @param top the likeliest tokens at its position, the likeliest first
 * @param offset where the token's text begins in the choice's text, counted as {@link #characters} counts
 */
record ScoredToken(int id, Piece piece, String text, Optional<Double> logprob, List<Scored> top, int offset) {
    /** OpenAI's value for a probability of 0, since JSON has no infinity. */
    private static final double IMPOSSIBLE = -9999;

    /**
     * A token's text. If the token's bytes are not whole characters, {@code text} spells them as OpenAI does: {@code bytes:\xe2\x80}.
     *
     * @param bytes the token's bytes, perhaps not whole characters; for a token without bytes, e.g. a special one, its name in UTF-8
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

    /** A likely token at the same position. */
    record Scored(Piece piece, double logprob) {}

    static ScoredToken of(TokenLogprobs logprobs, TokenText tokenText, String text, int offset) {
        int id = logprobs.token().id();
        return new ScoredToken(id, Piece.of(tokenText, id), text, Optional.of(finite(logprobs.token().logprob())),
            logprobs.top().stream().map(top -> new Scored(Piece.of(tokenText, top.id()), finite(top.logprob()))).toList(), offset);
    }

    /** The entry of {@code inkling.tokens}: {@code id, piece, text, logprob}. Its piece is {@link TokenText#readable}, no {@link Piece}. */
    Map<String, Object> detail(TokenText tokenText) {
        Map<String, Object> json = detail(id, text, tokenText);
        json.put("logprob", logprob.orElse(null));
        return json;
    }

    private static Map<String, Object> detail(int id, String text, TokenText tokenText) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("piece", tokenText.readable(id));
        json.put("text", text);
        return json;
    }

    /** As {@link #detail}, for the tokens of a prompt, without log-probabilities. */
    static List<Map<String, Object>> details(int[] prompt, TokenText tokenText) {
        TokenText.Stream decoder = tokenText.stream();
        return Arrays.stream(prompt).mapToObj(id -> detail(id, decoder.push(id), tokenText)).toList();
    }

    /** How many characters {@code text} has, as OpenAI counts them: Unicode code points. Some take two units of a {@code String}. */
    static int characters(String text) {
        return text.codePointCount(0, text.length());
    }

    static double finite(double logprob) {
        return Math.max(IMPOSSIBLE, logprob);
    }
}
