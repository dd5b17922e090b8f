package inkling.tokenizer;

/**
 * The ids of a {@link MarkedText}.
 *
 * @param marks for each id every mark that at least one of its characters has, joined by a bitwise or
 */
public record MarkedIds(int[] ids, int[] marks) {
    /** Whether at least one character of the id at index {@code at} has {@code mark}. */
    public boolean has(int at, int mark) {
        return (marks[at] & mark) != 0;
    }
}
