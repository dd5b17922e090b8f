package inkling.fuzz;

import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.TrainingState;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.Conversations;
import inkling.data.chat.Preferences;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.formats.ModelDirectory;
import inkling.inspect.RunHistory;
import inkling.inspect.embedding.WordVectorFile;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.io.tensors.SafetensorsIndex;
import inkling.io.tensors.SafetensorsMutations;
import inkling.run.RunFiles;
import inkling.runfile.ConfigFile;
import inkling.template.builtin.Moment;
import inkling.tasks.TaskFiles;
import inkling.tasks.TaskLog;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.MetricsCsv;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** The kinds of file that Inkling reads: good files to spoil, and the reader that must accept or refuse the result. */
enum Format {
    SAFETENSORS("model.safetensors", ModelFormatException.class, SafetensorsMutations::seeds, directory -> {
        if (!SafetensorsMutations.read(directory.resolve("model.safetensors"))) {
            throw new ModelFormatException("refused");
        }
    }),
    CONFIG("run.yaml", ConfigException.class, RunSeeds::config, directory -> ConfigFile.read(directory.resolve("run.yaml"), List.of())),
    CORPUS("corpus.txt", ConfigException.class, TextSeeds::corpus, directory -> consume(directory, "corpus.txt", DataConfig.Format.TEXT)),
    GZIP("corpus.txt.gz", ConfigException.class, TextSeeds::gzip, directory ->
        consume(directory, "corpus.txt.gz", DataConfig.Format.TEXT)),
    ZSTD("corpus.txt.zst", ConfigException.class, TextSeeds::zstd, directory ->
        consume(directory, "corpus.txt.zst", DataConfig.Format.TEXT)),
    JSONL("corpus.jsonl", ConfigException.class, TextSeeds::jsonl, directory ->
        consume(directory, "corpus.jsonl", DataConfig.Format.JSONL_TEXT)),
    MESSAGES("messages.jsonl", ConfigException.class, TextSeeds::messages, directory -> converse(directory, "messages.jsonl")),
    SHAREGPT("sharegpt.json", ConfigException.class, TextSeeds::shareGpt, directory -> converse(directory, "sharegpt.json")),
    ALPACA("alpaca.json", ConfigException.class, TextSeeds::alpaca, directory -> converse(directory, "alpaca.json")),
    PREFERENCES("pairs.jsonl", ConfigException.class, TextSeeds::pairs, directory -> {
        Preferences.read(List.of(directory.resolve("pairs.jsonl").toString()), ChatFormat.own(new BpeTrainer(257).add("abc").train()), 64);
    }),
    TASK("questions.jsonl", ConfigException.class, TextSeeds::questions,
    directory -> TaskFiles.readAll("mine", directory.resolve("questions.jsonl"))),
    ARC("arc.jsonl", ConfigException.class, TextSeeds::arc, directory -> TaskFiles.readAll("arc", directory.resolve("arc.jsonl"))),
    HELLASWAG("hellaswag.jsonl", ConfigException.class, TextSeeds::hellaswag, directory ->
        TaskFiles.readAll("hellaswag", directory.resolve("hellaswag.jsonl"))),
    PASSAGES("passages.txt", ConfigException.class, TextSeeds::corpus,
        directory -> TaskFiles.readAll("lambada", directory.resolve("passages.txt"))),
    TASK_LOG("tasks.csv", ModelFormatException.class, RunSeeds::taskLog, directory -> TaskLog.read(directory)),
    VECTORS("vectors.txt", ConfigException.class, TextSeeds::vectors, directory -> WordVectorFile.read(directory.resolve("vectors.txt"))),
    TOKENIZER("tokenizer.json", ModelFormatException.class, DirectorySeeds::tokenizers, directory ->
        use(TokenizerFiles.read(directory.resolve("tokenizer.json")), directory)),
    SPLIT_PATTERN(PatternSeeds.FILE, ModelFormatException.class, PatternSeeds::splits, PatternSeeds::split) {
        @Override
        byte[] mutate(byte[] seed, Random random) {
            return PatternSeeds.mutate(seed, random);
        }
    },
    PYTHON_PATTERN(PatternSeeds.FILE, ModelFormatException.class, PatternSeeds::modules, PatternSeeds::match) {
        @Override
        byte[] mutate(byte[] seed, Random random) {
            return PatternSeeds.mutate(seed, random);
        }
    },
    VOCABULARY("vocab.json", ModelFormatException.class, DirectorySeeds::vocabulary, Format::findTokenizer),
    MERGES("merges.txt", ModelFormatException.class, DirectorySeeds::merges, Format::findTokenizer),
    TOKENIZER_CONFIG("tokenizer_config.json", ModelFormatException.class, DirectorySeeds::tokenizerConfig, Format::findTokenizer),
    SPECIAL_TOKENS("special_tokens_map.json", ModelFormatException.class, DirectorySeeds::specialTokens, Format::findTokenizer),
    ADDED_TOKENS("added_tokens.json", ModelFormatException.class, DirectorySeeds::addedTokens, Format::findTokenizer),
    GENERATION_CONFIG("generation_config.json", ModelFormatException.class, DirectorySeeds::generationConfig, directory ->
        ModelDirectory.generation(directory).special(Optional.empty())),
    CHAT_TEMPLATE("chat_template.jinja", ModelFormatException.class, DirectorySeeds::chatTemplate, Format::findTokenizer),
    TEMPLATE(TemplateSeeds.FILE, ModelFormatException.class, TemplateSeeds::templates, TemplateSeeds::render) {
        @Override
        byte[] mutate(byte[] seed, Random random) {
            return TemplateSeeds.mutate(seed, random);
        }
    },
    MODEL_CONFIG("config.json", ModelFormatException.class, DirectorySeeds::modelConfig, directory -> {
        ModelDirectory.config(directory);
        ModelDirectory.generation(directory).special(Optional.empty());
    }),
    MODEL("config.json", ModelFormatException.class, ModelSeeds::configs, ModelSeeds::load),
    WEIGHTS("model.safetensors", ModelFormatException.class, ModelSeeds::weights, ModelSeeds::load),
    ROTARY_WEIGHTS("model.safetensors", ModelFormatException.class, ModelSeeds::rotaryWeights, ModelSeeds::load),
    GGUF(GgufMutations.FILE, ModelFormatException.class, GgufMutations::seeds, GgufMutations::read) {
        @Override
        byte[] mutate(byte[] seed, Random random) {
            return GgufMutations.mutate(seed, random);
        }
    },
    ADAPTER_CONFIG("adapter_config.json", ModelFormatException.class, ModelSeeds::adapterConfig, ModelSeeds::load),
    ADAPTER_WEIGHTS("adapter_model.safetensors", ModelFormatException.class, ModelSeeds::adapterWeights, ModelSeeds::load),
    OPTIMIZER("optimizer.safetensors", ModelFormatException.class, ModelSeeds::moments, ModelSeeds::loadOptimizer),
    INDEX("model.safetensors.index.json", ModelFormatException.class, DirectorySeeds::index, directory ->
        SafetensorsIndex.open(directory).close()),
    MANIFEST("manifest.json", ModelFormatException.class, RunSeeds::manifest, directory ->
        Manifest.read(directory).ifPresent(manifest -> manifest.verify(directory))),
    PROGRESS("progress.json", ModelFormatException.class, RunSeeds::progress, TrainingState::progress),
    POINTER("last", ModelFormatException.class, RunSeeds::pointer, directory -> {
        Optional<Path> checkpoint = new CheckpointStore(directory, DurableFiles.SYSTEM).last();
        require(checkpoint.isEmpty() || checkpoint.get().getParent().equals(directory), "a checkpoint of another run");
    }),
    RUN_RECORD("run.json", ModelFormatException.class, RunSeeds::runRecord, RunFiles::record),
    SAMPLES("samples.jsonl", ModelFormatException.class, RunSeeds::samples, RunFiles::samples),
    HISTORY("metrics.csv", ModelFormatException.class, RunSeeds::metrics, directory -> {
        RunHistory history = RunHistory.read(directory.resolve("metrics.csv"));
        Arrays.stream(RunHistory.Metric.values()).forEach(history::series);
    }),
    METRICS("metrics.csv", ModelFormatException.class, RunSeeds::metrics, directory -> {
        MetricsCsv.open(directory, 4, DurableFiles.SYSTEM, line -> { });
        MetricsCsv.open(directory, 4, DurableFiles.SYSTEM, line -> { });   // what was written is read again
    }),
    TOKENS("tokens.bin", ModelFormatException.class, TokenSeeds::files, TokenSeeds::read) {
        @Override
        byte[] mutate(byte[] seed, Random random) {
            return TokenSeeds.mutate(seed, random);
        }
    };

