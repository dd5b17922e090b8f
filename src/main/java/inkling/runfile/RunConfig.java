package inkling.runfile;

import inkling.config.Key;
import inkling.config.Node.Mapping;
import inkling.config.RecordWriter;
import inkling.config.YamlWriter;
import inkling.data.source.DataConfig;
import inkling.data.source.DataConfig.Format;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.errors.Problems;
import inkling.optim.LearningRate;
import inkling.optim.OptimizerConfig;
import inkling.optim.Schedule;
import inkling.train.FinetuneConfig;
import inkling.train.TrainConfig;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One training run as its run file describes it, with every default filled in. {@link ConfigFile#read} makes it, {@link #toYaml} writes it.
 */
public record RunConfig(
    @Key(doc = "the run directory: checkpoints/<name>; letters, digits, . _ -", elsewhere = "out_dir") Name name,
    @Key(doc = "seed of all random numbers", def = "1337") long seed,
    @Key(doc = DeviceName.FORMS, def = "auto") DeviceName device,
    @Key(doc = "threads on the CPU: auto, or how many", def = "auto") Threads threads,
    @Key(doc = "number format of both operands of products with weight matrices; all else is float32. On CUDA there are two"
        + " exceptions: with bf16, attention is in bfloat16, too; with tf32, products without weights may use TF32, too. bf16 is refused if"
        + " a measurement finds it too slow on this machine; bf16_even_if_slow is bf16 without this measurement; tf32 needs a CUDA device;"
        + " float16 is not offered, since it needs loss scaling",
        def = "float32",
        elsewhere = "dtype")
    RunPrecision precision,
    @Key(doc = "the text", def = "{}") DataConfig data,
    @Key(doc = "the architecture, or the model to fine-tune", def = "{}") ModelSection model,
    @Key(doc = "which weights are trained", def = "{}") FinetuneConfig finetune,
    @Key(doc = "how gradients become updates", def = "{}") OptimizerConfig optimizer,
    @Key(doc = "the learning rate of each update", def = "{}") Schedule schedule,
    @Key(doc = "the training loop", def = "{}") TrainConfig train,
    @Key(doc = "training by several workers; used only by `cluster train` and `estimate --cluster`", def = "{}") ClusterConfig cluster) {

    public RunConfig {
        boolean fresh = model.initFrom().isEmpty();
        int window = train.contextLength().orElse(1);
        Problems problems = new Problems()
            .check(precision != RunPrecision.TF32 || !device.text().equals("cpu"), "precision",
                "precision = tf32 is a mode of CUDA devices, device = cpu has none. Write precision: float32.")
            .check(!fresh || data.tokenizer().isPresent(), "data.tokenizer",
                "tokenizer = null means the tokenizer of model.init_from, which is not set. Name a tokenizer, e.g. "
                + "{type: bpe, vocab_size: 1024}.")
            .check(!fresh || window <= model.options().contextLength(), "train.context_length",
                "context_length = %d is longer than model.context_length = %d.", window, model.options().contextLength())
            .check(!fresh || finetune.lora().isEmpty(), "finetune.lora",
                "lora adapts the weights of model.init_from, which is not set. Set model.init_from, or write lora: null.")
            .check(!fresh || finetune.preference().isEmpty(), "finetune.preference",
                "preference tunes model.init_from and takes the same model as the reference, but model.init_from is not set."
                + " Set model.init_from, or write preference: null.")
            .check(finetune.preference().isEmpty() || data.format() == Format.PREFERENCES, "finetune.preference",
                "preference learns from pairs of answers, and data.format = %s has none. Write data.format: preferences, or "
                + "preference: null.",
                data.format().word())
            .check(finetune.preference().isPresent() || data.format() != Format.PREFERENCES, "data.format",
                "format = preferences has pairs of answers, and finetune.preference = null says nothing of how to learn from them. "
                    + "Write finetune.preference: {beta: 0.1}.");
        if (schedule instanceof Schedule.WarmupStableDecay wsd) {
            problems.check(wsd.fits(train.maxSteps()), "schedule.decay_steps",
                "warmup_steps = %d and decay_steps = %d do not fit into train.max_steps = %d one after the other. Shorten one of them.",
                wsd.warmupSteps(), wsd.decaySteps(), train.maxSteps());
        }
        problems.throwIfAny();
    }

    /** Windows in a micro-step: {@code batch_size}, or twice that for preferences, where {@code batch_size} counts pairs of answers. */
    public int windowsPerMicroStep() {
        return Math.multiplyExact(train.batchSize(), finetune.preference().isPresent() ? 2 : 1);
    }

    /** The learning rate of each update of this run. */
    public LearningRate learningRate() {
        return schedule.over(train.maxSteps());
    }

    /** Where and how this run is computed. @throws inkling.errors.ConfigException if this machine or process does not offer it */
    public ComputeContext context() {
        return ComputeContext.of(device, threads instanceof Threads.Count count ? OptionalInt.of(count.threads()) : OptionalInt.empty(),
            precision.precision());
    }

    /**
     * A valid run file; reading it back gives an equal record. Equal records give the same text. Defaults are written out, except those of
     * keys that few models need ({@link Key#onlyIfSet}).
     */
    public String toYaml() {
        return YamlWriter.write(tree());
    }

    /** The keys of the run file. With init_from, {@code model} has only init_from and dropout: the model to fine-tune gives the others. */
    Mapping tree() {
        Mapping tree = RecordWriter.tree(this);
        if (model.initFrom().isEmpty()) {
            return tree;
        }
        Mapping section = tree.section("model");
        for (String key : tree.section("model").entries().keySet()) {
            section = key.equals("init_from") || key.equals("dropout") ? section : section.without(key);
        }
        return tree.with(List.of("model"), section);
    }

    /** A run's name. It is also the name of its directory, so it must be safe on every file system. */
    public record Name(String text) {
        private static final Set<String> RESERVED = Set.of("con", "prn", "aux", "nul");

        public Name {
            String stem = text.toLowerCase(Locale.ROOT).split("\\.", 2)[0];
            boolean device = RESERVED.contains(stem) || stem.matches("(com|lpt)[0-9]");
            new Problems().check(text.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}") && !text.endsWith(".") && !device, "name",
                "name = \"%s\" is no safe directory name: up to 64 letters, digits, . _ -, beginning with a letter, digit or _ "
                    + "(no trailing dot, no device name of Windows).", text).throwIfAny();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** How many threads the CPU's kernels use. */
    public sealed interface Threads {
        /** As many as libtorch chooses for this machine. */
        record Auto() implements Threads {}

        /** Exactly this many. */
        record Count(int threads) implements Threads {
            public Count {
                new Problems().check(threads > 0 && threads <= 4096, "threads", "threads = %d must be in 1 … 4096, or auto.", threads)
                    .throwIfAny();
            }
        }
    }
}
