package inkling.tokenizer.bpe;

import inkling.errors.ConfigException;
import inkling.tokenizer.IntList;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.split.Gpt2Split;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Learns a byte-level BPE vocabulary from text: {@code new BpeTrainer(1024).add(text).train()}. It starts with the 256 bytes. In each step,
 * the most frequent pair of neighbouring tokens becomes one token. The last id is {@code <|endoftext|>}. If several pairs are equally
 * frequent, the lowest left id wins, then the lowest right id, as in Hugging Face's trainer. So the same text gives the same vocabulary
 * everywhere. Texts may be added one by one. The trainer keeps only their distinct words (the pieces of GPT-2's split), with counts.
 * Source: Sennrich et al. 2016, arXiv:1508.07909.
 */
public final class BpeTrainer {
    /** A pair, with its count when this candidate was queued. If later merges change the count, the pair is queued again. */
    private record Candidate(long pair, long count) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return count != other.count ? Long.compare(other.count, count) : Long.compare(pair, other.pair);
        }
    }

    /** The places where a pair begins, in the order in which they were found. A later merge may have removed the pair from some of them. */
    private static final class Occurrences {
        private final IntList places = new IntList(8);
        private long count;
    }

    private final int vocabSize;
    private final WordCounts words = new WordCounts();

    private int[] symbols;  // of all distinct words, one after another; -1 for a symbol that has merged into the one before
    private int[] next;     // place of the word's next symbol, or -1
    private int[] previous; // place of the word's previous symbol, or -1
    private int[] wordOf;   // number of the word to which a place belongs
    private final Map<Long, Occurrences> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<BpeModel.Merge> merges = new ArrayList<>();

    /** @throws ConfigException if {@code vocabSize} is below {@link TokenizerConfig.BpeTokenizerConfig#MIN_VOCAB_SIZE} */
    public BpeTrainer(int vocabSize) {
        this.vocabSize = new TokenizerConfig.BpeTokenizerConfig(Optional.of(vocabSize)).vocabSize().orElseThrow();
    }

    /** Counts the words of {@code text}. {@code <|endoftext|>} in it is left out: it is a token already. */
    public BpeTrainer add(String text) {
        for (int from = 0; from <= text.length();) {
            int end = text.indexOf(BpeModel.END_OF_TEXT, from);
            byte[] utf8 = text.substring(from, end < 0 ? text.length() : end).getBytes(StandardCharsets.UTF_8);
            Gpt2Split.INSTANCE.split(utf8, 0, utf8.length, words::add);
            from = end < 0 ? text.length() + 1 : end + BpeModel.END_OF_TEXT.length();
        }
        return this;
    }

    /** Receives words, which are byte strings, each with its count. */
    @FunctionalInterface
    public interface Counts {
        void accept(byte[] word, long count);
    }

    /** Adds {@code count} occurrences of {@code word}, a piece of GPT-2's split. {@link #counts} of other trainers gives such words. */
    public BpeTrainer add(byte[] word, long count) {
        words.add(word, 0, word.length, count);
        return this;
    }

    /** Passes every word and its count to {@code sink}. {@link #add(byte[], long)} of another trainer takes the words in any order. */
    public void counts(Counts sink) {
        for (int word = 0; word < words.size(); word++) {
            sink.accept(words.bytes(word), words.count(word));
        }
    }

    /**
     * Learns the vocabulary. Call it once per trainer.
     *
     * @throws ConfigException if the text has too few pairs for {@code vocabSize} tokens; the message names the largest possible size
     */
    public BpeTokenizer train() {
        BpeTokenizer tokenizer = trainAtMost();
        if (tokenizer.vocabSize() < vocabSize) {
            throw new ConfigException(("vocab_size = %d, but this text gives at most %d tokens: every word is then one token."
                + " Set vocab_size: %d or lower, or train on more text.").formatted(vocabSize, tokens.size(), tokens.size()));
        }
        return tokenizer;
    }

    /** As {@link #train}, but a text with too few pairs gives a smaller vocabulary, in which every word of the text is one token. */
    public BpeTokenizer trainAtMost() {
        layOut();
        boolean more = true;
        while (more && tokens.size() < vocabSize - 1) {
            more = mergeMostFrequent();
        }
        tokens.add(BpeModel.END_OF_TEXT);
        return new BpeTokenizer("trained", BpeModel.gpt2Style(tokens, merges));
    }

    private void layOut() {
        if (symbols != null) {
            throw new IllegalStateException("This trainer has trained; make a new one.");
        }
        int[] idOfByte = new int[256];
        for (int b : ByteAlphabet.bytesInOrder()) {
            idOfByte[b] = tokens.size();
            define(String.valueOf(ByteAlphabet.character(b)));
        }
        int length = words.size() == 0 ? 0 : words.end(words.size() - 1);
        symbols = new int[length];
        next = new int[length];
        previous = new int[length];
        wordOf = new int[length];
        for (int word = 0; word < words.size(); word++) {
            for (int i = words.start(word); i < words.end(word); i++) {
                symbols[i] = idOfByte[words.byteAt(i) & 0xFF];
                wordOf[i] = word;
                next[i] = i + 1 < words.end(word) ? i + 1 : -1;
                previous[i] = i > words.start(word) ? i - 1 : -1;
                if (previous[i] >= 0) {
                    occurs(i - 1, symbols[i - 1], symbols[i]);
                }
            }
        }
        pairs.forEach((pair, found) -> queue.add(new Candidate(pair, found.count)));
    }

    /** Notes that the pair (left, right) begins at {@code place}. */
    private void occurs(int place, int left, int right) {
        Occurrences found = pairs.computeIfAbsent(Merges.pair(left, right), pair -> new Occurrences());
        found.places.add(place);
        found.count += words.count(wordOf[place]);
    }

    /** Notes that the pair (left, right) no longer begins at {@code place}. */
    private void ceases(int place, int left, int right) {
        pairs.get(Merges.pair(left, right)).count -= words.count(wordOf[place]);
    }

    /** Merges the most frequent pair. False if no pair is left. */
    private boolean mergeMostFrequent() {
        for (Candidate best = queue.poll(); best != null; best = queue.poll()) {
            Occurrences found = pairs.get(best.pair);
            if (found == null || found.count == 0) {
                continue;
            }
            if (found.count != best.count) {
                queue.add(new Candidate(best.pair, found.count)); // merges have changed its count since it was queued
                continue;
            }
            merge((int) (best.pair >>> 32), (int) best.pair, found.places);
            return true;
        }
        return false;
    }

    private void merge(int left, int right, IntList places) {
        String together = tokens.get(left) + tokens.get(right);
        int merged = ids.containsKey(together) ? ids.get(together) : define(together);
        merges.add(new BpeModel.Merge(left, right, merged));
        Set<Long> made = new HashSet<>();
        for (int i = 0; i < places.size(); i++) {
            int place = places.get(i);
            int second = next[place];
            if (symbols[place] == left && second >= 0 && symbols[second] == right) {
                mergeAt(place, second, merged, made);
            }
        }
        pairs.remove(Merges.pair(left, right));
        made.forEach(pair -> {
            Occurrences found = pairs.get(pair);
            if (found != null) {
                queue.add(new Candidate(pair, found.count));
            }
        });
    }

    private void mergeAt(int place, int second, int merged, Set<Long> made) {
        int before = previous[place];
        int after = next[second];
        if (before >= 0) {
            ceases(before, symbols[before], symbols[place]);
            occurs(before, symbols[before], merged);
            made.add(Merges.pair(symbols[before], merged));
        }
        if (after >= 0) {
            ceases(second, symbols[second], symbols[after]);
            occurs(place, merged, symbols[after]);
            made.add(Merges.pair(merged, symbols[after]));
            previous[after] = place;
        }
        symbols[place] = merged;
        symbols[second] = -1;
        next[place] = after;
        next[second] = -1;
    }

    private int define(String token) {
        ids.put(token, tokens.size());
        tokens.add(token);
        return tokens.size() - 1;
    }
}
