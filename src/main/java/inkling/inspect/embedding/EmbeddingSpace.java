package inkling.inspect.embedding;

import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * A vocabulary whose tokens are points: the rows of an embedding, an unembedding or a {@link WordVectorFile}.
 *
 * <pre>{@code
 * EmbeddingSpace space = WordVectorFile.read(Path.of("glove.txt"));
 * WordLookup words = WordLookup.exact(space);
 * space.analogy(List.of(words.find("king"), words.find("woman")), List.of(words.find("man")), 1);   // queen
 * }</pre>
 */
public final class EmbeddingSpace {
    private final List<String> tokens;
    private final float[][] rows;                   // (n, d)
    private final double[] lengths;                 // (n), Euclidean
    private final Map<String, Integer> rowOf = new HashMap<>();

    /**
     * A point with a name: one token, or the mean of several.
     *
     * @param text as the user wrote it, or the token itself
     * @param reading the token or tokens that the text was read as, e.g. {@code Ġking}
     * @param rows the rows of those tokens; {@link #neighbors} and {@link #analogy} exclude them from their results
     * @param vector (d)
     */
    public record Word(String text, String reading, List<Integer> rows, float[] vector) {}

    /** A token near a word or vector. {@code similarity} is the cosine, −1 to 1. */
    public record Neighbor(int row, String token, double similarity) {}

    /** How far the word {@code text} lies along a direction, in the unit of the vectors; negative if it lies in the opposite direction. */
    public record Projection(String text, double projection) {}

