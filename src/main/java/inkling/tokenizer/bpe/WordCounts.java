package inkling.tokenizer.bpe;

import java.util.Arrays;

/** Counts how often each word occurs, without an object per word. A word is a byte string. Words are numbered by their first occurrence. */
final class WordCounts {
    private byte[] bytes = new byte[1 << 16]; // all distinct words, one after the other
    private int[] ends = new int[1 << 12];
    private long[] counts = new long[1 << 12];
    private int size;
    private int[] slots = new int[1 << 13];   // hash table, at most half full: a word's number + 1; 0 for a free slot

    void add(byte[] source, int from, int to) {
        add(source, from, to, 1);
    }

    void add(byte[] source, int from, int to, long times) {
        int slot = slot(source, from, to);
        if (slots[slot] != 0) {
            counts[slots[slot] - 1] += times;
            return;
        }
        append(source, from, to, times);
        slots[slot] = size;
        if (size * 2 > slots.length) {
            rehash();
        }
    }

    int size() {
        return size;
    }

    int start(int word) {
        return word == 0 ? 0 : ends[word - 1];
    }

    int end(int word) {
        return ends[word];
    }

    long count(int word) {
        return counts[word];
    }

    byte byteAt(int index) {
        return bytes[index];
    }

    byte[] bytes(int word) {
        return Arrays.copyOfRange(bytes, start(word), end(word));
    }

    private void append(byte[] source, int from, int to, long times) {
        int start = size == 0 ? 0 : ends[size - 1];
        int end = Math.addExact(start, to - from);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(end, bytes.length * 2L)));
        }
        System.arraycopy(source, from, bytes, start, to - from);
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            counts = Arrays.copyOf(counts, size * 2);
        }
        ends[size] = end;
        counts[size++] = times;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        for (int word = 0; word < size; word++) {
            slots[slot(bytes, start(word), ends[word])] = word + 1;
        }
    }

    private int slot(byte[] source, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + source[i];
        }
        hash *= 0x9E3779B9;
        int slot = (hash ^ hash >>> 15) & slots.length - 1;
        while (slots[slot] != 0 && !Arrays.equals(bytes, start(slots[slot] - 1), ends[slots[slot] - 1], source, from, to)) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }
}
