package inkling.spark;

/** Converts to and from IEEE 754 numbers of 16 bits (halves). Java itself can do so from version 20 on. */
final class Half {
    private static final int MANTISSA_BITS = 10;
    private static final int BIAS = 15;
    private static final int INFINITY = 0x7C00;

    private Half() {}

    /** The nearest 16-bit number. If two are equally near, it is the one with an even last bit. From ±65,520 on it is infinite. */
    static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        if (Float.isNaN(value)) {
            return (short) (sign | INFINITY | 0x200);
        }
        float magnitude = Math.abs(value);
        if (magnitude >= 65520) {
            return (short) (sign | INFINITY);
        }
        // The magnitude in units of a half's last place at this exponent. Subnormal halves have the unit of the smallest normal half.
        int exponent = Math.max(Math.getExponent(magnitude), 1 - BIAS);
        int units = (int) Math.rint(Math.scalb((double) magnitude, MANTISSA_BITS - exponent));
        // If rounding carries into the next exponent, this sum still gives the right bits.
        return (short) (sign | (exponent + BIAS - 1 << MANTISSA_BITS) + units);
    }

    /** The value of a 16-bit number, exactly. */
    static float toFloat(short half) {
        int exponent = half >>> MANTISSA_BITS & 0x1F;
        int mantissa = half & 0x3FF;
        float magnitude = exponent == 0x1F ? mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN
            : exponent == 0 ? Math.scalb((float) mantissa, 1 - BIAS - MANTISSA_BITS)
            : Math.scalb((float) (mantissa | 0x400), exponent - BIAS - MANTISSA_BITS);
        return half < 0 ? -magnitude : magnitude;
    }
}