    /** Reads the spoiled file as Inkling does. */
    @FunctionalInterface
    interface Reader {
        void read(Path directory) throws IOException;
    }

    private static final Moment DAY = new Moment(2024, 7, 26, 0, 0, 0);

    final String file;
    private final Class<? extends InklingException> refusal;
    private final Supplier<List<byte[]>> seeds;
    private final Reader reader;
    private final BiFunction<byte[], Random, byte[]> mutation;

    /** @param refusal the exception that refuses a spoiled file, and so decides the exit code */
    Format(String file, Class<? extends InklingException> refusal, Supplier<List<byte[]>> seeds, Reader reader) {
        this.file = file;
        this.refusal = refusal;
        this.seeds = seeds;
        this.reader = reader;
        this.mutation = file.endsWith(".safetensors") ? SafetensorsMutations::mutate : Mutations::mutate;
    }

    List<byte[]> seeds() {
        return seeds.get();
    }

    byte[] mutate(byte[] seed, Random random) {
        return mutation.apply(seed, random);
    }

    void read(Path directory) throws IOException {
        reader.read(directory);
    }

    /** Writes the other files that must lie in the directory. */
    void prepare(Path directory) throws IOException {
        switch (this) {
            case INDEX -> SafetensorsMutations.overwrite(directory.resolve("model-00001-of-00001.safetensors"),
                SafetensorsMutations.seeds().get(1));
            case MANIFEST -> SafetensorsMutations.overwrite(directory.resolve("a"), new byte[0]);
            case POINTER -> RunSeeds.steps(directory);
            case VOCABULARY, MERGES, TOKENIZER_CONFIG, SPECIAL_TOKENS, ADDED_TOKENS,
                CHAT_TEMPLATE -> DirectorySeeds.vocabularyFiles(directory);
            case GENERATION_CONFIG -> SafetensorsMutations.overwrite(directory.resolve("config.json"), DirectorySeeds.modelConfig().get(0));
            case MODEL, WEIGHTS, ROTARY_WEIGHTS, ADAPTER_CONFIG, ADAPTER_WEIGHTS -> ModelSeeds.files(this, directory);
            default -> { }
        }
    }

