package inkling.perf;

import inkling.engine.ComputeContext;
import inkling.engine.Precision;
import inkling.engine.Precision.Storage;
import inkling.generate.GptLogits;
import inkling.model.GptLayout;
import inkling.model.KvCache;
import inkling.model.Lora;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import inkling.optim.MuonConfig;
import inkling.runfile.RunConfig;
import inkling.train.EvalBatches;
import inkling.train.KeepCheckpoints;
import inkling.train.RowWorkers;
import inkling.train.TrainConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Estimates the time and memory of a run, before it begins, by these formulas. Letters are those of {@link inkling.model.Gpt}. Arrays are
 * float32, 4 bytes a number, except on the lines bf16 and generation:
 * <pre>
 * FLOPs a token   6·N + 12·L·nh·hs·T: N parameters without positions and looked-up embeddings, L layers; in a block with an attention
 *                 window, T is at most that window. If a share f of the parameters is frozen, 6·N·(1 − f/3) in place of 6·N
 * weights         all parameters
 * gradients       trained parameters, once for each thread that has rows of its own
 * optimizer       twice the trained parameters. With Muon, the matrices of the blocks count only once
 * activations     for each of B·T tokens in each layer: 6·C + nh·hs + width of q, k, v + 2·I numbers. Options add to this: a gate 2·I,
 *                 rope 2·nh·hs, norms of queries and keys twice the width of q and k, norms both before and after attention and MLP 4·C,
 *                 a cap of scores 3·nh·T. With recomputation: C for each layer, and all numbers of one layer
 * bf16            adds copies of the matrices, 2 bytes a number; the inputs of linear layers are kept in 2 bytes instead of 4
 * logits          2·B·T·V, in an evaluation
 * generation      the engine, the weights in the form that --precision names, and keys and values of one text of the full context.
 *                 Float32 weights of up to 2 GiB count twice: they are copied into another order. With the other forms, the largest
 *                 matrix counts in float32, too, because it has that form while it is read. In bf16 the unembedding counts twice
 * engine          460 MB: the JVM, libtorch and the memory that libtorch keeps for reuse
 * a checkpoint    weights and optimizer
 * checkpoints     at most one for each of these: the beginning, each checkpoint_interval, each evaluation (the best so far), each
 *                 milestone, the end. keep_checkpoints says how many stay besides the best and the milestones
 * time            FLOPs of updates and evaluations / (share · peak). The peak is that of matrix products on this machine, measured now.
 *                 The share is what training reaches of the peak: usually 0.6, from 0.3 (small models) to 1.05 (large models, whose
 *                 linear layers are computed by a faster library than the one that the peak is measured with)
 * </pre>
 */
public final class Estimate {
    private static final long ENGINE_BYTES = 460_000_000L;
    private static final double USUAL_SHARE = 0.6;
    /** The least share of the peak that training reaches, with small models. */
    public static final double LEAST_SHARE = 0.3;
    /** The largest share of the peak that training reaches, with large models. */
    public static final double BEST_SHARE = 1.05;

    private final RunConfig config;
    private final GptConfig model;
    private final ComputeContext context;
    private final int columns;
    private final double peak;

    private Estimate(RunConfig config, GptConfig model, ComputeContext context, double peak) {
        this.config = config;
        this.model = model;
        this.context = context;
        this.columns = Math.min(config.train().contextLength().orElse(model.contextLength()), model.contextLength());
        this.peak = peak;
    }

    /** Measures this machine's peak, which takes seconds; {@code model} is the run file's architecture. */
    public static Estimate of(RunConfig config, GptConfig model, ComputeContext context) {
        return of(config, model, context, MatmulPeak.flops(context));
    }

    /** As {@link #of(RunConfig, GptConfig, ComputeContext)}, for a machine that reaches {@code peak} FLOP/s. */
    public static Estimate of(RunConfig config, GptConfig model, ComputeContext context, double peak) {
        return new Estimate(config, model, context, peak);
    }

    /** The arrays that are stored, adapters included. */
    private GptLayout layout() {
        return GptLayout.of(model, config.finetune().lora().map(Lora::new));
    }

    /** How many numbers are stored, adapters included. */
    public long parameters() {
        return layout().specs().stream().mapToLong(spec -> spec.shape().size()).sum();
    }

    /** How many numbers are trained: adapters alone, some weights, or all. */
    public long trainedParameters() {
        GptLayout layout = layout();
        return config.finetune().trainable(layout).stream().mapToLong(name -> layout.spec(name).shape().size()).sum();
    }

