package inkling.io.tensors;

import inkling.errors.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.function.IntToDoubleFunction;

/** Reads the floating-point formats F32, F16 and BF16 as Java floats, exactly; reads most types as doubles ({@link #numbers}). */
public final class FloatReader {
    private FloatReader() {}

    static void requireFloats(Path file, TensorInfo tensor) {
        switch (tensor.dtype()) {
            case F32, F16, BF16 -> { }
            case F64 -> throw new ModelFormatException(("%s: %s is F64, which would lose precision as 32-bit floats."
                    + " Convert the file to F32 first.").formatted(file, tensor.name()));
            case BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, I16, U16, I32, U32, C64, I64, U64 ->
                throw new ModelFormatException("%s: %s is %s, expected F32, F16 or BF16.".formatted(file, tensor.name(), tensor.dtype()));
        }
    }

    /**
     * Puts all of {@code bytes} (little endian), widened to floats, into {@code target}.
     *
     * @param dtype F32, F16 or BF16
     */
    public static void widen(Dtype dtype, ByteBuffer bytes, FloatBuffer target) {
        if (dtype == Dtype.F32) {
            target.put(bytes.asFloatBuffer());
            return;
        }
        ShortBuffer halves = bytes.asShortBuffer();
        if (dtype == Dtype.BF16) {
            while (halves.hasRemaining()) {
                target.put(Float.intBitsToFloat(halves.get() << 16));   // bfloat16 is the upper half of a float
            }
        } else {
            while (halves.hasRemaining()) {
                target.put(fromHalf(halves.get()));
            }
        }
    }

    /** A function that gives the element of {@code bytes} (little endian) at an index; exact except for integers beyond 2^53. */
    static IntToDoubleFunction numbers(Path file, TensorInfo tensor, ByteBuffer bytes) {
        return switch (tensor.dtype()) {
            case BOOL, U8 -> i -> bytes.get(i) & 0xFF;
            case I8 -> bytes::get;
            case I16 -> i -> bytes.getShort(2 * i);
            case U16 -> i -> bytes.getShort(2 * i) & 0xFFFF;
            case F16 -> i -> fromHalf(bytes.getShort(2 * i));
            case BF16 -> i -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
            case I32 -> i -> bytes.getInt(4 * i);
            case U32 -> i -> Integer.toUnsignedLong(bytes.getInt(4 * i));
            case F32 -> i -> bytes.getFloat(4 * i);
            case I64 -> i -> bytes.getLong(8 * i);
            case U64 -> i -> unsigned(bytes.getLong(8 * i));
            case F64 -> i -> bytes.getDouble(8 * i);
            case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, C64 -> throw new ModelFormatException(
                "%s: %s is %s, expected whole numbers or floats of at least 16 bits.".formatted(file, tensor.name(), tensor.dtype()));
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;   // half of the number fits into a long; the lost bit is kept for rounding
    }

    /** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) as a float, NaN payloads included. */
    public static float fromHalf(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1F;
        int fraction = half & 0x3FF;
        if (exponent == 0) {   // zero or subnormal: fraction * 2^-24 is exact in a float
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
        }
        int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
