package inkling.tokenizer.bpe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Finds added tokens in text: the leftmost, and of those that begin at one place the longest. */
final class AddedTokens {
    /** How {@link #next} says that there is none. */
    static final long NONE = -1;

    private final byte[][] contents; // longest first
    private final int[] ids;
    private final boolean[] begins = new boolean[256];

    AddedTokens(List<BpeModel.AddedToken> tokens) {
        List<BpeModel.AddedToken> longestFirst = tokens.stream()
            .sorted(Comparator.comparingInt((BpeModel.AddedToken t) -> -t.content().getBytes(StandardCharsets.UTF_8).length)).toList();
        contents = longestFirst.stream().map(t -> t.content().getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        ids = longestFirst.stream().mapToInt(BpeModel.AddedToken::id).toArray();
        for (byte[] content : contents) {
            begins[content[0] & 0xFF] = true;
        }
    }

    boolean isEmpty() {
        return ids.length == 0;
    }

    /** {@code start << 32 | index} of the next one in {@code utf8[from, to)}, or {@link #NONE}. */
    long next(byte[] utf8, int from, int to) {
        for (int at = from; at < to; at++) {
            if (begins[utf8[at] & 0xFF]) {
                for (int i = 0; i < contents.length; i++) {
                    int end = at + contents[i].length;
                    if (end <= to && Arrays.equals(utf8, at, end, contents[i], 0, contents[i].length)) {
                        return (long) at << 32 | i;
                    }
                }
            }
        }
        return NONE;
    }

    int id(int index) {
        return ids[index];
    }

    int length(int index) {
        return contents[index].length;
    }
}
