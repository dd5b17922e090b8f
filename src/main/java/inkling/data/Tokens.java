package inkling.data;

import java.util.Objects;

/**
 * Token ids at positions 0 … {@link #count()} − 1: an array, or files that may be larger than memory. Several threads may read at once.
 */
public interface Tokens {
    long count();

    /** The id at {@code position}. */
    int at(long position);

    /** Copies the ids at {@code from … from + length − 1} to {@code into[offset …]}. */
    default void read(long from, long[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        Objects.checkFromIndexSize(from, (long) length, count());
        for (int i = 0; i < length; i++) {
            into[offset + i] = at(from + i);
        }
    }

    /** Ids in memory. {@code Tokens.of(5, 6, 7).at(1)} is 6. */
    static Tokens of(int... ids) {
        int[] copy = ids.clone();
        return new Tokens() {
            @Override
            public long count() {
                return copy.length;
            }

            @Override
            public int at(long position) {
                return copy[Math.toIntExact(position)];
            }
        };
    }
}
