package inkling.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.checkpoint.CheckpointStore;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.OwnChatTemplate;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.engine.ComputeContext;
import inkling.engine.UpdateKernels;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.ChatTemplate;
import inkling.formats.HuggingFaceExport;
import inkling.formats.ModelDirectory;
import inkling.formats.ModelFiles;
import inkling.formats.family.GenerationSettings;
import inkling.generate.GenerationSession;
import inkling.generate.TokenText;
import inkling.generate.batch.DraftSession;
import inkling.io.Manifest;
import inkling.io.Sha256;
import inkling.model.Gpt;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.template.builtin.Moment;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.SampleConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model to sample from, evaluate or inspect, with its tokenizer if it has one.
 * {@code try (LoadedModel model = LoadedModel.open(Path.of("my-runs/dickens"), ComputeContext.of("auto"))) { … }}
 */
public final class LoadedModel implements AutoCloseable {
    private final Path directory;
    private final ComputeContext context;
    private final NDManager manager;
    private final Gpt gpt;
    private final Optional<Tokenizer> tokenizer;

    private LoadedModel(Path directory, ComputeContext context, NDManager manager, Gpt gpt, Optional<Tokenizer> tokenizer) {
        this.directory = directory;
        this.context = context;
        this.manager = manager;
        this.gpt = gpt;
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a run's {@linkplain ModelLocation#chosen chosen} checkpoint, any checkpoint by its path, a model directory, or a GGUF file.
     *
     * @throws ModelFormatException if anything in the directory is damaged, missing or does not fit together
     */
    public static LoadedModel open(Path path, ComputeContext context) {
        return open(ModelLocation.of(path, Optional.empty()), Optional.empty(), context);
    }

    /**
     * Opens the model at {@code location}.
     *
     * @param tokenizer tokenizer files to use instead of those in the model's directory
     * @param context where and how the model computes, and the number format in which its weights are stored. This call enters it on the
     *     calling thread
     * @throws ModelFormatException if anything in the directory is damaged, missing or does not fit together
     */
    public static LoadedModel open(ModelLocation location, Optional<Path> tokenizer, ComputeContext context) {
        Path directory = location.directory();
        if (!CheckpointStore.isStep(directory)) { // a run's checkpoint was verified when it was chosen
            Manifest.read(directory).ifPresent(manifest -> manifest.verify(directory));
        }
        Optional<Tokenizer> found = tokenizer.map(TokenizerFiles::read).or(() -> TokenizerFiles.find(directory))
            .or(() -> TokenizerFiles.find(ModelDirectory.base(directory)));
        context.enter();
        NDManager manager = context.manager();
        try {
            Gpt gpt = ModelDirectory.load(directory, manager, context.precision().storage());
            Optional<Tokenizer> fitting = found.map(t -> fitting(directory, t, gpt.config().vocabSize()));
            return new LoadedModel(directory, context, manager, gpt, fitting);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /**
     * The tokenizer without those added tokens (e.g. special tokens of tokenizer.json) whose ids have no row in the embedding.
     *
     * @param rows how many rows the embedding has
     * @throws ModelFormatException if the id of any other token has no row
     */
    private static Tokenizer fitting(Path directory, Tokenizer tokenizer, int rows) {
        return tokenizer.within(rows).orElseThrow(() -> new ModelFormatException(
            "%s: the tokenizer has %d tokens, the embedding %d rows: they do not belong together."
                .formatted(directory, tokenizer.vocabSize(), rows) + " Give the right one with --tokenizer PATH."));
    }

    /** A message about the first weight that is NaN or infinite, if there is one. The output of such a model means nothing. */
    public Optional<String> notFinite() {
        for (String name : gpt.parameters().names()) {
            float[] values;
            try (NDManager scope = manager.newSubManager()) {
                NDArray numbers = gpt.parameters().matrix(name).finiteIfThisIs();
                if (numbers != gpt.parameters().get(name)) {
                    numbers.attach(scope);
                }
                NDArray norm = UpdateKernels.globalNorm(List.of(numbers));
                norm.attach(scope);
                if (Float.isFinite(norm.toFloatArray()[0])) {
                    continue;
                }
                values = numbers.toFloatArray();   // the values may be finite, although their squares add up to infinity
            }
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    return Optional.of("%s: value %d of %s is %s.".formatted(directory, i, name, values[i]));
                }
            }
        }
        return Optional.empty();
    }

    public Gpt gpt() {
        return gpt;
    }

    /** The directory or GGUF file that the model was read from. */
    public Path directory() {
        return directory;
    }

    /** The ids that begin and end a text, as the files of the model and of the tokenizer name them. */
    public SpecialIds specialIds() {
        return ModelDirectory.generation(directory).special(tokenizer);
    }

    /** The model's chat template. If its directory holds only adapters and no template, this is the template of the base model. */
    public ChatTemplate chatTemplate() {
        ChatTemplate own = ChatTemplate.read(directory);
        return own.text().isPresent() ? own : ChatTemplate.read(ModelDirectory.base(directory));
    }

    /** The present time, for chat templates that ask for it. */
    public static Moment now() {
        return Today.now();
    }

    /**
     * How conversations with the model are written: by its chat template, which is told the present time, or in Inkling's own form. For a
     * run that version 0.1 began and that learned to answer, the form is the one that 0.1 chose.
     */
    public ChatFormat.Choice chatFormat() {
        Tokenizer words = requireTokenizer("a conversation");
        return learnedToAnswer() && record().filter(RunRecord::isOfFirstVersion).isPresent()
            ? ChatFormat.ofFirstVersion(words, specialIds(), chatTemplate().text())
            : ChatFormat.choose(words, specialIds(), chatTemplate().text(), Today.now());
    }

    /**
     * What an export of this model holds beside the weights: tokenizer, generation settings and chat template, as they were read. A model
     * without generation settings gets those that follow from its special ids. A run that learned to answer in Inkling's own form has that
     * form as its template.
     */
    public HuggingFaceExport.Beside beside() {
        GenerationSettings named = ModelDirectory.generation(directory);
        ChatTemplate read = chatTemplate();
        boolean own = tokenizer.isPresent() && learnedToAnswer() && chatFormat().format().isOwn();
        return new HuggingFaceExport.Beside(tokenizer, named.isEmpty() ? GenerationSettings.of(named.special(tokenizer)) : named,
            Optional.of(own ? ChatTemplate.of(OwnChatTemplate.jinja(tokenizer.get(), specialIds())) : read));
    }

    private boolean learnedToAnswer() {
        return dataFormat().filter(DataConfig.Format::teachesAnswers).isPresent();
    }

    /** The format of the data that the model's run learned from; empty if the model is no checkpoint in a run. */
    public Optional<DataConfig.Format> dataFormat() {
        return runFile().map(config -> config.data().format());
    }

    /** The prompt of the samples of the checkpoint's run; empty if the run writes no samples, or the checkpoint lies in no run. */
    public Optional<String> samplePrompt() {
        return runFile().flatMap(config -> config.train().sample()).map(SampleConfig::prompt);
    }

    private Optional<RunConfig> runFile() {
        return checkpoint().map(saved -> ConfigFile.read(saved.run().resolve(TrainRun.CONFIG_FILE), List.of()));
    }

    /** The record of the checkpoint's run; empty if the checkpoint lies in no run, or in one without a record. */
    private Optional<RunRecord> record() {
        return checkpoint().map(RunCheckpoint::run).filter(run -> Files.isRegularFile(run.resolve(RunRecord.FILE_NAME)))
            .map(RunRecord::read);
    }

    /**
     * Warns if the run of this checkpoint learned from {@code corpus}, because the loss is then lower than on a text that the model has not
     * seen. Empty if the run learned from other texts. Also empty if the model lies in no run: what it learned from is then not known.
     */
    public Optional<String> learnedFrom(Corpus corpus) {
        if (checkpoint().isEmpty()) {
            return Optional.empty();
        }
        DataConfig data = runFile().orElseThrow().data();
        boolean same = record().filter(record -> record.dataSha256().equals(corpus.sha256())).isPresent();
        Set<Path> named = data.train().stream().map(path -> Path.of(path).toAbsolutePath().normalize()).collect(Collectors.toSet());
        if (!same && corpus.files().stream().map(file -> file.toAbsolutePath().normalize())
                .noneMatch(file -> named.stream().anyMatch(file::startsWith))) {
            return Optional.empty();
        }
        return Optional.of("%s was trained on %s%s: on a text that it has not seen, its loss is higher.".formatted(
            checkpoint().get().run().getFileName(), corpus.name(), data.val() instanceof DataConfig.Validation.Fraction
            ? " (except the end of each file, which is its validation text)" : ""));
    }

    /** A checkpoint of a run. */
    public record RunCheckpoint(Path run, long step) {}

    /** The run that the model is a checkpoint of, if it lies in one. */
    public Optional<RunCheckpoint> checkpoint() {
        Path run = directory.toAbsolutePath().normalize().getParent();
        return CheckpointStore.isStep(directory) && Files.isRegularFile(run.resolve(TrainRun.CONFIG_FILE))
            ? Optional.of(new RunCheckpoint(run, CheckpointStore.stepOf(directory))) : Optional.empty();
    }

    /**
     * A text that identifies the model's directory, tokenizer, device, number of threads and precision. It also changes when a file of the
     * model changes; if the model is adapters, also when a file of their base changes.
     */
    public String fingerprint() {
        StringBuilder all = new StringBuilder(context + "\n");
        tokenizer.ifPresent(own -> all.append(Sha256.of(TokenizerFiles.json(own))).append('\n'));
        Stream.of(directory, ModelDirectory.base(directory)).distinct().map(ModelFiles::listing).forEach(all::append);
        return all.toString();
    }

    /** Where and how the model computes. A thread that uses {@link #gpt} directly must enter it first. */
    public ComputeContext context() {
        return context;
    }

    /** A manager for arrays that are computed with the model; it is closed with the model. */
    public NDManager manager() {
        return manager;
    }

    public Optional<Tokenizer> tokenizer() {
        return tokenizer;
    }

    /** The text of tokens, with or without a tokenizer. */
    public TokenText tokenText() {
        return new TokenText(tokenizer);
    }

    /** The tokenizer. @throws ModelFormatException if there is none; the message says that {@code what} needs a tokenizer */
    public Tokenizer requireTokenizer(String what) {
        return tokenizer.orElseThrow(() -> new ModelFormatException(("%s has no tokenizer (tokenizer.json, or vocab.json and merges.txt),"
            + " and %s needs one. Give it with --tokenizer PATH.").formatted(directory, what)));
    }

    /** A session that continues prompts; the caller closes it. Several can generate at the same time, each on its own thread. */
    public GenerationSession openSession() {
        return GenerationSession.open(gpt, tokenizer, specialIds(), context);
    }

    /**
     * A session that continues prompts with the help of {@code draft}, a small model that proposes tokens; the caller closes the session.
     *
     * @throws ConfigException if the vocabularies differ in size, if two tokenizers differ in a token, or if one of the models has adapters
     */
    public DraftSession openDraft(LoadedModel draft) {
        for (LoadedModel model : List.of(this, draft)) {
            if (model.gpt.lora().isPresent()) {
                throw new ConfigException(("%s has adapters, and --draft works only with models without adapters: merge the adapters first,"
                    + " `inkling merge %s --to DIR`.").formatted(model.directory, model.directory));
            }
        }
        if (tokenizer.isPresent() && draft.tokenizer.isPresent()) {
            DraftSession.requireSameTokens(tokenizer.get(), draft.tokenizer.get());
        }
        return DraftSession.open(gpt, draft.gpt, tokenizer, specialIds(), context);
    }

    /** Sessions that are still open keep working; the weights are freed with the last of them. */
    @Override
    public void close() {
        gpt.close();
        manager.close();
    }
}
