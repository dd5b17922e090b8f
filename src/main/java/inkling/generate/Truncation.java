package inkling.generate;

/**
 * Removes unlikely tokens and renormalises. Never revives a removed token, never removes the likeliest, keeps the survivors' order.
 *
 * <p>Several truncations act one after the other. {@link Sampler#of} defines their order; the playground's {@code shape.js},
 * docs/serving.md and the test {@code SamplerProperties} repeat it.
 */
public sealed interface Truncation {
    Distribution apply(Distribution distribution);

    /** As the command line spells it, e.g. {@code top-k 40}. */
    String label();

    /** The k likeliest; tokens that tie with the k-th stay (Fan et al. 2018, arXiv:1805.04833). */
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
     * The shortest run of likeliest tokens whose probabilities reach p, the one that crosses it included
     * (Holtzman et al. 2019, arXiv:1904.09751).
     */
    record TopP(double p) implements Truncation {
        private static final int FIRST_GUESS = 64;

        @Override
        public Distribution apply(Distribution distribution) {
            // The run is usually short: sort a few tokens first, and four times as many each time that was not enough.
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

    /** Tokens at least {@code share} times as probable as the likeliest (Nguyen et al. 2024, arXiv:2407.01082). */
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
