package inkling.tokenizer;

import java.util.Arrays;

/** A growing array of ints. */
public final class IntList {
    private int[] values;
    private int size;

    /** @param capacity how many ints must fit before the array grows */
    public IntList(int capacity) {
        values = new int[Math.max(8, capacity)];
    }

    public void add(int value) {
        reserve(1);
        values[size++] = value;
    }

    /** Adds the first {@code count} values of {@code source}. */
    public void addAll(int[] source, int count) {
        reserve(count);
        System.arraycopy(source, 0, values, size, count);
        size += count;
    }

    public int size() {
        return size;
    }

    public int get(int index) {
        return values[index];
    }

    public int[] toArray() {
        return Arrays.copyOf(values, size);
    }

    private void reserve(int more) {
        if (size + more > values.length) {
            values = Arrays.copyOf(values, Math.max(Math.addExact(size, more), values.length + (values.length >> 1)));
        }
    }
}
