package inkling.formats.family;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;

/**
 * Finds the number x that a file had, from the value f(x), which is all that the program has kept. From 1/√8, for example, it finds 8,
 * not 8.000000000000002.
 */
final class ShortestNumber {
    private static final int MOST_DIGITS = 17;      // enough to tell any two doubles apart

    private ShortestNumber() {}

    /**
     * The number near {@code guess}, with as few digits as possible, for which {@code function} gives exactly {@code kept}; {@code guess}
     * itself if there is none.
     */
    static double of(double guess, double kept, DoubleUnaryOperator function) {
        for (int digits = 1; digits <= MOST_DIGITS && Double.isFinite(guess); digits++) {
            double candidate = new BigDecimal(guess).round(new MathContext(digits)).doubleValue();
            if (function.applyAsDouble(candidate) == kept) {
                return candidate;
            }
        }
        return guess;
    }
}
