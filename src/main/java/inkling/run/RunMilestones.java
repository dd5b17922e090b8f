package inkling.run;

import inkling.checkpoint.Checkpoint;
import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.Progress;
import inkling.data.EvaluationWindows;
import inkling.formats.ChatTemplate;
import inkling.formats.family.GenerationSettings;
import inkling.generate.Generation;
import inkling.generate.GenerationSession;
import inkling.generate.Generator;
import inkling.generate.SamplingOptions;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.train.Evaluator;
import inkling.train.KeepCheckpoints;
import inkling.train.PreferenceEvaluator;
import inkling.train.SampleConfig;
import inkling.train.Trainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Evaluates, samples and saves at certain steps of the training loop, with the parts of one run. */
final class RunMilestones implements Trainer.Milestones {
    private final TrainingMethod.Parts parts;
    private final Tokenizer tokenizer;
    private final SpecialIds special;
    private final GenerationSettings generation;
    private final Optional<ChatTemplate> template;
    private final TrainingMethod.Session updates;
    private final EvaluationWindows windows;
    private final CheckpointStore store;
    private final long savedStep;

    /** @param savedStep the step of the checkpoint that the run continues from; −1 for none */
    RunMilestones(TrainingMethod.Parts parts, RunData data, RunOrigin origin, TrainingMethod.Session updates, EvaluationWindows windows,
                  long savedStep) {
        this.parts = parts;
        this.tokenizer = data.tokenizer();
        this.special = data.special();
        // generation settings and template are read now, because the checkpoint that holds them may be deleted during the run
        this.generation = origin.generation(special);
        this.template = origin.directory().map(ChatTemplate::read);
        this.updates = updates;
        this.windows = windows;
        this.store = new CheckpointStore(parts.run(), DurableFiles.SYSTEM);
        this.savedStep = savedStep;
    }

    /** Whether the updates are made in rounds, as in {@code cluster train}, even by a single worker. */
    boolean inRounds() {
        return updates.inRounds();
    }

    @Override
    public Optional<Evaluator.Result> evaluate(BooleanSupplier stop) {
        return SingleMachine.preferenceLoss(parts.config(), parts.gpt())
            .map(loss -> new PreferenceEvaluator(parts.manager(), parts.gpt(), parts.context()).over(windows, loss, stop))
            .orElseGet(() -> new Evaluator(parts.manager(), parts.gpt(), parts.context()).over(windows, stop));
    }

    @Override
    public String sample() {
        SampleConfig sample = parts.config().train().sample().orElseThrow();
        // a session with a copy of the weights is faster, but for so few tokens the copy is not worth its memory
        try (GenerationSession session = GenerationSession.withoutCopy(parts.gpt(), Optional.of(tokenizer), special,
            parts.context())) {
            SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(sample.maxTokens()).withSeed(parts.config().seed());
            Generation generation = session.generate(sample.prompt(), options, Generator.Listener.NONE);
            return sample.prompt() + generation.samples().get(0).text().orElse("");
        }
    }

    @Override
    public long savedStep() {
        return savedStep;
    }

    @Override
    public void save(Progress progress, boolean best) {
        Checkpoint checkpoint = new Checkpoint(parts.gpt(), tokenizer, generation, template,
            parts.config().model().initFrom().orElse(""), updates.optimizer(), progress);
        Map<String, Content> files = new LinkedHashMap<>(checkpoint.content());
        files.putAll(updates.files());
        store.save(progress.step(), files);
        if (best) {
            store.markBest(progress.step());
        }
        if (parts.config().train().keepCheckpoints() instanceof KeepCheckpoints.Count kept) {
            store.prune(kept.newest(), parts.config().train().milestones());
        }
        updates.saved(store.steps().stream().map(CheckpointStore::stepOf).toList());
    }

    @Override
    public void markBest(long step) {
        store.markBest(step);
    }
}
