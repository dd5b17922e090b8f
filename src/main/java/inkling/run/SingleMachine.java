package inkling.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.data.Batch;
import inkling.data.Batches;
import inkling.data.Prefetch;
import inkling.data.Shard;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.model.grad.CrossEntropy;
import inkling.model.grad.Loss;
import inkling.model.grad.PreferenceLoss;
import inkling.optim.Optimizer;
import inkling.runfile.RunConfig;
import inkling.train.RowWorkers;
import inkling.train.StepMetrics;
import inkling.train.Stepper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes updates on this machine, one after another: all updates of a training, or those that one worker makes in a round. */
final class SingleMachine implements TrainingMethod.Session {
    private static final int BATCHES_AHEAD = 4;

    private final int gradAccumSteps;
    private final Optimizer optimizer;
    private final RowWorkers gradients;
    private final Stepper stepper;
    private final Prefetch batches;

    /** Makes all updates of a training. */
    SingleMachine(TrainingMethod.Parts parts) {
        this(parts.config(), parts.gpt(), parts.trainable(), parts.manager(), parts.context(), new Shard(0, 1), parts.progress().step(),
            ((RunData) parts.data()).examples().batches(parts.config().data().order(), parts.config().train().batchSize(), parts.columns(),
                parts.config().seed()));
        parts.checkpoint().ifPresent(path -> TrainingState.load(path, optimizer, parts.manager()));
    }

    /**
     * Makes the updates from {@code step} on, with a new optimizer.
     *
     * @param shard the worker's share of the examples; the seed of dropout depends on it
     * @param step the update that comes next, from 0
     * @param all the batches of the training from its beginning; an update takes {@code train.grad_accum_steps} of them
     */
    SingleMachine(RunConfig config, Gpt gpt, List<String> trainable, NDManager manager, ComputeContext context, Shard shard, long step,
                  Batches all) {
        gradAccumSteps = config.train().gradAccumSteps();
        optimizer = config.optimizer().create(gpt, trainable, manager);
        gradients = new RowWorkers(gpt, trainable, config.train().recompute(), loss(config, gpt), config.train().batchSize(), context);
        stepper = new Stepper(manager, gradients, optimizer, config.learningRate(), config.optimizer().maxGradNorm(),
            shard.seed(config.seed()));
        batches = new Prefetch(all, step * gradAccumSteps, BATCHES_AHEAD);
    }

    /** The parameters of {@code gpt} with these names, in the order of {@code names}. */
    static Map<String, NDArray> arrays(Gpt gpt, List<String> names) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        names.forEach(name -> arrays.put(name, gpt.parameters().get(name)));
        return arrays;
    }

    /** The loss of preferences; empty for a run that learns from text or conversations. */
    static Optional<PreferenceLoss> preferenceLoss(RunConfig config, Gpt gpt) {
        return config.finetune().preference().map(preference -> PreferenceLoss.of(preference, gpt.config().vocabSize()));
    }

    private static Loss loss(RunConfig config, Gpt gpt) {
        return preferenceLoss(config, gpt).map(Loss.class::cast).orElseGet(() -> CrossEntropy.ofVocabulary(gpt.config().vocabSize()));
    }

    @Override
    public Optimizer optimizer() {
        return optimizer;
    }

    @Override
    public StepMetrics next(Progress before) {
        long started = System.nanoTime();
        List<Batch> micro = new ArrayList<>();
        for (int m = 0; m < gradAccumSteps; m++) {
            micro.add(batches.next());
        }
        Stepper.Measured measured = stepper.step(before.step(), micro);
        long tokens = micro.stream().mapToLong(batch -> batch.ids().length).sum();
        double seconds = (System.nanoTime() - started) / 1e9;
        return new StepMetrics(before.step() + 1, before.tokens() + tokens, measured.loss(), measured.gradNorm(), measured.learningRate(),
            tokens / seconds, seconds * 1e3, measured.rewards());
    }

    @Override
    public void close() {
        batches.close();
        gradients.close();
        optimizer.close();
    }
}
