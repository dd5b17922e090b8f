package inkling.io.gguf;

/** Rounds floats to 16 bits: to the nearest value, ties to the even one. */
final class HalfFloats {
    private HalfFloats() {}

    /** bfloat16: the upper 16 bits of a float, rounded. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);    // stays a NaN
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /** IEEE 754 binary16; values that are too large become infinite. */
    static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int rest = bits & 0x7FFFFFFF;
        if (rest > 0x7F800000) {
            return (short) (sign | 0x7E00);
        }
        if (rest >= 0x47800000) {                   // 2^16 and above
            return (short) (sign | 0x7C00);
        }
        if (rest < 0x38800000) {                    // below 2^-14: a multiple of 2^-24
            return (short) (sign | (int) Math.rint(Float.intBitsToFloat(rest) * 0x1p24f));
        }
        int rounded = rest + 0xFFF + (rest >>> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >>> 13);
    }
}
