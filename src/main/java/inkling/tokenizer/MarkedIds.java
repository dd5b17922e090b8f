package inkling.tokenizer;

/**
 * The ids of a {@link MarkedText}.
 *
 * @param marks for each id, the bitwise or of the marks of its characters
 */
public record MarkedIds(int[] ids, int[] marks) {
    /** Whether at least one character of the id at index {@code at} has {@code mark}. */
    public boolean has(int at, int mark) {
        return (marks[at] & mark) != 0;
    }
}
