package inkling.run;

import ai.djl.ndarray.NDManager;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.data.EvaluationWindows;
import inkling.data.chat.ChatFormat;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.formats.ChatTemplate;
import inkling.io.DurableFiles;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.perf.Throughput;
import inkling.perf.product.Bf16Speed;
import inkling.runfile.RunConfig;
import inkling.template.builtin.Moment;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerConfig;
import inkling.train.Ending;
import inkling.train.Evaluator;
import inkling.train.MetricsCsv;
import inkling.train.PreferenceReference;
import inkling.train.SampleConfig;
import inkling.train.StepMetrics;
import inkling.train.TrainConfig;
import inkling.train.Trainer;
import inkling.train.TrainingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/** Puts together the parts of one training process: text, model, the method that makes updates, milestones, loop. */
final class RunSession {
    private static final int MAX_TOKENS_PER_MICRO_STEP = 1 << 28;   // so many ids are one Java array of 2 GiB

    private final RunConfig config;
    private final RunOrigin origin;
    private final TrainingListener listener;
    private final Moment today = Today.date();
    private final ComputeContext context;
    private final Path runs;

    /** @param runs the folder of runs, in which token files are kept */
    RunSession(RunOrigin origin, ComputeContext context, Path runs, TrainingListener listener) {
        this.origin = origin;
        this.config = origin.config();
        this.context = context;
        this.runs = runs;
        this.listener = listener;
    }

    /**
     * With {@code precision: bf16}, measures the speed of matrix products in bfloat16 divided by their speed in float32; otherwise empty.
     *
     * @throws ConfigException if bfloat16 is too slow here
     */
    OptionalDouble requirePrecision() {
        OptionalDouble times = Bf16Speed.require(config.precision(), context);
        times.ifPresent(t -> listener.remark(String.format(Locale.ROOT,
            "products in bfloat16 are %.1f times as fast as in float32 here.", t)));
        return times;
    }

    RunRecord.Environment environment() {
        return new RunRecord.Environment(Devices.version(), context.threads(), context.device().toString());
    }

    /** Today, the day that chat templates get in a new run; empty if the run learns from neither conversations nor pairs. */
    Optional<Moment> date() {
        return config.data().format().teachesAnswers() ? Optional.of(today) : Optional.empty();
    }

    /** Opens the corpus; a corpus that ships with Inkling is unpacked first if it is missing. */
    RunText openText() {
        return RunText.open(config.data(), origin.reading(), listener::remark);
    }

    /**
     * Checks the sample's prompt, {@code finetune} and the batch size; then encodes the text with the model's tokenizer.
     *
     * @param record run.json of the run that is resumed; empty for a new run, or if there is no run.json
     */
    RunData tokens(RunText text, Optional<RunRecord> record) {
        Tokenizer tokenizer = origin.tokenizer(text);
        smallVocabulary(tokenizer).ifPresent(listener::remark);
        config.train().sample().ifPresent(sample -> requirePrompt(sample, tokenizer));
        origin.trainable(origin.architecture(tokenizer.vocabSize()));
        requireBatchSize(config, origin.columns());
        SpecialIds special = origin.specialIds(tokenizer);
        RecordedUnicode earlier = new RecordedUnicode(record.map(RunRecord::unicode).orElse(tokenizer.unicode()), listener::remark);
        RunData data = text.tokens(tokenizer, special, chatFormat(tokenizer, special, record), runs.resolve(".tokens"),
            origin.columns(), earlier);
        listener.read(text.files(), () -> text.tokensByFile(tokenizer, special));
        return data;
    }

    /** A remark if the text gave a smaller vocabulary than usual; empty if it did not, or if the run file asks for a size. */
    private Optional<String> smallVocabulary(Tokenizer tokenizer) {
        boolean fitted = origin.directory().isEmpty() && !TokenizedText.isAskedFor(config.data()) && config.data().tokenizer()
            .filter(t -> t instanceof TokenizerConfig.BpeTokenizerConfig bpe && bpe.vocabSize().isEmpty()).isPresent();
        int usual = TokenizerConfig.BpeTokenizerConfig.DEFAULT_VOCAB_SIZE;
        return fitted && tokenizer.vocabSize() < usual
            ? Optional.of("the text gives a vocabulary of %,d tokens, not the usual %,d: each word of the text is one token already."
                .formatted(tokenizer.vocabSize(), usual)) : Optional.empty();
    }