    private long tokensPerMicroStep() {
        return (long) config.windowsPerMicroStep() * columns;
    }

    /** Tokens that all updates read. */
    public long tokens() {
        return tokensPerMicroStep() * config.train().gradAccumSteps() * config.train().maxSteps();
    }

    /** FLOPs of forward and backward pass. */
    public double flopsPerToken() {
        GptLayout layout = layout();
        return ParameterTally.of(model).trainingFlops(columns, layout, config.finetune().trainable(layout));
    }

    /** FLOPs of all updates and evaluations. An evaluation of the whole validation text counts as 50 batches: its length is not known. */
    public double flops() {
        TrainConfig train = config.train();
        long evaluations = 1 + (train.maxSteps() + train.evalInterval() - 1L) / train.evalInterval()
            + milestones().filter(step -> step % train.evalInterval() != 0).count();
        long batches = train.evalBatches() instanceof EvalBatches.Count count ? count.batches() : 50;
        double forward = ParameterTally.of(model).trainingFlops(columns) / 3.0;
        return tokens() * flopsPerToken() + evaluations * batches * tokensPerMicroStep() * forward;
    }

    /** Bytes of the training process at its peak, by what they hold: {@code weights}, {@code gradients} … */
    public Map<String, Long> memory() {
        long trained = trainedParameters();
        AttentionConfig attention = model.attention();
        long layer = 6L * model.nEmbd() + attention.queryWidth() + attention.qkvWidth()
            + (model.mlp().gated() ? 4L : 2L) * model.mlp().nInner() + ofOptions();
        long kept = config.train().recompute() ? (long) model.nLayer() * model.nEmbd() + layer : model.nLayer() * layer;
        Map<String, Long> bytes = new LinkedHashMap<>();
        bytes.put("weights", 4 * parameters() + (multipliesInBf16() ? 2 * matrixNumbers() : 0));
        bytes.put("gradients", 4 * trained * workers(4 * trained));
        bytes.put("optimizer", optimizerBytes());
        bytes.put("activations", tokensPerMicroStep() * (4 * kept - savedBytes()));
        bytes.put("logits", 2 * 4 * tokensPerMicroStep() * model.vocabSize());
        bytes.put("engine", ENGINE_BYTES);
        return bytes;
    }

    /** AdamW keeps two moments of each trained number. Muon keeps one of the matrices that it updates, and leaves the others to AdamW. */
    private long optimizerBytes() {
        GptLayout layout = layout();
        return config.finetune().trainable(layout).stream().map(layout::spec).mapToLong(spec -> spec.shape().size()
            * (config.optimizer() instanceof MuonConfig && spec.isMatrixOfABlock() ? 4 : 8)).sum();
    }

    /** Whether products are in bfloat16. */
    public boolean multipliesInBf16() {
        return context.precision().compute() == Precision.Compute.BF16;
    }

    /** How many numbers are in the matrices that products read. */
    private long matrixNumbers() {
        GptLayout layout = layout();
        return layout.ofProducts().stream().mapToLong(name -> layout.spec(name).shape().size()).sum();
    }

    /** How many bytes a token are saved because the inputs of the linear layers are kept in bfloat16. */
    private long savedBytes() {
        long inputs = 2L * model.nEmbd() + model.attention().queryWidth() + model.mlp().nInner();
        int layers = config.train().recompute() ? 1 : model.nLayer();
        return multipliesInBf16() ? 2 * inputs * layers : 0;
    }

    /** How many numbers rope, norms that GPT-2 lacks, and a cap of the scores add to those that a layer keeps for each token. */
    private long ofOptions() {
        AttentionConfig attention = model.attention();
        long rope = model.positions() == Positions.ROPE ? 2L * attention.queryWidth() : 0;
        long heads = attention.qkNorm() == QkNorm.NONE ? 0 : 2L * (attention.queryWidth() + attention.kvWidth());
        // norms that only come after attention and MLP add nothing
        long after = model.norm().placement() == NormPlacement.SANDWICH ? 4L * model.nEmbd() : 0;
        long scores = Double.isInfinite(attention.scoreCap()) ? 0 : 3L * attention.nHead() * columns;
        return rope + heads + after + scores;
    }

    /** How many threads compute gradients of their own rows, as {@link RowWorkers} decides. */
    private int workers(long gradientBytes) {
        return RowWorkers.count(model, config.finetune().lora(), gradientBytes, config.train().batchSize(), context);
    }

