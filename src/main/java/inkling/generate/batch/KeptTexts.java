package inkling.generate.batch;

import inkling.generate.batch.Sequences.Sequence;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Ended texts, whose keys and values a later prompt may reuse. The least recently used is freed first. */
final class KeptTexts {
    private static final int FEWEST_SHARED_TOKENS = 16; // fewer tokens are computed more quickly than copied

    /**
     * A kept text is cut, not copied, if it shares at least {@value} tokens with the prompt for each token that the cut loses. A later
     * prompt that needs the few lost tokens reads them again quickly.
     */
    private static final int SHARED_FOR_EACH_LOST = 8;

    /** The most texts that are kept: more conversations are rarely under way at a time, and each prompt is compared with all kept texts. */
    private static final int MOST_TEXTS = 64;

    /** @param ids that {@code sequence} has read */
    record Kept(int[] ids, Sequence sequence) {
        /** Keeps the first ids of {@code text}, as many as {@code sequence} has read of it. */
        static Kept of(int[] text, Sequence sequence) {
            return new Kept(Arrays.copyOf(text, Math.min(text.length, sequence.length())), sequence);
        }
    }

    private final Deque<Kept> texts = new ArrayDeque<>();

    void add(Kept text) {
        texts.addLast(text);
    }

    long bytes() {
        return texts.stream().mapToLong(text -> text.sequence().bytes()).sum();
    }

    /** Frees the least recently used texts until at most {@value #MOST_TEXTS} are left, and these take at most {@code bytes}. */
    void shrinkTo(long bytes) {
        while (texts.size() > MOST_TEXTS || !texts.isEmpty() && bytes() > Math.max(0, bytes)) {
            texts.removeFirst().sequence().close();
        }
    }

    /**
     * Gives a sequence that has read the longest known beginning of {@code ids}, if that beginning is long enough. It never includes the
     * last id: the model still has to read that one, to give the logits after it.
     *
     * @param others texts under way: they can be copied, but not cut
     * @param mostBytes the most bytes that the sequence may take: a kept sequence whose arrays are larger is not cut, since
     *     cutting does not make its arrays smaller
     */
    Optional<Sequence> beginning(int[] ids, Sequences sequences, List<Kept> others, long mostBytes) {
        Optional<Kept> best = Stream.concat(texts.stream(), others.stream()).max(Comparator.comparingInt(text -> shared(text, ids)));
        if (best.isEmpty() || shared(best.get(), ids) < FEWEST_SHARED_TOKENS) {
            return Optional.empty();
        }
        Kept text = best.get();
        int tokens = shared(text, ids);
        boolean ended = texts.remove(text);
        if (ended && text.ids().length - tokens <= tokens / SHARED_FOR_EACH_LOST && text.sequence().bytes() <= mostBytes) {
            text.sequence().truncate(tokens); // the prompt begins with the whole text, or with all but its last few tokens
            return Optional.of(text.sequence());
        }
        if (ended) {
            texts.addLast(text);
        }
        return Optional.of(sequences.copy(text.sequence(), tokens));
    }

    private static int shared(Kept text, int[] ids) {
        int mismatch = Arrays.mismatch(text.ids(), ids);
        return Math.min(ids.length - 1, mismatch < 0 ? ids.length : mismatch);
    }
}
