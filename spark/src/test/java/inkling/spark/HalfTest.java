package inkling.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HalfTest {
    @Test void everyHalfIsTheSameAfterAConversionToFloatAndBack() {
        for (int bits = 0; bits <= 0xFFFF; bits++) {
            float wide = Half.toFloat((short) bits);
            if (Float.isNaN(wide)) {
                assertTrue(Float.isNaN(Half.toFloat(Half.of(wide))));
            } else {
                assertEquals((short) bits, Half.of(wide), () -> "of " + wide);
            }
        }
    }

    /** The literals are from IEEE 754, binary16. */
    @Test void numbersAreThoseOfTheStandard() {
        assertEquals(1f, Half.toFloat((short) 0x3C00));
        assertEquals(65504f, Half.toFloat((short) 0x7BFF));
        assertEquals(0x1p-24f, Half.toFloat((short) 1));
        assertEquals(-2f, Half.toFloat((short) 0xC000));
    }

    /** A number between two neighbouring halves goes to the nearer one; the middle goes to the half whose last bit is 0. */
    @Test void numbersBetweenGoToTheNearestOrTheEvenOne() {
        for (int bits = 0; bits < 0x7BFF; bits++) {
            double low = Half.toFloat((short) bits);
            double high = Half.toFloat((short) (bits + 1));
            float middle = (float) ((low + high) / 2);
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertEquals((short) even, Half.of(middle));
            assertEquals((short) bits, Half.of(Math.nextDown(middle)));
            assertEquals((short) (bits + 1), Half.of(Math.nextUp(middle)));
            assertEquals((short) (even | 0x8000), Half.of(-middle));
        }
        assertEquals(Float.POSITIVE_INFINITY, Half.toFloat(Half.of(65520)));
        assertEquals(65504f, Half.toFloat(Half.of(Math.nextDown(65520f))));
    }
}