    private static void requireBatchSize(RunConfig config, int columns) {
        int rows = config.windowsPerMicroStep();
        if ((long) rows * columns > MAX_TOKENS_PER_MICRO_STEP) {
            throw new ConfigException(("train.batch_size = %d makes micro-steps of %d windows of %d tokens: a micro-step has at most %d"
                + " tokens in all. Take a smaller batch_size and more grad_accum_steps.")
                .formatted(config.train().batchSize(), rows, columns, MAX_TOKENS_PER_MICRO_STEP));
        }
    }

    private ChatFormat chatFormat(Tokenizer tokenizer, SpecialIds special, Optional<RunRecord> record) {
        Optional<String> template = origin.directory().flatMap(d -> ChatTemplate.read(d).text());
        Moment day = record.flatMap(RunRecord::date).flatMap(Moment::parse).orElse(today);
        ChatFormat.Choice choice = origin.firstVersion() ? ChatFormat.ofFirstVersion(tokenizer, special, template)
            : ChatFormat.choose(tokenizer, special, template, day);
        choice.remark().filter(r -> config.data().format().teachesAnswers()).ifPresent(listener::remark);
        return choice.format();
    }

    private static void requirePrompt(SampleConfig sample, Tokenizer tokenizer) {
        try {
            tokenizer.encode(sample.prompt());
        } catch (ConfigException e) {
            throw new ConfigException("train.sample.prompt: " + e.getMessage() + " Choose another prompt, or write sample: null.", e);
        }
    }

    /** Trains in {@code run}, whose lock the caller holds. */
    TrainOutcome train(Path run, RunData data, TrainingMethod method, BooleanSupplier stop) {
        if (!(data.examples() instanceof RunData.PreferenceExamples pairs)) {
            return trainOn(run, data, method, stop);
        }
        context.enter();
        Optional<PreferenceReference> reference = PreferenceReference.of(run,
            "%s %s %d".formatted(data.dataSha256(), data.tokenizerSha256(), origin.columns()), pairs.split(), context::manager,
            manager -> origin.reference(origin.architecture(data.tokenizer().vocabSize()), manager).in(context.precision()), context, stop);
        if (reference.isEmpty()) {
            return new TrainOutcome(run, Ending.STOPPED, saved(), OptionalDouble.empty(), Double.NaN, OptionalDouble.empty(),
                context.precision().word(), "", config.data().format(), method.command(), "");
        }
        reference.filter(PreferenceReference::computed).ifPresent(done -> listener.remark(
            "the reference's log-probabilities of the answers are computed only once; they are kept in "
                + run.resolve(PreferenceReference.FILE_NAME)));
        return trainOn(run, data.with(new RunData.PreferenceExamples(reference.get().pairs())), method, stop);
    }

    private TrainOutcome trainOn(Path run, RunData data, TrainingMethod method, BooleanSupplier stop) {
        TrainConfig train = config.train();
        GptConfig architecture = origin.architecture(data.tokenizer().vocabSize());
        List<String> trainable = origin.trainable(architecture);
        context.enter();
        try (NDManager manager = context.manager(); Gpt gpt = origin.model(architecture, manager).in(context.precision())) {
            Optional<Path> checkpoint = checkpoint();
            Progress progress = comparable(saved(), RunRecord.read(run));
            long savedStep = checkpoint.isPresent() ? progress.step() : -1;
            // an evaluation that was stopped is made again, and then writes its update's row
            long lastRow = progress.unevaluated().isPresent() ? savedStep - 1 : savedStep;
            MetricsCsv metrics = config.finetune().preference().isPresent()
                ? MetricsCsv.ofPreferences(run, lastRow, DurableFiles.SYSTEM, listener::remark)
                : MetricsCsv.open(run, lastRow, DurableFiles.SYSTEM, listener::remark);
            SampleLog samples = SampleLog.open(run, savedStep, DurableFiles.SYSTEM, listener::remark);
            EvaluationWindows windows = data.examples().windows(train.evalBatches(), train.batchSize(), origin.columns(), config.seed());
            Throughput throughput = new Throughput(context, gpt, trainable, origin.columns());
            TrainingMethod.Parts parts = new TrainingMethod.Parts(config, run, runs, checkpoint, progress, gpt, trainable, manager, context,
                origin.columns(), data, listener);
            try (TrainingMethod.Session updates = method.open(parts)) {
                RunMilestones milestones = new RunMilestones(parts, data, origin, updates, windows, savedStep);
                LearningRateRemark.of(config.schedule(), progress.step(), train.maxSteps()).ifPresent(listener::remark);
                listener.starting(progress.step(), train.maxSteps(), summary(gpt, trainable, data));
                Trainer trainer = new Trainer(train, updates, milestones, observed(throughput, samples), metrics, progress);
                Ending ending = trainer.train(stop);
                TrainOutcome outcome = outcome(run, ending, trainer.progress(), windows, data, throughput, method, milestones);
                if (!outcome.sample().isEmpty()) {
                    samples.write(trainer.progress().step(), outcome.sample());
                }
                return outcome;
            }
        }
    }

