package inkling.spark;

import inkling.runfile.ClusterConfig.Deltas;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.function.FlatMapFunction;
import scala.Tuple2;

/**
 * What reaches the driver: a worker's report, or what all workers together learned of one chunk. Keys put them into one order: reports
 * first, then chunk after chunk, each worker's part in the workers' order. So numbers are always added in that order, whoever was ready
 * first.
 */
sealed interface Parcel extends java.io.Serializable {
    /** A {@link WorkerReport}, as bytes. */
    record Report(byte[] bytes) implements Parcel {}

    /** The workers' parts of a chunk, added up. */
    record Sum(int chunk, double[] numbers) implements Parcel {}

    static long report(int worker) {
        return worker;
    }

    static long key(int chunk, int worker, int workers) {
        return (chunk + 1L) * workers + worker;
    }

    /** Reports have the first partition, so that the driver has seen them before it takes a step; some chunks have each of the others. */
    final class ByChunk extends Partitioner {
        private static final int CHUNKS = 4;

        private final int workers;
        private final int chunks;

        ByChunk(int workers, int chunks) {
            this.workers = workers;
            this.chunks = chunks;
        }

        @Override
        public int numPartitions() {
            return 1 + (chunks + CHUNKS - 1) / CHUNKS;
        }

        @Override
        public int getPartition(Object key) {
            long block = (Long) key / workers;
            return block == 0 ? 0 : 1 + (int) ((block - 1) / CHUNKS);
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

    /** Adds up one partition, whose pairs come in the order of their keys. */
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
                    long block = first._1() / workers;
                    return block == 0 ? new Report(first._2()) : sum((int) (block - 1), first, sorted);
                }
            };
        }

        private Sum sum(int chunk, Tuple2<Long, byte[]> first, Iterator<Tuple2<Long, byte[]>> sorted) {
            double[] sum = new double[Weights.length(count, chunk)];
            Tuple2<Long, byte[]> part = first;
            for (int worker = 0; worker < workers; worker++) {
                if (part._1() != key(chunk, worker, workers)) {
                    throw new IllegalStateException("chunk %d: expected worker %d, got key %d".formatted(chunk, worker, part._1()));
                }
                ChunkBytes.add(deltas, part._2(), sum);
                part = worker + 1 < workers ? sorted.next() : part;
            }
            return new Sum(chunk, sum);
        }
    }
}
