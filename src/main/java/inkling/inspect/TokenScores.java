package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.generate.Distribution;
import inkling.generate.TokenText;
import inkling.model.Gpt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a model rates a text: for each token, its probability after the tokens before it, and the likeliest tokens at its position.
 *
 * @param positions one for each token of the text; the first has no score, since nothing comes before it
 * @param characters how many code points the text of all tokens but the first has; 0 if there is no tokenizer
 */
public record TokenScores(List<Position> positions, int characters) {
    /** How many positions' logits are in memory at a time: the vocabulary may be large and the text long. */
    private static final int POSITIONS_AT_ONCE = 32;
    private static final int TOKEN_CELLS = 16;
    private static final int LIKELIEST_SHOWN = 5;

    /** Receives the logits (V) of each position, in order. A position's logits predict the token after it. */
    public interface LogitRows {
        LogitRows NONE = row -> { };

        void accept(float[] row) throws IOException;
    }

    /**
     * A token of the text.
     *
     * @param token the vocabulary's own string; {@code #17} for id 17 if no tokenizer has it
     * @param label the token in readable form
     * @param score empty for the first token
     */
    public record Position(int id, String token, String label, Optional<Score> score) {}

    /**
     * How the model rates a token of the text.
     *
     * @param logprob the natural logarithm of the token's probability
     * @param rank 1 for the likeliest
     * @param top the likeliest tokens at its position, in order
     */
    public record Score(double logprob, int rank, List<Candidate> top) {}

    /** A token that was possible at a position. */
    public record Candidate(int id, String token, String label, double logprob) {}

    public TokenScores {
        positions = List.copyOf(positions);
    }

    /**
     * Scores {@code ids} in one forward pass.
     *
     * @param manager the forward pass runs in a sub-manager of this one
     * @param ids 1 to context_length ids, each in [0, V)
     * @param top how many likely tokens to keep for each position
     * @param rows receives all logits, T rows of V
     * @throws ConfigException if there are no or too many ids, or one is not in the vocabulary
     * @throws UncheckedIOException if {@code rows} throws an IOException
     */
    public static TokenScores of(Gpt gpt, NDManager manager, TokenText tokenText, int[] ids, int top, LogitRows rows) {
        ForwardTrace.requireReadable(gpt.config(), ids);
        List<Position> positions = new ArrayList<>();
        positions.add(position(tokenText, ids[0], Optional.empty()));
        try (NDManager scope = manager.newSubManager()) {
            // (1, T, C)
            NDArray x = gpt.residualStream(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)));
            for (int from = 0; from < ids.length; from += POSITIONS_AT_ONCE) {
                try (NDManager some = scope.newSubManager()) {
                    NDArray part = x.get(new NDIndex(":, " + from + ":" + Math.min(ids.length, from + POSITIONS_AT_ONCE)));
                    part.attach(some);
                    for (float[] row : ForwardTrace.rows(gpt.unembed(part))) {
                        rows.accept(row);
                        if (positions.size() < ids.length) {
                            int next = ids[positions.size()];
                            positions.add(position(tokenText, next, Optional.of(score(row, next, top, tokenText))));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TokenScores(positions, characters(tokenText, ids));
    }

    private static int characters(TokenText tokenText, int[] ids) {
        TokenText.Stream text = tokenText.streamBehind(ids);
        StringBuilder all = new StringBuilder(text.push(ids[0]));
        int first = all.length();
        Arrays.stream(ids, 1, ids.length).forEach(id -> all.append(text.push(id)));
        all.append(text.finish());
        return all.codePointCount(first, all.length());
    }

    private static Position position(TokenText tokenText, int id, Optional<Score> score) {
        return new Position(id, token(tokenText, id), NextToken.label(tokenText, id), score);
    }

    private static String token(TokenText tokenText, int id) {
        return tokenText.token(id).orElseGet(() -> tokenText.readable(id));
    }

    private static Score score(float[] row, int id, int top, TokenText tokenText) {
        Distribution p = Distribution.softmax(NextToken.doubles(row), 1);
        return new Score(p.logProbability(id), p.rank(id), Arrays.stream(p.likeliest(top)).mapToObj(other ->
            new Candidate(other, token(tokenText, other), NextToken.label(tokenText, other), p.logProbability(other))).toList());
    }

    /** Mean nats of all tokens but the first; NaN if there is only one. */
    public double loss() {
        return positions.stream().flatMap(position -> position.score().stream()).mapToDouble(score -> -score.logprob()).average()
            .orElse(Double.NaN);
    }

    /** Bits that a character of the scored text takes on average; NaN if {@code characters} is 0. */
    public double bitsPerCharacter() {
        return characters == 0 ? Double.NaN : loss() * (positions.size() - 1) / Math.log(2) / characters;
    }

    /**
     * The JSON fields {@code ids[]}, {@code positions[] of {id, token, label, logprob, rank, top[] of {id, token, label, logprob}}},
     * {@code loss}, {@code perplexity}, {@code bits_per_character}.
     */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ids", positions.stream().map(Position::id).toList());
        json.put("positions", positions.stream().map(TokenScores::json).toList());
        json.put("loss", Double.isNaN(loss()) ? null : loss());
        json.put("perplexity", Double.isNaN(loss()) ? null : Math.exp(loss()));
        json.put("bits_per_character", Double.isNaN(bitsPerCharacter()) ? null : bitsPerCharacter());
        return json;
    }

    private static Map<String, Object> json(Position position) {
        Map<String, Object> json = named(position.id(), position.token(), position.label(),
            position.score().map(Score::logprob).orElse(null));
        json.put("rank", position.score().map(Score::rank).orElse(null));
        json.put("top", position.score().map(Score::top).orElse(List.of()).stream()
            .map(candidate -> named(candidate.id(), candidate.token(), candidate.label(), candidate.logprob())).toList());
        return json;
    }

    private static Map<String, Object> named(int id, String token, String label, Double logprob) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("token", token);
        json.put("label", label);
        json.put("logprob", logprob);
        return json;
    }

    /** For a terminal: a line for each token, and the mean if tokens were scored. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, "     id  %s  logprob    rank  likeliest", AttentionMap.fit("token", TOKEN_CELLS));
        for (Position position : positions) {
            String label = AttentionMap.fit(position.label(), TOKEN_CELLS);
            if (position.score().isEmpty()) {
                line(out, "%7d  %s        –       –", position.id(), label);
                continue;
            }
            Score score = position.score().get();
            StringBuilder top = new StringBuilder();
            score.top().stream().limit(LIKELIEST_SHOWN)
                .forEach(candidate -> top.append(String.format(Locale.ROOT, "  %s %.1f%%", candidate.label(),
                100 * Math.exp(candidate.logprob()))));
            line(out, "%7d  %s %8.4f %7d%s", position.id(), label, score.logprob(), score.rank(), top);
        }
        if (positions.size() > 1) {
            line(out, "%s scored: %.4f nats each, perplexity %.2f%s", Printable.counted(positions.size() - 1, "token"), loss(),
                Math.exp(loss()), characters == 0 ? "" : String.format(Locale.ROOT, ", %.3f bits per character", bitsPerCharacter()));
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
