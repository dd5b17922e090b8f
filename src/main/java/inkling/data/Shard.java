package inkling.data;

import inkling.errors.ConfigException;
import inkling.random.SplitMix64;
import java.util.Objects;

/**
 * One worker's share of a text or of a list of examples. Together, the shares of all {@code workers} are the whole.
 *
 * <p>In a text of n tokens, a window of T tokens and its last target can begin at n − T places. A worker's shard has the places from
 * floor(worker · (n − T) / workers) up to, but not including, the next worker's first place. So no window is in two shards.
 *
 * <p>A single worker has the whole text and the run's own seed, so it reads the same windows as a run without a cluster.
 *
 * @param worker the number of the worker, from 0
 */
public record Shard(int worker, int workers) {
    private static final long SALT = 0x7368617264000000L;   // "shard"

    public Shard {
        Objects.checkIndex(worker, workers);
    }

    /** The seed of the draws of this worker: of its windows, and of its dropout. Worker 0 has {@code seed} itself, the seed of the run. */
    public long seed(long seed) {
        return worker == 0 ? seed : SplitMix64.mix(seed + SALT + worker * SplitMix64.GAMMA);
    }

    /**
     * Cuts out the tokens that this shard's windows of {@code columns} inputs read, with the windows' targets.
     *
     * @throws ConfigException if there are several workers, and a shard has fewer places than a window has tokens
     */
    public Tokens of(Tokens all, int columns) {
        long places = all.count() - columns;
        if (workers > 1 && places / workers < columns) {
            throw new ConfigException(("cluster.workers = %d: each has a shard of %,d of the %,d training tokens, shorter than a "
                + "window of %,d."
                + " Take fewer workers, at most %d, or more text.").formatted(workers, Math.max(0, places / workers), all.count(), columns,
                Math.max(1, places / columns)));
        }
        return part(all, from(places), to(places) + columns);
    }

    /** The index of this shard's first item among {@code n} items: floor(worker · n / workers). */
    public long from(long n) {
        return Math.multiplyExact((long) worker, n) / workers;
    }

    /** The index after this shard's last item: where the next shard begins. */
    public long to(long n) {
        return Math.multiplyExact(worker + 1L, n) / workers;
    }

    private static Tokens part(Tokens all, long from, long to) {
        return new Tokens() {
            @Override
            public long count() {
                return to - from;
            }

            @Override
            public int at(long position) {
                return all.at(from + Objects.checkIndex(position, to - from));
            }

            @Override
            public void read(long first, long[] into, int offset, int length) {
                Objects.checkFromIndexSize(first, (long) length, to - from);
                all.read(from + first, into, offset, length);
            }
        };
    }
}
