package inkling.tokenizer;

/**
 * The ids of a {@link MarkedText}.
 *
 * @param marks of each id: those of all characters that it stands for, together
 */
public record MarkedIds(int[] ids, int[] marks) {
    /** Whether the characters of id {@code at} have {@code mark}, at least one of them. */
    public boolean has(int at, int mark) {
        return (marks[at] & mark) != 0;
    }
}