    /**
     * @param tokens n different names, in row order
     * @param rows (n, d); kept, not copied
     * @throws ModelFormatException if a number is not finite
     */
    public EmbeddingSpace(List<String> tokens, float[][] rows) {
        if (tokens.size() != rows.length || rows.length == 0) {
            throw new IllegalArgumentException("%d tokens for %d rows".formatted(tokens.size(), rows.length));
        }
        this.tokens = List.copyOf(tokens);
        this.rows = rows;
        this.lengths = new double[rows.length];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != rows[0].length) {
                throw new IllegalArgumentException("row %d has %d columns, row 0 has %d".formatted(row, rows[row].length, rows[0].length));
            }
            if (rowOf.putIfAbsent(this.tokens.get(row), row) != null) {
                String token = tokens.get(row);
                throw new IllegalArgumentException("rows %d and %d are both called %s".formatted(rowOf.get(token), row, token));
            }
            lengths[row] = Math.sqrt(dot(rows[row], rows[row]));
            if (!Double.isFinite(lengths[row])) {
                throw new ModelFormatException("The vector of token %d (%s) holds a number that is not finite: these weights are broken."
                    .formatted(row, tokens.get(row)));
            }
        }
    }

    /** n, the number of tokens. */
    public int size() {
        return rows.length;
    }

    /** d, the length of a vector. */
    public int dimensions() {
        return rows[0].length;
    }

    public List<String> tokens() {
        return tokens;
    }

    /** The row of {@code token}, spelled exactly as the vocabulary spells it. */
    public OptionalInt row(String token) {
        Integer row = rowOf.get(token);
        return row == null ? OptionalInt.empty() : OptionalInt.of(row);
    }

    /** The vector of a row: (d), the space's own array. */
    public float[] vector(int row) {
        return rows[row];
    }

    /** Whether the vector of {@code row} is zero. A zero vector has no neighbours. */
    public boolean isZero(int row) {
        return lengths[row] == 0;
    }

    /** The token of {@code row} as a word. */
    public Word word(int row) {
        return word(tokens.get(row), row);
    }

    /** A word named {@code text}: the token of one row, or the mean of the tokens of several rows. */
    public Word word(String text, int... tokenRows) {
        if (tokenRows.length == 0) {
            throw new IllegalArgumentException("no token for " + text);
        }
        float[] mean = new float[dimensions()];
        List<String> reading = new ArrayList<>();
        Set<Integer> distinct = new HashSet<>();
        for (int row : tokenRows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += rows[row][i] / tokenRows.length;
            }
            reading.add(tokens.get(row));
            distinct.add(row);
        }
        return new Word(text, String.join(" ", reading), List.copyOf(distinct), mean);
    }

    /** Cosine of the angle between two words, −1 to 1. @throws ConfigException if one of the vectors is zero */
    public double similarity(Word a, Word b) {
        return dot(unit(a), unit(b));
    }

    /**
     * The {@code n} tokens with the highest cosine to {@code word}, most similar first; ties by row. The word's own tokens are left out.
     *
     * @throws ConfigException if the word's vector is zero
     */
    public List<Neighbor> neighbors(Word word, int n) {
        return nearest(unit(word), new HashSet<>(word.rows()), n);
    }

    /**
     * The tokens that complete an analogy: those nearest to the mean of the unit vectors of {@code plus} and the negated unit vectors of
     * {@code minus}. The tokens of all these words are left out. Each result's {@code similarity} is its cosine to that mean.
     *
     * <p>This is 3CosAdd (Mikolov et al. 2013, NAACL; named by Levy and Goldberg 2014). Word2vec's {@code word-analogy} and gensim's
     * {@code most_similar} compute the same.
     *
     * @param n how many tokens, at least 1
     * @throws ConfigException if a word's vector is zero, or the words cancel out
     */
    public List<Neighbor> analogy(List<Word> plus, List<Word> minus, int n) {
        double[] sum = new double[dimensions()];
        Set<Integer> asked = new HashSet<>();
        plus.forEach(word -> addTo(sum, unit(word), 1, asked, word));
        minus.forEach(word -> addTo(sum, unit(word), -1, asked, word));
        double length = Math.sqrt(dot(sum, sum));
        if (length < 1e-9) {
            throw new ConfigException("The words of the analogy cancel out: what is added must differ from what is subtracted.");
        }
        return nearest(scaled(sum, 1 / length), asked, n);
    }

    private static void addTo(double[] sum, double[] unit, int sign, Set<Integer> asked, Word word) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += sign * unit[i];
        }
        asked.addAll(word.rows());
    }

    /**
     * Signed projections of {@code words}, in the order given, on the direction from {@code from} to {@code to}:
     * w · (to − from) / |to − from|.
     *
     * @throws ConfigException if {@code from} and {@code to} have the same vector
     */
    public List<Projection> direction(Word from, Word to, List<Word> words) {
        double[] difference = new double[dimensions()];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = (double) to.vector()[i] - from.vector()[i];
        }
        double length = Math.sqrt(dot(difference, difference));
        if (length == 0) {
            throw new ConfigException(("%s and %s have the same vector: there is no direction from one to the other."
                + " Choose two different words.").formatted(from.text(), to.text()));
        }
        double[] unit = scaled(difference, 1 / length);
        return words.stream().map(word -> new Projection(word.text(), dot(word.vector(), unit))).toList();
    }

    /** The {@code n} rows nearest to a direction. Rows whose vector is zero have no direction and are left out. */
    private List<Neighbor> nearest(double[] unit, Set<Integer> excluded, int n) {
        if (n < 1) {
            throw new IllegalArgumentException("n = " + n + " neighbours");
        }
        Comparator<Neighbor> worstFirst = Comparator.comparingDouble(Neighbor::similarity)
            .thenComparing(Comparator.comparingInt(Neighbor::row).reversed());
        PriorityQueue<Neighbor> best = new PriorityQueue<>(worstFirst);
        for (int row = 0; row < rows.length; row++) {
            if (lengths[row] == 0 || excluded.contains(row)) {
                continue;
            }
            Neighbor candidate = new Neighbor(row, tokens.get(row), dot(rows[row], unit) / lengths[row]);
            if (best.size() < n) {
                best.add(candidate);
            } else if (worstFirst.compare(candidate, best.peek()) > 0) {
                best.poll();
                best.add(candidate);
            }
        }
        return best.stream().sorted(worstFirst.reversed()).toList();
    }

    private static double[] unit(Word word) {
        double length = Math.sqrt(dot(word.vector(), word.vector()));
        if (length == 0) {
            throw new ConfigException("The vector of %s is zero: it points nowhere, so nothing is near it. Choose another word."
                .formatted(word.text()));
        }
        double[] unit = new double[word.vector().length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = word.vector()[i] / length;
        }
        return unit;
    }

    private static double[] scaled(double[] values, double factor) {
        double[] scaled = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = factor * values[i];
        }
        return scaled;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double dot(float[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
