package inkling.serve.batch;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What was read for earlier requests and may be the beginning of a later one: a chat sends all its turns each time. The oldest is dropped
 * where memory is needed.
 */
final class Prefixes {
    /** A beginning shorter than this, or than a tenth of the prompt, is as quickly read as taken over. */
    private static final int SHORTEST = 16;
    private static final int SHORTEST_SHARE = 10;

    /** The tokens that a sequence has read. @param bytes that it takes */
    record Kept(Sequences.Sequence sequence, int[] tokens, long bytes) {}

    private final Deque<Kept> kept = new ArrayDeque<>();

    /** The newest is the last to be dropped. */
    void add(Kept sequence) {
        kept.addLast(sequence);
    }

    /** Takes out the sequence that shares the longest beginning with {@code prompt}, if any is worth it. */
    Optional<Kept> take(int[] prompt) {
        Optional<Kept> best = kept.stream().max(Comparator.comparingInt(k -> common(k.tokens(), prompt)))
            .filter(k -> isWorth(common(k.tokens(), prompt), prompt));
        best.ifPresent(kept::remove);
        return best;
    }

    static boolean isWorth(int common, int[] prompt) {
        return common >= SHORTEST && common * SHORTEST_SHARE >= prompt.length;
    }

    /** How many tokens both begin with; of a prompt the last is always read anew, because its logits are needed. */
    static int common(int[] tokens, int[] prompt) {
        int differs = Arrays.mismatch(tokens, prompt);
        int common = differs < 0 ? tokens.length : differs;
        return Math.min(common, prompt.length - 1);
    }

    Optional<Kept> dropOldest() {
        return Optional.ofNullable(kept.pollFirst());
    }

    long bytes() {
        return kept.stream().mapToLong(Kept::bytes).sum();
    }

    List<Kept> all() {
        return List.copyOf(kept);
    }
}