    /** The checkpoint that a resumed run begins with. */
    private Optional<Path> checkpoint() {
        return origin.directory().filter(directory -> origin.resumed());
    }

    /** How far the run was when this session began. */
    private Progress saved() {
        return checkpoint().map(TrainingState::progress).orElse(Progress.START);
    }

    /** Removes the lowest loss from {@code progress} if it was measured on other evaluation windows than those of this session. */
    private Progress comparable(Progress progress, RunRecord record) {
        if (progress.bestLoss().isEmpty() || progress.bestStep() > record.otherWindowsAt()) {
            return progress;
        }
        listener.remark(("train.eval_batches changed at step %,d: losses before and after are measured on different windows, so the best "
            + "checkpoint is chosen again from here.")
            .formatted(record.otherWindowsAt()));
        return progress.onOtherWindows();
    }

    private String summary(Gpt gpt, List<String> trainable, RunData data) {
        long all = gpt.parameters().count();
        long trained = trainable.stream().mapToLong(name -> gpt.parameters().shape(name).size()).sum();
        String parameters = trained == all ? "%,d parameters".formatted(all)
            : "%,d of %,d parameters (%.2f %%)".formatted(trained, all, 100.0 * trained / all);
        return "%s, %s, vocabulary of %,d; %s, %s, %s".formatted(parameters, data.examples().summary(),
            data.tokenizer().vocabSize(), Devices.version(), Printable.counted(context.threads(), "thread"),
            RunRecord.readable(context.device().toString()));
    }

    private TrainOutcome outcome(Path run, Ending ending, Progress progress, EvaluationWindows windows, RunData data,
                                 Throughput throughput, TrainingMethod method, RunMilestones milestones) {
        OptionalDouble bits = OptionalDouble.empty();
        boolean finished = ending != Ending.STOPPED;
        boolean text = config.finetune().preference().isEmpty();
        if (finished && progress.bestLoss().isPresent() && text) {   // a user who stops a run should not wait until bytes are counted
            Evaluator.Result best = new Evaluator.Result(progress.bestLoss().getAsDouble(), windows.tokens());
            bits = OptionalDouble.of(best.bitsPerByte(windows.bytes(data.tokenizer())));
        }
        return new TrainOutcome(run, ending, progress, bits, throughput.tokensPerSecond(),
            finished && !milestones.inRounds() ? throughput.mfu() : OptionalDouble.empty(),   // in rounds, other machines compute, too
            context.precision().word(),
            finished && config.train().sample().isPresent() ? milestones.sample() : "",
            config.data().format(), method.command(), data.examples().words(data.tokenizer()));
    }

    /** A listener that records each step's speed and each sample, and passes everything on. */
    private TrainingListener observed(Throughput throughput, SampleLog samples) {
        return new TrainingListener.Forwarding(listener) {
            @Override
            public void stepped(StepMetrics step) {
                throughput.stepped(step);
                super.stepped(step);
            }

            @Override
            public void sampled(long step, String text) {
                samples.write(step, text);
                super.sampled(step, text);
            }
        };
    }
}
