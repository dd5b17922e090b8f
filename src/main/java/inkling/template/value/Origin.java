package inkling.template.value;

/**
 * Where a character of a rendered text came from, as one number: {@link #TEMPLATE}, {@link #OTHER}, or {@code i + 1} for message {@code i}.
 * If the character was written inside a {@code generation} block, the number has one more bit.
 */
public final class Origin {
    /**
     * The template's own text, special tokens and the usual roles of messages. Also printed numbers, and the quotes and brackets that
     * printing adds.
     */
    public static final int TEMPLATE = 0;
    /** Data that belongs to no message: tools, documents, further variables. */
    public static final int OTHER = (1 << 30) - 1;
    private static final int GENERATED = 1 << 30;

    private Origin() {}

    /** The origin of the data of message {@code index}, from 0. */
    public static int message(int index) {
        return index + 1;
    }

    /** Whether the origin is data, which a user may have written. */
    public static boolean isData(int origin) {
        return (origin & ~GENERATED) != TEMPLATE;
    }

    /** Whether the origin is data of message {@code index}. */
    public static boolean isOfMessage(int origin, int index) {
        return (origin & ~GENERATED) == index + 1;
    }

    static int generated(int origin) {
        return origin | GENERATED;
    }

    /** Whether the text was written inside a {@code generation} block. */
    public static boolean isGenerated(int origin) {
        return (origin & GENERATED) != 0;
    }
}
