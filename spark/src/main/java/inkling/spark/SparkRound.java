package inkling.spark;

import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.errors.StorageException;
import inkling.run.WorkerTraining;
import inkling.runfile.ClusterConfig;
import inkling.spark.settings.ClusterSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;

/** Runs rounds as Spark jobs, in one Spark context. */
final class SparkRound implements AutoCloseable {
    /** A longer wait for the first process is told to the user. */
    private static final long QUIET_WAIT_SECONDS = 10;

    private final JavaSparkContext context;
    private final RoundLog log;
    private final int workers;

    /** What one round needs. {@code setting} stays the same in every round; {@link WorkerTask} explains the other components. */
    record Job(WorkerTraining.Setting setting, String checkpoint, long from, long to, ArrayList<WorkerTask.StateFile> states,
               ClusterConfig cluster) {}

    SparkRound(ClusterSettings settings, String name, int workers, RoundLog log) {
        this.workers = workers;
        this.log = log;
        requireWork(settings, settings.processes());
        context = settings.start(name);
        context.sc().addSparkListener(log.listener());
        if (settings.hasExecutors()) {
            try {
                requireExecutors(settings);
            } catch (RuntimeException e) {
                context.close();
                throw e;
            }
        }
    }

    private void requireExecutors(ClusterSettings settings) {
        CountDownLatch arrived = new CountDownLatch(1);
        context.sc().addSparkListener(new SparkListener() {
            @Override
            public void onExecutorAdded(SparkListenerExecutorAdded added) {
                arrived.countDown();
            }
        });
        try {
            long quietly = Math.min(QUIET_WAIT_SECONDS, settings.executorWaitSeconds());
            if (executors() == 0 && !arrived.await(quietly, TimeUnit.SECONDS)) {
                log.waiting(settings);
                if (!arrived.await(settings.executorWaitSeconds() - quietly, TimeUnit.SECONDS)) {
                    throw new ConfigException(("--master %s: no training process started within %d s. Each asks for %s: perhaps no worker"
                        + " offers that much, or there is no worker. Look at the master's page and the workers' logs;"
                        + " ask for less with --conf.")
                        .formatted(settings.master(), settings.executorWaitSeconds(), settings.asked()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        }
        requireWork(settings, executors());
    }

    private void requireWork(ClusterSettings settings, int processes) {
        if (processes > workers) {
            throw new ConfigException(("--master %s: %d processes for %d workers, so some processes would have no worker to train. Set"
                + " cluster.workers to %d or a multiple of it (in a new run), or take fewer processes: --conf spark.cores.max, or a smaller"
                + " local-cluster[…].")
                .formatted(settings.master(), processes, workers, processes));
        }
    }

    /** The number of processes that train; the driver's own entry does not count. */
    private int executors() {
        return context.sc().statusTracker().getExecutorInfos().length - 1;
    }

    /**
     * Trains all workers, then makes the outer step chunk by chunk, as the sums arrive. The driver holds the sums of one partition
     * ({@link Parcel.ByChunk}) at a time.
     *
     * @param weights the weights at the beginning of the round, in chunks
     * @return the workers' reports, in the order of the workers
     * @throws inkling.errors.InklingException if a worker reports a fault (no weight has changed then), or if all of Spark's tries failed
     *     (nothing of the round is saved then)
     */
    List<WorkerReport.Trained> run(Job job, float[][] weights, OuterStep outer) {
        Broadcast<float[][]> broadcast = context.broadcast(weights);
        log.sent();
        try {
            WorkerTask task = new WorkerTask(job.setting(), job.checkpoint(), broadcast, job.from(), job.to(), job.states(), workers,
                job.cluster().deltas());
            List<Integer> numbers = IntStream.range(0, workers).boxed().toList();
            JavaRDD<Parcel> parcels = context.parallelize(numbers, workers).mapPartitionsToPair(task)
                .repartitionAndSortWithinPartitions(new Parcel.ByChunk(workers, weights.length))
                .mapPartitions(new Parcel.Adding(workers, outer.weights().count(), job.cluster().deltas()));
            Iterator<Parcel> arriving = parcels.toLocalIterator();
            List<WorkerReport.Trained> reports = reports(arriving, job);
            log.trained();
            while (arriving.hasNext()) {
                Parcel.Sum sum = (Parcel.Sum) arriving.next();
                long began = System.nanoTime();
                outer.chunk(sum.chunk(), weights[sum.chunk()], sum.numbers());
                log.stepped(System.nanoTime() - began);
            }
            outer.ended();
            return reports;
        } catch (InklingException e) {
            throw e;
        } catch (Exception e) {   // Scala throws the checked SparkException undeclared, so Java cannot catch it by name
            throw explained(e, job);
        } finally {
            broadcast.destroy();
        }
    }

    private List<WorkerReport.Trained> reports(Iterator<Parcel> arriving, Job job) {
        List<WorkerReport> all = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            all.add(report(((Parcel.Report) arriving.next()).bytes()));
        }
        for (WorkerReport report : all) {
            if (report instanceof WorkerReport.Failed failed) {
                throw failed.exception(job.to());
            }
        }
        return all.stream().map(WorkerReport.Trained.class::cast).toList();
    }

    private static WorkerReport report(byte[] bytes) {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (WorkerReport) in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("driver and workers have different versions of Inkling: copy one build to all machines", e);
        }
    }

    /**
     * The exception that explains {@code fault} to the user. Spark throws a SparkException when all tries of a task have failed. Any other
     * fault is returned as it is, wrapped if it is checked.
     */
    private static RuntimeException explained(Exception fault, Job job) {
        Throwable cause = fault;
        while (cause != null && !(cause instanceof SparkException)) {
            cause = cause.getCause();
        }
        if (cause == null) {
            return fault instanceof RuntimeException ours ? ours : new IllegalStateException(fault);
        }
        String text = String.valueOf(cause.getMessage());
        String first = text.lines().findFirst().orElse("");
        if (text.contains("StorageException")) {
            return new StorageException("the round to step %d failed, and nothing of it was kept; the run stands at step %d: %s"
                .formatted(job.to(), job.from(), storageFault(text)), fault);
        }
        return new ConfigException(("the round to step %d failed in all of Spark's tries, and nothing of it was kept; the run stands at"
            + " step %d: %s. Where processes were lost, give them more memory: --conf spark.executor.memory and"
            + " spark.executor.memoryOverhead.")
            .formatted(job.to(), job.from(), first), fault);
    }

    private static String storageFault(String text) {
        return text.lines().filter(line -> line.contains("StorageException")).findFirst().orElse("")
            .replaceFirst(".*StorageException: ", "");
    }

    @Override
    public void close() {
        context.close();
    }
}
