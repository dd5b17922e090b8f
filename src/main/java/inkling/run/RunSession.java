package inkling.run;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.ModelDirectory;
import inkling.checkpoint.Progress;
import inkling.checkpoint.SpecialIds;
import inkling.checkpoint.TrainingState;
import inkling.data.EvaluationWindows;
import inkling.data.Prefetch;
import inkling.engine.Devices;
import inkling.io.ConfigException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.model.Gpt;
import inkling.model.LossGradients;
import inkling.optim.AdamW;
import inkling.optim.AdamWConfig;
import inkling.optim.Optimizer;
import inkling.sample.Generator;
import inkling.sample.GptLogits;
import inkling.sample.SamplingOptions;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerFiles;
import inkling.train.Ending;
import inkling.train.EvalBatches;
import inkling.train.Evaluator;
import inkling.train.MetricsCsv;
import inkling.train.SampleConfig;
import inkling.train.StepMetrics;
import inkling.train.Stepper;
import inkling.train.TrainConfig;
import inkling.train.Trainer;
import inkling.train.TrainingListener;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/** The parts of one training process, wired: device, text, model, optimizer, loop. */
final class RunSession {
    private static final int BATCHES_AHEAD = 4;

    private final RunConfig config;
    private final TrainingListener listener;
    private final Device device;