    /** The sum of {@link #memory} without the engine, bytes. */
    long tensorBytes() {
        return memory().values().stream().mapToLong(bytes -> bytes).sum() - ENGINE_BYTES;
    }

    /** The precision of products, and of {@link #peak}: {@code float32}, {@code bf16} or {@code tf32}. */
    public String precision() {
        return context.precision().word();
    }

    /** FLOP/s of matrix products on this machine, in {@link #precision}. */
    public double peak() {
        return peak;
    }

    /** Seconds of the whole run: the likely time, then the least and the largest time to expect. */
    public double[] seconds() {
        return new double[] {flops() / (USUAL_SHARE * peak), flops() / (BEST_SHARE * peak), flops() / (LEAST_SHARE * peak)};
    }

    /** The estimate for training in rounds on {@code machines} machines like this one. @param gigabits the network's nominal Gbit/s */
    public ClusterEstimate cluster(int machines, double gigabits) {
        Map<String, Long> bytes = memory();
        double update = tokensPerMicroStep() * config.train().gradAccumSteps() * flopsPerToken() / (USUAL_SHARE * peak);
        return new ClusterEstimate(config.cluster(), 4 * trainedParameters(), bytes.get("optimizer"), update, machines, gigabits);
    }

    /** Bytes of the whole process while one text of the full context is generated, for each form of the weights ({@link ShortWeights}). */
    public Map<String, Long> generation() {
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (Storage storage : Storage.values()) {
            long weights = ShortWeights.bytes(model, storage);
            boolean copied = storage == Storage.FLOAT32 && weights <= GptLogits.MOST_COPIED_BYTES;
            long besides = copied ? weights : storage == Storage.FLOAT32 ? 0 : largestBytes();
            bytes.put(storage.name().toLowerCase(Locale.ROOT),
                ENGINE_BYTES + weights + besides + KvCache.bytes(model, model.contextLength()));
        }
        return bytes;
    }

    /** Bytes of the largest parameter in float32. While a model is read into another form, one parameter at a time is in float32. */
    private long largestBytes() {
        return GptLayout.of(model).specs().stream().mapToLong(spec -> 4 * spec.shape().size()).max().orElseThrow();
    }

    /** Bytes of one checkpoint on disk, without its small files. */
    public long checkpointBytes() {
        return 4 * parameters() + memory().get("optimizer");
    }

    /** How many checkpoints stay on disk, at most. */
    public long checkpoints() {
        TrainConfig train = config.train();
        long steps = train.maxSteps();
        long saved = LongStream.iterate(0, step -> step < steps, step -> next(step, steps)).count() + 1;
        return train.keepCheckpoints() instanceof KeepCheckpoints.Count kept
            ? Math.min(saved, kept.newest() + 1L + milestones().count()) : saved;
    }

    /** The milestones before the last step: at these steps the run is evaluated and saved in any case. */
    private LongStream milestones() {
        return config.train().milestones().stream().mapToLong(step -> step).filter(step -> step < config.train().maxSteps());
    }

    /** The first step after {@code step} at which a checkpoint may be saved; at the run's last step one is saved. */
    private long next(long step, long steps) {
        TrainConfig train = config.train();
        long regular = (step / train.checkpointInterval() + 1) * train.checkpointInterval();
        long evaluated = (step / train.evalInterval() + 1) * train.evalInterval();
        long milestone = milestones().filter(m -> m > step).findFirst().orElse(steps);
        return Math.min(Math.min(steps, milestone), Math.min(regular, evaluated));
    }

    /** The document of {@code estimate --json}. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("parameters", parameters());
        document.put("trained_parameters", trainedParameters());
        document.put("tokens", tokens());
        document.put("flops_per_token", flopsPerToken());
        document.put("flops", flops());
        Map<String, Object> memory = new LinkedHashMap<>(memory());
        memory.put("total", memory().values().stream().mapToLong(bytes -> bytes).sum());
        document.put("memory_bytes", memory);
        document.put("generation_bytes", generation());
        document.put("checkpoint_bytes", checkpointBytes());
        document.put("checkpoints", checkpoints());
        document.put("matmul_peak_flops", peak);
        document.put("matmul_peak_precision", context.precision().word());
        document.put("seconds", seconds()[0]);
        document.put("seconds_range", List.of(seconds()[1], seconds()[2]));
        return document;
    }
}
