package inkling.formats.family;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;

/** The number that a file says where we keep what follows from it: 8, not 7.999999999999999. */
final class Roundest {
    private static final int MOST_DIGITS = 17;

    private Roundest() {}

    /** The number of fewest digits near {@code guess} from which {@code kept} follows exactly; {@code guess} itself if none does. */
    static double of(double guess, double kept, DoubleUnaryOperator follows) {
        for (int digits = 1; digits <= MOST_DIGITS && Double.isFinite(guess); digits++) {
            double candidate = new BigDecimal(guess).round(new MathContext(digits)).doubleValue();
            if (follows.applyAsDouble(candidate) == kept) {
                return candidate;
            }
        }
        return guess;
    }
}
