package inkling.generate;

import java.util.function.IntPredicate;

/**
 * A probability for each token of the vocabulary. The probabilities sum to 1. Logarithms are kept as well, so that a token whose
 * probability underflows to 0 can be told from a removed token.
 */
public final class Distribution {
    private static final double LN_2 = Math.log(2);
    /** How far the sum of the rounded probabilities may be from 1, with a wide margin for large vocabularies. */
    private static final double TOLERANCE = 1e-9;

    private final double[] logP; // natural logarithms; −∞ where removed
    private final double[] p;

    private Distribution(double[] logP, double[] p) {
        double sum = 0;
        for (double value : p) {
            sum += value;
        }
        if (!(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException("probabilities sum to %s, not to 1".formatted(sum));
        }
        this.logP = logP;
        this.p = p;
    }

    /**
     * @param probabilities (V), each in [0, 1], summing to 1
     * @throws IllegalArgumentException if they do not sum to 1, or one is negative or NaN
     */
    public static Distribution of(double... probabilities) {
        double[] logP = new double[probabilities.length];
        for (int id = 0; id < logP.length; id++) {
            if (!(probabilities[id] >= 0)) {
                throw new IllegalArgumentException("probability %s of token %d".formatted(probabilities[id], id));
            }
            logP[id] = Math.log(probabilities[id]);
        }
        return new Distribution(logP, probabilities.clone());
    }

    /**
     * {@code p[i] = exp(logits[i] / T) / Σ exp(logits[j] / T)}.
     *
     * @param logits (V); −∞ is probability 0; NaN and +∞ are the caller's bug
     * @param temperature T, above 0
     */
    public static Distribution softmax(double[] logits, double temperature) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double[] logP = new double[logits.length];
        double[] p = new double[logits.length];
        double sum = 0;
        for (int id = 0; id < p.length; id++) {
            logP[id] = (logits[id] - largest) / temperature; // the largest becomes 0: exp cannot overflow
            p[id] = Math.exp(logP[id]);
            sum += p[id];
        }
        double logSum = Math.log(sum);
        for (int id = 0; id < p.length; id++) {
            logP[id] -= logSum;
            p[id] /= sum;
        }
        return new Distribution(logP, p);
    }

    /** All probability on one token: the distribution of temperature 0. */
    public static Distribution certain(int id, int vocabSize) {
        double[] p = new double[vocabSize];
        p[id] = 1;
        return of(p);
    }

    /** This distribution without the tokens that {@code kept} refuses, renormalised. At least one kept token must have p > 0. */
    public Distribution keeping(IntPredicate kept) {
        double[] keptLogP = new double[p.length];
        double[] keptP = new double[p.length];
        double mass = 0;
        int removed = 0;
        for (int id = 0; id < p.length; id++) {
            if (kept.test(id)) {
                mass += p[id];
            } else if (logP[id] != Double.NEGATIVE_INFINITY) {
                removed++;
            }
        }
        if (removed == 0) {
            return this;
        }
        double logMass = Math.log(mass);
        for (int id = 0; id < p.length; id++) {
            boolean stays = kept.test(id);
            keptLogP[id] = stays ? logP[id] - logMass : Double.NEGATIVE_INFINITY;
            keptP[id] = stays ? p[id] / mass : 0;
        }
        return new Distribution(keptLogP, keptP);
    }

    /**
     * max(0, this − other), renormalised: the distribution to draw from after a token drawn from {@code other} was refused
     * ({@link SampleInProgress#judge}). If the difference is 0 everywhere, which after a refusal only rounding can cause, the result is
     * this distribution.
     */
    public Distribution beyond(Distribution other) {
        double[] more = new double[p.length];
        double sum = 0;
        for (int id = 0; id < p.length; id++) {
            more[id] = Math.max(0, p[id] - other.p[id]);
            sum += more[id];
        }
        if (sum == 0) {
            return this;
        }
        for (int id = 0; id < p.length; id++) {
            more[id] /= sum;
        }
        return of(more);
    }

    /**
     * The ids of the {@code min(n, V)} most probable tokens, the most probable first; of equally probable tokens, the lower id comes first.
     */
    public int[] likeliest(int n) {
        return Largest.of(logP, n);
    }

    /** The rank of token {@code id}: 1 for the most probable. Of equally probable tokens, the lower id comes first. */
    public int rank(int id) {
        return Largest.rank(logP, id);
    }

    /**
     * Draws an id by inverse transform sampling: the ids, in order, divide [0, 1) into intervals as long as their probabilities. The drawn
     * id is the one whose interval contains {@code u}, so an id of probability 0 is never drawn.
     *
     * @param u a random number in [0, 1)
     */
    public int draw(double u) {
        double reached = 0;
        int last = -1;
        for (int id = 0; id < p.length; id++) {
            if (p[id] > 0) {
                reached += p[id];
                last = id;
                if (reached > u) {
                    return id;
                }
            }
        }
        return last; // rounding left the sum just below 1, and not above u
    }

    /** {@code −Σ p log₂ p}: 0 where one token is certain, log₂ V where all are equal. */
    public double entropyBits() {
        double nats = 0;
        for (int id = 0; id < p.length; id++) {
            if (p[id] > 0) {
                nats -= p[id] * logP[id];
            }
        }
        return Math.max(0, nats / LN_2);
    }

    public double probability(int id) {
        return p[id];
    }

    /** Natural logarithm; −∞ for a removed token. */
    public double logProbability(int id) {
        return logP[id];
    }

    /** Whether the token was not removed. If its probability has underflowed to 0, it is kept but never drawn. */
    public boolean kept(int id) {
        return logP[id] != Double.NEGATIVE_INFINITY;
    }

    /** The number of tokens that were not removed ({@link #kept}). */
    public int keptCount() {
        int count = 0;
        for (double value : logP) {
            count += value == Double.NEGATIVE_INFINITY ? 0 : 1;
        }
        return count;
    }

    /** V, the size of the vocabulary. */
    public int size() {
        return p.length;
    }
}
