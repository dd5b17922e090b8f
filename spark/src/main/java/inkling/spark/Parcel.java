package inkling.spark;

import inkling.runfile.ClusterConfig.Deltas;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.Tuple2;

/**
 * A message to the driver: a worker's report, or the sum of what all workers sent for one chunk (weights or changes, see {@link Deltas}).
 *
 * <p>The workers themselves send pairs of a key and bytes, which are sorted by key. The reports come first, then chunk after chunk, and
 * within a chunk the workers' parts in the order of the workers. So numbers are always added in the same order, whichever worker was ready
 * first.
 */
sealed interface Parcel extends java.io.Serializable {
    /** A {@link WorkerReport}, as bytes. */
    record Report(byte[] bytes) implements Parcel {}

    /** The sum of the workers' parts of a chunk. */
    record Sum(int chunk, double[] numbers) implements Parcel {}

    /** The key of a worker's report. */
    static long reportKey(int worker) {
        return worker;
    }

    /** The key of a worker's part of a chunk; it is greater than the keys of all reports. */
    static long chunkKey(int chunk, int worker, int workers) {
        return (chunk + 1L) * workers + worker;
    }

    /**
     * Puts all reports into the first partition, so that the driver reads them before it makes a step. Each further partition gets up to
     * {@value #CHUNKS_EACH} chunks.
     */
    final class ByChunk extends Partitioner {
        private static final int CHUNKS_EACH = 4;

        private final int workers;
        private final int chunks;

        ByChunk(int workers, int chunks) {
            this.workers = workers;
            this.chunks = chunks;
        }

        @Override
        public int numPartitions() {
            return 1 + (chunks + CHUNKS_EACH - 1) / CHUNKS_EACH;
        }

        @Override
        public int getPartition(Object key) {
            long group = (Long) key / workers;   // 0: the reports; 1 + n: chunk n
            return group == 0 ? 0 : 1 + (int) ((group - 1) / CHUNKS_EACH);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByChunk that && that.workers == workers && that.chunks == chunks;
        }

        @Override
        public int hashCode() {
            return 31 * workers + chunks;
        }
    }

    /**
     * Adds up the workers' parts of each chunk in a partition. The pairs of a partition come in the order of their keys.
     *
     * @param count how many numbers all chunks of a run have together
     */
    record Adding(int workers, long count, Deltas deltas) implements FlatMapFunction<Iterator<Tuple2<Long, byte[]>>, Parcel> {
        @Override
        public Iterator<Parcel> call(Iterator<Tuple2<Long, byte[]>> sorted) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return sorted.hasNext();
                }

                @Override
                public Parcel next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException("the partition is at its end");
                    }
                    Tuple2<Long, byte[]> first = sorted.next();
                    long group = first._1() / workers;   // 0: the reports; 1 + n: chunk n
                    return group == 0 ? new Report(first._2()) : sum((int) (group - 1), first, sorted);
                }
            };
        }

        private Sum sum(int chunk, Tuple2<Long, byte[]> first, Iterator<Tuple2<Long, byte[]>> sorted) {
            double[] sum = new double[Weights.length(count, chunk)];
            Tuple2<Long, byte[]> part = first;
            for (int worker = 0; worker < workers; worker++) {
                if (part._1() != chunkKey(chunk, worker, workers)) {
                    throw new IllegalStateException("chunk %d: expected worker %d, got key %d".formatted(chunk, worker, part._1()));
                }
                ChunkBytes.add(deltas, part._2(), sum);
                part = worker + 1 < workers ? sorted.next() : part;
            }
            return new Sum(chunk, sum);
        }
    }
}
