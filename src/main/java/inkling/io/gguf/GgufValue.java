package inkling.io.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The value of a key in a GGUF file.
 *
 * @param type the type of the value, or of each element of a list
 * @param value a {@link Long} for whole numbers, {@link Double}, {@link Boolean}, {@link String}, or a {@link List} of one of these
 */
public record GgufValue(Type type, Object value) {
    /** The types of values, in the order of their numbers in the file. */
    public enum Type {
        U8(1), I8(1), U16(2), I16(2), U32(4), I32(4), F32(4), BOOL(1), TEXT(8), ARRAY(12), U64(8), I64(8), F64(8);

        private final int leastBytes;

        Type(int leastBytes) {
            this.leastBytes = leastBytes;
        }

        /** How many bytes a value takes at least. */
        int leastBytes() {
            return leastBytes;
        }

        static Optional<Type> of(int number) {
            return number >= 0 && number < values().length ? Optional.of(values()[number]) : Optional.empty();
        }
    }

    public GgufValue {
        value = value instanceof List<?> list ? List.copyOf(list) : value;
    }

    public static GgufValue text(String text) {
        return new GgufValue(Type.TEXT, text);
    }

    /** An unsigned number of 32 bits. */
    public static GgufValue count(long number) {
        return new GgufValue(Type.U32, number);
    }

    /** A number that is stored as a float. */
    public static GgufValue real(double number) {
        return new GgufValue(Type.F32, number);
    }

    public static GgufValue flag(boolean on) {
        return new GgufValue(Type.BOOL, on);
    }

    public static GgufValue texts(List<String> texts) {
        return new GgufValue(Type.TEXT, texts);
    }

    public static GgufValue wholes(int[] numbers) {
        return new GgufValue(Type.I32, Arrays.stream(numbers).asLongStream().boxed().toList());
    }

    public static GgufValue reals(float[] numbers) {
        return new GgufValue(Type.F32, IntStream.range(0, numbers.length).mapToObj(i -> (double) numbers[i]).toList());
    }
}
