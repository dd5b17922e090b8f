package inkling;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Checks what an error message must tell: what is wrong, where, and the way out. The rest of the wording may change. */
public final class Says {
    private Says() {}

    /** All {@code parts} are in the message, in this order. */
    public static void says(String message, Object... parts) {
        int from = 0;
        for (Object part : parts) {
            int at = message.indexOf(part.toString(), from);
            assertTrue(at >= 0, "\"%s\" is not said, or too early, in: %s".formatted(part, message));
            from = at + part.toString().length();
        }
    }
}
