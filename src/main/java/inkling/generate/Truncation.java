package inkling.generate;

/**
 * Removes unlikely tokens and renormalises. A truncation keeps the likeliest tokens, at least one: each that it keeps is at least as likely
 * as each that it removes. It never brings a removed token back. The server's pages rely on this.
 *
 * <p>Several truncations act one after the other. {@link Sampler#of} defines their order; the playground's {@code shape.js},
 * docs/serving.md and the test {@code SamplerProperties} repeat it.
 */
public sealed interface Truncation {
    Distribution apply(Distribution distribution);

    /** As the command line spells it, e.g. {@code top-k 40}. */
    String label();

    /** Keeps the k likeliest tokens (Fan et al. 2018, arXiv:1805.04833). Tokens as probable as the k-th stay, too. */
    record TopK(int k) implements Truncation {
        @Override
        public Distribution apply(Distribution distribution) {
            if (k >= distribution.size()) {
                return distribution;
            }
            int[] likeliest = distribution.likeliest(k);
            double threshold = distribution.logProbability(likeliest[k - 1]);
            return distribution.keeping(id -> distribution.logProbability(id) >= threshold);
        }

        @Override
        public String label() {
            return "top-k " + k;
        }
    }

    /**
     * Keeps the fewest tokens, from the likeliest on, whose probabilities add up to at least p (Holtzman et al. 2019, arXiv:1904.09751).
     */
    record TopP(double p) implements Truncation {
        private static final int FIRST_GUESS = 64;

        @Override
        public Distribution apply(Distribution distribution) {
            // Usually few tokens stay: sort a few first, and four times as many each time these were not enough.
            for (int n = FIRST_GUESS; ; n = (int) Math.min(4L * n, distribution.size())) {
                int[] likeliest = distribution.likeliest(n);
                double reached = 0;
                for (int i = 0; i < likeliest.length; i++) {
                    reached += distribution.probability(likeliest[i]);
                    if (reached >= p) {
                        return first(i + 1, likeliest, distribution);
                    }
                }
                if (n >= distribution.size()) {
                    return distribution; // because of rounding, even all tokens together stay just below p
                }
            }
        }

        private static Distribution first(int n, int[] likeliest, Distribution distribution) {
            double threshold = distribution.logProbability(likeliest[n - 1]);
            int last = likeliest[n - 1];
            return distribution.keeping(id -> distribution.logProbability(id) > threshold
                || distribution.logProbability(id) == threshold && id <= last);
        }

        @Override
        public String label() {
            return "top-p " + p;
        }
    }

    /** Keeps the tokens that are at least {@code share} times as probable as the likeliest (Nguyen et al. 2024, arXiv:2407.01082). */
    record MinP(double share) implements Truncation {
        @Override
        public Distribution apply(Distribution distribution) {
            double threshold = share * distribution.probability(distribution.likeliest(1)[0]);
            return distribution.keeping(id -> distribution.probability(id) >= threshold);
        }

        @Override
        public String label() {
            return "min-p " + share;
        }
    }
}
