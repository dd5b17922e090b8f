package inkling.run;

import ai.djl.ndarray.NDManager;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import inkling.formats.family.GenerationSettings;
import inkling.formats.peft.PeftAdapter;
import inkling.io.Manifest;
import inkling.model.Gpt;
import inkling.model.GptLayout;
import inkling.model.GptWeights;
import inkling.model.Lora;
import inkling.model.Parameters;
import inkling.model.config.GptConfig;
import inkling.runfile.RunConfig;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where a run's model and tokenizer come from: one of its own checkpoints, the model that it fine-tunes, or only its run file.
 *
 * @param directory of the checkpoint or of the model to fine-tune, which may also be a GGUF file; empty for a new model
 * @param resumed whether the directory is a checkpoint of this run
 * @param firstVersion whether version 0.1 began the run. If so, text files are read as 0.1 read them, and the ids that begin and end a text
 *     are those of 0.1
 */
record RunOrigin(RunConfig config, Optional<Path> directory, boolean resumed, boolean firstVersion) {
    /**
     * Finds the origin of a run that begins or is resumed.
     *
     * @param runs the folder of runs, in which the name of a model to fine-tune is looked for
     * @param checkpoint of a run that is resumed; if there is one, {@code model.init_from} is not looked for
     * @param firstVersion whether version 0.1 began the run
     * @throws ConfigException if the model to fine-tune does not exist, or has adapters
     */
    static RunOrigin of(RunConfig config, Path runs, Optional<Path> checkpoint, boolean firstVersion) {
        if (checkpoint.isPresent() || config.model().initFrom().isEmpty()) {
            return new RunOrigin(config, checkpoint, checkpoint.isPresent(), firstVersion);
        }
        String name = config.model().initFrom().get();
        Path directory;
        try {
            directory = ModelLocation.find(name, Optional.empty(), runs).directory();
        } catch (ConfigException e) {
            throw new ConfigException("model.init_from: " + e.getMessage(), e);
        }
        Manifest.read(directory).ifPresent(manifest -> manifest.verify(directory));
        if (PeftAdapter.isIn(directory)) {
            throw new ConfigException("model.init_from: %s has adapters. Merge them into full weights first: `merge %s --to DIR`."
                .formatted(directory, name));
        }
        return new RunOrigin(config, Optional.of(directory), false, firstVersion);
    }

    /** The rules for reading the run's text files. */
    Reading reading() {
        return firstVersion ? Reading.VERSION_0_1 : Reading.PRESENT;
    }

    /** The model's context length. */
    int contextLength() {
        return directory.map(d -> ModelDirectory.config(d).contextLength()).orElse(config.model().options().contextLength());
    }

    /** Tokens of one window. @throws ConfigException if the run file asks for longer windows than the model reads */
    int columns() {
        int longest = contextLength();
        int columns = config.train().contextLength().orElse(longest);
        if (columns > longest) {
            throw new ConfigException("train.context_length = %d is longer than the model's own %d.".formatted(columns, longest));
        }
        return columns;
    }

    /**
     * The tokenizer of the checkpoint or of the model to fine-tune. If they have none, it is the one that the run file names, unless that
     * one has yet to be fitted to a text. A new model has the tokenizer that the run file asks for, which may be fitted to {@code text}.
     *
     * @throws ConfigException if the run file asks for another tokenizer than that of the model to fine-tune
     * @throws ModelFormatException if there is no tokenizer, or if {@link Tokenizer#within} finds that it does not fit the embedding
     */
    Tokenizer tokenizer(RunText text) {
        Optional<TokenizerConfig> asked = config.data().tokenizer();
        if (directory.isEmpty()) {
            return text.tokenizer(asked.orElseThrow());
        }
        Optional<Tokenizer> found = resumed ? TokenizerFiles.findWritten(directory.get()) : TokenizerFiles.find(directory.get());
        Tokenizer read = found.or(() -> asked.filter(RunOrigin::isGiven).map(text::tokenizer)).orElseThrow(
            () -> new ModelFormatException(("%s has no tokenizer (%s, or vocab.json and merges.txt), and training needs the one "
            + "that the model"
                + " was trained with. Put its files there, or name them: --set data.tokenizer='{type: huggingface, path: …}'.")
                .formatted(directory.get(), TokenizerFiles.TOKENIZER_JSON)));
        int rows = ModelDirectory.config(directory.get()).vocabSize();
        Tokenizer tokenizer = read.within(rows).orElseThrow(() -> new ModelFormatException(
            "%s: the tokenizer has %d tokens, the embedding %d rows: they do not belong together."
                .formatted(directory.get(), read.vocabSize(), rows)));
        if (!resumed && found.isPresent() && asked.isPresent()) {
            requireSame(read, text.tokenizer(asked.get()));
        }
        return tokenizer;
    }

