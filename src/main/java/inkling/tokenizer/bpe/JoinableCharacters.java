package inkling.tokenizer.bpe;

import java.util.Arrays;
import java.util.List;

/**
 * The pairs of neighbouring characters that a merge can ever join. Each merge gives one pair: the last character of its left part and the
 * first character of its right part. Between any other two characters a piece can be cut without changing its ids.
 */
final class JoinableCharacters {
    private static final int ASCII = 0x80;
    private static final long FREE = -1;

    private final boolean[] ascii = new boolean[ASCII * ASCII];
    private long[] pairs = new long[1 << 10];   // left << 32 | right, in a hash table with open addressing, at most half full
    private int size;

    /** @param tokens the string of each id */
    JoinableCharacters(List<String> tokens, List<BpeModel.Merge> merges) {
        Arrays.fill(pairs, FREE);
        for (BpeModel.Merge merge : merges) {
            String left = tokens.get(merge.left());
            add(left.codePointBefore(left.length()), tokens.get(merge.right()).codePointAt(0));
        }
    }

    /** Whether a merge can ever join these two neighbouring code points. */
    boolean canJoin(int left, int right) {
        return left < ASCII && right < ASCII ? ascii[left * ASCII + right] : pairs[slot(pair(left, right))] != FREE;
    }

    private void add(int left, int right) {
        if (left < ASCII && right < ASCII) {
            ascii[left * ASCII + right] = true;
            return;
        }
        int slot = slot(pair(left, right));
        if (pairs[slot] != FREE) {
            return;
        }
        pairs[slot] = pair(left, right);
        if (++size * 2 > pairs.length) {
            long[] all = pairs;
            pairs = new long[all.length * 2];
            Arrays.fill(pairs, FREE);
            Arrays.stream(all).filter(pair -> pair != FREE).forEach(pair -> pairs[slot(pair)] = pair);
        }
    }

    private static long pair(int left, int right) {
        return Merges.pair(left, right);
    }

    private int slot(long pair) {
        int slot = (int) (Merges.mix(pair) >>> 32) & pairs.length - 1;
        while (pairs[slot] != pair && pairs[slot] != FREE) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }
}