    /**
     * Reads one spoiled file; returns whether it was accepted. An {@link InklingException} of another class than the declared one, or
     * without a message, becomes an AssertionError. Exceptions of other kinds are passed on.
     */
    boolean attempt(Path directory, List<byte[]> seeds, long number) throws IOException {
        Random random = new Random(number * 0x9E3779B97F4A7C15L);
        SafetensorsMutations.overwrite(directory.resolve(file), mutate(seeds.get(random.nextInt(seeds.size())), random));
        try {
            read(directory);
            return true;
        } catch (InklingException e) {
            if (!refusal.isInstance(e) || e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("refused with another exit code, or without a word", e);
            }
            return false;
        }
    }

    private static void converse(Path directory, String name) {
        List<String> file = List.of(directory.resolve(name).toString());
        Conversations.read(file, ChatFormat.own(new BpeTrainer(257).add("abc").train()), 64);
        Conversations.texts(file, Reading.PRESENT);
    }

    private static void consume(Path directory, String file, DataConfig.Format format) {
        Corpus corpus = Corpus.open(List.of(directory.resolve(file).toString()), format);
        StringBuilder text = new StringBuilder();
        corpus.whole().pieces(text::append);
        Corpus.Split parts = corpus.split(0.1);
        CharTokenizer tokenizer = CharTokenizer.fit(text + "x");
        long tokens = parts.training().tokens(tokenizer, SpecialIds.of(tokenizer)).count()
            + parts.validation().tokens(tokenizer, SpecialIds.of(tokenizer)).count();
        require(tokens <= text.length(), tokens + " tokens of " + text.length() + " characters");
    }

    private static void findTokenizer(Path directory) {
        Tokenizer tokenizer = TokenizerFiles.find(directory).orElseThrow();
        use(tokenizer, directory);
        ChatFormat chat = ChatFormat.choose(tokenizer, SpecialIds.of(tokenizer), RunFiles.chatTemplate(directory), DAY).format();
        allowingUnknownCharacters(() -> chat.prompt(List.of(new ChatFormat.Message(ChatFormat.Role.USER, "banana"))));
    }

    /** Encodes a text and decodes it; then writes the tokenizer and reads it back, which must give the same tokenizer. */
    static void use(Tokenizer tokenizer, Path directory) {
        allowingUnknownCharacters(() -> tokenizer.decode(tokenizer.encode("banana  bandana's 1234 \n\n  é日😀" + " ".repeat(40)
            + "a".repeat(60) + "<|endoftext|>")));
        byte[] written = TokenizerFiles.json(tokenizer);
        Path copy = directory.resolve("copy.json");
        SafetensorsMutations.overwrite(copy, written);
        require(Arrays.equals(written, TokenizerFiles.json(TokenizerFiles.read(copy))), "what was written is another tokenizer");
        TokenizerFiles.files(tokenizer);
        SpecialIds.of(tokenizer);
    }

    /** Runs an action, which may fail only at characters that a spoiled vocabulary lacks. */
    private static void allowingUnknownCharacters(Runnable action) {
        try {
            action.run();
        } catch (ConfigException e) {
            require(e.getMessage().contains("not in the vocabulary"), e.getMessage());
        }
    }

    static void require(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError(rule);
        }
    }
}
