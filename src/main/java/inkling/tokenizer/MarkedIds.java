package inkling.tokenizer;

/**
 * Ids with marks, e.g. those of a {@link MarkedText}.
 *
 * @param marks for each id, the bitwise or of its marks; an id of a {@link MarkedText} has at least the marks of its characters
 */
public record MarkedIds(int[] ids, int[] marks) {
    /** Whether the id at index {@code at} has {@code mark}. */
    public boolean has(int at, int mark) {
        return (marks[at] & mark) != 0;
    }
}