    /** Whether the tokenizer exists already. If a tokenizer were fitted only now, a pretrained model would not know its ids. */
    private static boolean isGiven(TokenizerConfig tokenizer) {
        return tokenizer instanceof TokenizerConfig.HuggingFaceTokenizerConfig || tokenizer instanceof TokenizerConfig.Gpt2TokenizerConfig;
    }

    /** The ids that begin and end a text: the model's files name them, or else the tokenizer does. */
    SpecialIds specialIds(Tokenizer tokenizer) {
        return firstVersion ? SpecialIds.ofFirstVersion(tokenizer)
            : directory.map(ModelDirectory::generation).map(named -> named.special(Optional.of(tokenizer)))
                .orElseGet(() -> SpecialIds.of(tokenizer));
    }

    /**
     * The generation settings for the run's checkpoints: those in the model's files. If there are none, or if version 0.1 began the run,
     * those that follow from {@code special}.
     */
    GenerationSettings generation(SpecialIds special) {
        return directory.filter(d -> !firstVersion).map(ModelDirectory::generation).filter(named -> !named.isEmpty())
            .orElseGet(() -> GenerationSettings.of(special));
    }

    private void requireSame(Tokenizer own, Tokenizer asked) {
        if (asked.vocabSize() != own.vocabSize()
            || IntStream.range(0, own.vocabSize()).anyMatch(id -> !own.token(id).equals(asked.token(id)))) {
            throw new ConfigException(("data.tokenizer (%,d tokens) differs from the tokenizer of model.init_from (%,d). A model "
                + "works only with"
                + " its own tokenizer: leave data.tokenizer out.").formatted(asked.vocabSize(), own.vocabSize()));
        }
    }

    /** The model's architecture. Only a new model's vocabulary has {@code vocabSize} tokens; any other model has its own. */
    GptConfig architecture(int vocabSize) {
        return directory.map(d -> ModelDirectory.config(d).withDropout(config.model().options().dropout()))
            .orElseGet(() -> config.model().toGptConfig(vocabSize));
    }

    /** The names of the trained parameters. @throws ConfigException if {@code finetune} does not fit the architecture */
    List<String> trainable(GptConfig architecture) {
        return config.finetune().trainable(GptLayout.of(architecture, config.finetune().lora().map(Lora::new)));
    }

    /**
     * The frozen reference of a preference tuning: the model before the first update. In a resumed run with adapters, that is the model
     * without its adapters; in every other run, it is read from {@code model.init_from}.
     */
    Gpt reference(GptConfig architecture, NDManager manager) {
        if (!resumed) {
            return new Gpt(architecture, ModelDirectory.parameters(directory.orElseThrow(), architecture, manager));
        }
        if (config.finetune().lora().isPresent()) {
            return Lora.base(ModelDirectory.load(directory.orElseThrow(), manager), manager);
        }
        RunOrigin first = of(config, directory.get().toAbsolutePath().getParent().getParent(), Optional.empty(), firstVersion);
        return first.reference(architecture, manager);
    }

    /** The model with which the run begins or continues. */
    Gpt model(GptConfig architecture, NDManager manager) {
        if (resumed) {
            return ModelDirectory.load(directory.orElseThrow(), manager);
        }
        Optional<Lora> lora = config.finetune().lora().map(Lora::new);
        Parameters parameters = directory.isEmpty() ? GptWeights.initialise(architecture, manager.newSubManager(), config.seed())
            : ModelDirectory.parameters(directory.get(), architecture, manager);
        lora.ifPresent(adapters -> adapters.addTo(parameters, architecture, config.seed()));
        return new Gpt(architecture, parameters, lora);
    }
}
