package inkling.spark;

import inkling.errors.ExitCode;
import inkling.errors.InklingException;
import inkling.errors.StorageException;
import inkling.io.Manifest;
import inkling.run.WorkerTraining;
import inkling.runfile.ClusterConfig.Deltas;
import inkling.train.DivergedException;
import inkling.train.StepMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/**
 * Trains one worker for a round, in an executor. The result is pairs of {@link Parcel}'s keys and bytes: the worker's report, then its
 * weights or their changes, chunk by chunk. If the worker fails with an exception of Inkling's, the result is only the report; but
 * a storage fault is thrown.
 *
 * <p>What a task sends beside the report depends only on the components below, on the files that these name, and on the kind of processor.
 * So a task that is begun anew on the same kind of processor sends the same bits. Only its report differs: it names times and the process.
 *
 * @param checkpoint the name of any checkpoint in the run's directory: weights that are not trained are read from it
 * @param weights the weights at the beginning of the round, in the chunks of {@link Weights}
 * @param from how many updates are completed before the round
 * @param to how many updates are completed after the round
 * @param states size and hash of the state file of each worker after {@code from} updates ({@code inkling.checkpoint.WorkerStates}); empty
 *     before the first round
 * @param workers how many workers the run has
 * @param deltas the form in which the weights are sent: {@link ChunkBytes}
 */
record WorkerTask(WorkerTraining.Setting setting, String checkpoint, Broadcast<float[][]> weights, long from, long to,
                  ArrayList<StateFile> states, int workers, Deltas deltas) implements PairFlatMapFunction<Iterator<Integer>, Long, byte[]> {

    /** A {@link Manifest.Entry} that can be serialized. */
    record StateFile(String sha256, long bytes) implements java.io.Serializable {}

    @Override
    public Iterator<Tuple2<Long, byte[]>> call(Iterator<Integer> worker) {
        return part(worker.next());
    }

    private Iterator<Tuple2<Long, byte[]>> part(int worker) {
        try {
            return train(worker);
        } catch (StorageException e) {
            throw e;   // Spark tries again, since another machine may reach the storage (not with --master local)
        } catch (InklingException e) {
            return failed(worker, e);
        }
    }

    private Iterator<Tuple2<Long, byte[]>> train(int worker) {
        long began = System.nanoTime();
        WorkerTraining training = OpenTraining.of(setting, checkpoint,
            action -> TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> action.run()));
        long opened = System.nanoTime();
        float[][] before = weights.value();
        Weights ours = new Weights(training.weights());
        ours.write(before);
        long ready = System.nanoTime();
        Optional<Manifest.Entry> state = states.isEmpty() ? Optional.empty()
            : Optional.of(new Manifest.Entry(states.get(worker).sha256(), states.get(worker).bytes()));
        WorkerTraining.Result result = training.train(new WorkerTraining.Turn(worker, from, to, state));
        for (int chunk = 0; chunk < ours.chunks(); chunk++) {
            if (!ChunkBytes.finite(deltas, before[chunk], ours.read(chunk))) {
                throw new DivergedException(("training diverged: after update %d a weight%s. Lower schedule.learning_rate, or lengthen"
                    + " warmup_steps.")
                    .formatted(to, deltas == Deltas.FLOAT16 ? ", or its change as float16, is not finite" : " is not finite"));
            }
        }
        WorkerReport report = report(worker, result, new WorkerReport.Seconds((opened - began) / 1e9, (ready - opened) / 1e9,
            (System.nanoTime() - ready) / 1e9));
        Stream<Tuple2<Long, byte[]>> chunks = IntStream.range(0, ours.chunks())
            .mapToObj(chunk -> new Tuple2<>(Parcel.chunkKey(chunk, worker, workers),
                ChunkBytes.encode(deltas, before[chunk], ours.read(chunk))));
        return Stream.concat(Stream.of(new Tuple2<>(Parcel.reportKey(worker), bytes(report))), chunks).iterator();
    }

    private static WorkerReport report(int worker, WorkerTraining.Result result, WorkerReport.Seconds seconds) {
        List<StepMetrics> updates = result.updates();
        StepMetrics last = updates.get(updates.size() - 1);
        double mean = updates.stream().mapToDouble(StepMetrics::loss).average().orElseThrow();
        TaskContext task = TaskContext.get();
        return new WorkerReport.Trained(worker, task.attemptNumber() + task.stageAttemptNumber(), Machine.process(), Machine.cpu(),
            last.loss(), last.gradNorm(), last.learningRate(), mean, last.tokens(), seconds, result.state().sha256(),
            result.state().bytes());
    }

    private static Iterator<Tuple2<Long, byte[]>> failed(int worker, InklingException fault) {
        ExitCode code = fault.exitCode();
        WorkerReport report = new WorkerReport.Failed(worker, Machine.process(), code, fault.getMessage());
        return List.of(new Tuple2<>(Parcel.reportKey(worker), bytes(report))).iterator();
    }

    private static byte[] bytes(WorkerReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
