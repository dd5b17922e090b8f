package inkling.io.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The element types that are read and written, with their numbers in the file. Source: {@code ggml.h}, {@code docs/gguf.md} of ggml. */
public enum GgufType {
    F32(0, 0, 1, 4), F16(1, 1, 1, 2),
    /** Blocks of 32 numbers of a row: a half-precision factor, then 32 signed bytes. */
    Q8_0(8, 7, 32, 34),
    BF16(30, 32, 1, 2);

    /** Types that are not read, by their numbers; only messages use them. */
    private static final Map<Integer, String> OTHERS = Map.ofEntries(Map.entry(2, "Q4_0"), Map.entry(3, "Q4_1"), Map.entry(6, "Q5_0"),
        Map.entry(7, "Q5_1"), Map.entry(9, "Q8_1"), Map.entry(10, "Q2_K"), Map.entry(11, "Q3_K"), Map.entry(12, "Q4_K"),
        Map.entry(13, "Q5_K"), Map.entry(14, "Q6_K"), Map.entry(15, "Q8_K"), Map.entry(16, "IQ2_XXS"), Map.entry(17, "IQ2_XS"),
        Map.entry(18, "IQ3_XXS"), Map.entry(19, "IQ1_S"), Map.entry(20, "IQ4_NL"), Map.entry(21, "IQ3_S"), Map.entry(22, "IQ2_S"),
        Map.entry(23, "IQ4_XS"), Map.entry(24, "I8"), Map.entry(25, "I16"), Map.entry(26, "I32"), Map.entry(27, "I64"),
        Map.entry(28, "F64"), Map.entry(29, "IQ1_M"), Map.entry(34, "TQ1_0"), Map.entry(35, "TQ2_0"), Map.entry(39, "MXFP4"));

    private final int number;
    private final int fileType;
    private final int blockElements;
    private final int blockBytes;

    GgufType(int number, int fileType, int blockElements, int blockBytes) {
        this.number = number;
        this.fileType = fileType;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** {@code f32}, {@code f16}, {@code bf16} or {@code q8_0}, as on a command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code general.file_type} of a file that is mostly of this type. */
    public int fileType() {
        return fileType;
    }

    int number() {
        return number;
    }

    /** How many numbers of a row are stored together; the length of a row must be a multiple of this. */
    public int blockElements() {
        return blockElements;
    }

    int blockBytes() {
        return blockBytes;
    }

    /** @param elements a multiple of {@link #blockElements} */
    long bytes(long elements) {
        return elements / blockElements * blockBytes;
    }

    /** Whether rows of this length can be stored. */
    public boolean fits(long rowLength) {
        return rowLength % blockElements == 0;
    }

    static Optional<GgufType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    static String name(int number) {
        return of(number).map(GgufType::name).orElseGet(() -> OTHERS.getOrDefault(number, "type " + Integer.toUnsignedString(number)));
    }

    static List<String> names() {
        return Arrays.stream(values()).map(GgufType::name).toList();
    }
}