    /** Chooses device and threads for the whole process. */
    RunSession(RunConfig config, TrainingListener listener) {
        this.config = config;
        this.listener = listener;
        if (config.precision() == RunConfig.Precision.TF32 && !"1".equals(System.getenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"))) {
            throw new ConfigException("precision = tf32: libtorch reads this choice from its environment as it starts. Run with"
                + " TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1, or write precision: float32.");
        }
        this.device = Devices.of(config.device().text());
        if (config.threads() instanceof RunConfig.Threads.Count count) {
            Devices.setThreads(count.threads());
        }
    }

    RunRecord.Environment environment() {
        return new RunRecord.Environment(Devices.version(), Devices.threads(), device.toString());
    }

    /** Opens the corpus; one that ships with the build is brought first where it is missing. */
    RunData.Text openText() {
        RunData.bringShipped(config.data(), listener::remark);

        return RunData.Text.open(config.data(), listener::remark);
    }

    Tokenizer freshTokenizer(RunData.Text text) {
        return text.tokenizer(config.data().tokenizer().orElseThrow(() -> new ConfigException("model.init_from is not supported yet.")));
    }

    RunData tokens(RunData.Text text, Tokenizer tokenizer) {
        config.train().sample().ifPresent(sample -> requirePrompt(sample, tokenizer));
        return text.tokens(tokenizer, ModelLocation.RUNS.resolve(".tokens"), columns());
    }

    private static void requirePrompt(SampleConfig sample, Tokenizer tokenizer) {
        try {
            tokenizer.encode(sample.prompt());
        } catch (ConfigException e) {
            throw new ConfigException("train.sample.prompt: " + e.getMessage() + " Choose another prompt, or write sample: null.", e);
        }
    }

    private int columns() {
        return config.train().contextLength().orElse(config.model().contextLength());
    }

    /** Trains from {@code checkpoint}, or from the beginning, in {@code run}, whose lock the caller holds. */
    TrainOutcome train(Path run, RunData data, Optional<Path> checkpoint, BooleanSupplier stop) {
        TrainConfig train = config.train();
        try (NDManager manager = Devices.manager(device);
             Gpt gpt = checkpoint.map(path -> ModelDirectory.load(path, manager)).orElseGet(() -> Gpt.initialise(
                 config.model().toGptConfig(data.tokenizer().vocabSize()), manager, config.seed()));
             Optimizer optimizer = new AdamW((AdamWConfig) config.optimizer(), gpt.parameters().asMap(), manager)) {
            checkpoint.ifPresent(path -> TrainingState.load(path, optimizer, manager));
            Progress progress = checkpoint.map(TrainingState::progress).orElse(Progress.START);
            LossGradients lossGradients = new LossGradients(gpt, gpt.parameters().names(), train.recompute());
            Stepper stepper = new Stepper(manager, lossGradients, optimizer, config.learningRate(), config.optimizer().maxGradNorm(),
                config.seed());
            MetricsCsv metrics = MetricsCsv.open(run, checkpoint.isPresent() ? progress.step() : -1, DurableFiles.SYSTEM, listener::remark);
            EvaluationWindows windows = windows(data);
            Throughput throughput = new Throughput(manager, gpt);
            Milestones milestones = new Milestones(run, data.tokenizer(), manager, gpt, optimizer, windows,
                checkpoint.isPresent() ? progress.step() : -1);
            try (Prefetch batches = new Prefetch(data.batches(config.data().order(), train.batchSize(), columns(), config.seed()),
                progress.step() * train.gradAccumSteps(), BATCHES_AHEAD)) {
                listener.starting(progress.step(), train.maxSteps(), "%,d parameters, %,d training and %,d validation tokens of %d kinds; %s, %d threads, %s"
                    .formatted(gpt.parameters().count(), data.training().count(), data.validation().count(), data.tokenizer().vocabSize(),
                        Devices.version(), Devices.threads(), device));
                Trainer trainer = new Trainer(train, stepper, batches, milestones, timed(throughput), metrics, progress);
                Ending ending = trainer.train(stop);
                return outcome(run, ending, trainer.progress(), windows, data.tokenizer(), throughput, milestones);
            }
        }
    }

    private EvaluationWindows windows(RunData data) {
        int rows = config.train().batchSize();
        EvalBatches batches = config.train().evalBatches();
        return batches instanceof EvalBatches.Count count
            ? EvaluationWindows.random(data.validation(), rows, columns(), count.batches(), config.seed())
            : EvaluationWindows.all(data.validation(), rows, columns());
    }

    private TrainOutcome outcome(Path run, Ending ending, Progress progress, EvaluationWindows windows, Tokenizer tokenizer,
                                 Throughput throughput, Milestones milestones) {
        OptionalDouble bits = OptionalDouble.empty();
        if (progress.bestLoss().isPresent()) {
            Evaluator.Result best = new Evaluator.Result(progress.bestLoss().getAsDouble(), windows.tokens());
            bits = OptionalDouble.of(best.bitsPerByte(windows.bytes(tokenizer)));
        }
        boolean finished = ending != Ending.STOPPED;
        return new TrainOutcome(run, ending, progress, bits, throughput.tokensPerSecond(),
            finished ? throughput.mfu() : OptionalDouble.empty(), finished && config.train().sample().isPresent() ? milestones.sample() : "");
    }

    /** Measures each step on its way to the listener. */
    private TrainingListener timed(Throughput throughput) {
        return new TrainingListener.Forwarding(listener) {
            @Override
            public void stepped(StepMetrics step) {
                throughput.stepped(step);
                super.stepped(step);
            }
        };
    }

    /** What the loop asks for now and then, done with the real parts. */
    private final class Milestones implements Trainer.Runner {
        private final Tokenizer tokenizer;
        private final NDManager manager;
        private final Gpt gpt;
        private final Optimizer optimizer;
        private final EvaluationWindows windows;
        private final CheckpointStore store;
        private final long savedStep;

        Milestones(Path run, Tokenizer tokenizer, NDManager manager, Gpt gpt, Optimizer optimizer, EvaluationWindows windows, long savedStep) {
            this.tokenizer = tokenizer;
            this.manager = manager;
            this.gpt = gpt;
            this.optimizer = optimizer;
            this.windows = windows;
            this.store = new CheckpointStore(run, DurableFiles.SYSTEM);
            this.savedStep = savedStep;
        }

        @Override
        public Evaluator.Result evaluate() {
            return new Evaluator(manager, gpt).over(windows);
        }

        @Override
        public String sample() {
            SampleConfig sample = config.train().sample().orElseThrow();
            try (GptLogits logits = new GptLogits(gpt, manager)) {
                SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(sample.maxTokens()).withSeed(config.seed());
                return sample.prompt() + new Generator(logits, Optional.of(tokenizer))
                    .generate(sample.prompt(), options, Generator.Listener.NONE).samples().get(0).text().orElse("");
            }
        }

        @Override
        public long savedStep() {
            return savedStep;
        }

        @Override
        public void save(Progress progress, boolean best) {
            Map<String, Content> files = new LinkedHashMap<>(ModelDirectory.content(gpt, SpecialIds.of(tokenizer.endOfText())));
            TokenizerFiles.files(tokenizer).forEach((name, bytes) -> files.put(name, Content.of(bytes)));
            files.putAll(TrainingState.content(optimizer, progress));
            store.save(progress.step(), files);
            if (best) {
                store.markBest(progress.step());
            }
            store.prune(config.train().keepCheckpoints());
        }
    }
}
