package inkling.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import inkling.errors.ConfigException;
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
 * How a model rates a text: of each token, how probable it was after those before it, and what was likelier.
 *
 * @param positions T; the first token follows nothing, so it has no score
 */
public record TokenScores(List<Position> positions) {
    /** Positions whose logits are there at once: the vocabulary may be large and the text long. */
    private static final int AT_ONCE = 32;
    private static final int CELL = 16;
    private static final int SHOWN = 5;

    /** Takes the logits (V) of one position after the other, from the first on, each of the token after it. */
    public interface LogitRows {
        LogitRows NONE = row -> { };

        void accept(float[] row) throws IOException;
    }

    /**
     * @param token the vocabulary's own string
     * @param score empty for the first token
     */
    public record Position(int id, String token, String label, Optional<Score> score) {}

    /**
     * @param logprob natural logarithm of its probability
     * @param rank 1 for the likeliest
     * @param top the likeliest in its place, in order
     */
    public record Score(double logprob, int rank, List<Candidate> top) {}

    /** A token that might have stood there. */
    public record Candidate(int id, String token, String label, double logprob) {}

    public TokenScores {
        positions = List.copyOf(positions);
    }

    /**
     * Reads {@code ids} once.
     *
     * @param manager a scope is opened below it and closed again
     * @param ids 1 to context_length of them, each in [0, V)
     * @param top how many likely tokens to keep at each place
     * @param rows is given all logits, T rows of V
     * @throws ConfigException where the model cannot read them
     * @throws UncheckedIOException with what {@code rows} threw
     */
    public static TokenScores of(Gpt gpt, NDManager manager, TokenText pieces, int[] ids, int top, LogitRows rows) {
        ForwardTrace.requireReadable(gpt.config(), ids);
        List<Position> positions = new ArrayList<>();
        positions.add(position(pieces, ids[0], Optional.empty()));
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = gpt.stream(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length))); // (1, T, C)
            for (int from = 0; from < ids.length; from += AT_ONCE) {
                try (NDManager some = scope.newSubManager()) {
                    NDArray part = x.get(new NDIndex(":, " + from + ":" + Math.min(ids.length, from + AT_ONCE)));
                    part.attach(some);
                    for (float[] row : ForwardTrace.rows(gpt.unembed(part))) {
                        rows.accept(row);
                        if (positions.size() < ids.length) {
                            int next = ids[positions.size()];
                            positions.add(position(pieces, next, Optional.of(score(row, next, top, pieces))));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TokenScores(positions);
    }

    private static Position position(TokenText pieces, int id, Optional<Score> score) {
        return new Position(id, token(pieces, id), NextToken.label(pieces, id), score);
    }

    private static String token(TokenText pieces, int id) {
        return pieces.token(id).orElseGet(() -> pieces.readable(id));
    }

    private static Score score(float[] row, int id, int top, TokenText pieces) {
        Distribution p = Distribution.softmax(NextToken.doubles(row), 1);
        return new Score(p.logProbability(id), p.rank(id), Arrays.stream(p.likeliest(top)).mapToObj(other ->
            new Candidate(other, token(pieces, other), NextToken.label(pieces, other), p.logProbability(other))).toList());
    }

    /** Mean nats of all tokens but the first; NaN where there is only one. */
    public double loss() {
        return positions.stream().flatMap(position -> position.score().stream()).mapToDouble(score -> -score.logprob()).average()
            .orElse(Double.NaN);
    }

    /** {@code ids[]}, {@code positions[] of {id, token, logprob, rank, top[] of {id, token, logprob}}}, {@code loss}. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ids", positions.stream().map(Position::id).toList());
        json.put("positions", positions.stream().map(TokenScores::json).toList());
        json.put("loss", Double.isNaN(loss()) ? null : loss());
        return json;
    }

    private static Map<String, Object> json(Position position) {
        Map<String, Object> json = named(position.id(), position.token(), position.score().map(Score::logprob).orElse(null));
        json.put("rank", position.score().map(Score::rank).orElse(null));
        json.put("top", position.score().map(Score::top).orElse(List.of()).stream()
            .map(candidate -> named(candidate.id(), candidate.token(), candidate.logprob())).toList());
        return json;
    }

    private static Map<String, Object> named(int id, String token, Double logprob) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("token", token);
        json.put("logprob", logprob);
        return json;
    }

    /** A line for each token, and the mean. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, "     id  %s  logprob    rank  likeliest", AttentionMap.fit("token", CELL));
        for (Position position : positions) {
            String label = AttentionMap.fit(position.label(), CELL);
            if (position.score().isEmpty()) {
                line(out, "%7d  %s        –       –", position.id(), label);
                continue;
            }
            Score score = position.score().get();
            StringBuilder top = new StringBuilder();
            score.top().stream().limit(SHOWN).forEach(candidate -> top.append(String.format(Locale.ROOT, "  %s %.1f%%", candidate.label(),
                100 * Math.exp(candidate.logprob()))));
            line(out, "%7d  %s %8.4f %7d%s", position.id(), label, score.logprob(), score.rank(), top);
        }
        if (positions.size() > 1) {
            line(out, "%d tokens scored: %.4f nats each, perplexity %.2f", positions.size() - 1, loss(), Math.exp(loss()));
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }
}
