package inkling.run;

import inkling.data.TokenFile;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.Conversations;
import inkling.data.chat.Preferences;
import inkling.data.source.Corpus;
import inkling.data.source.CorpusFiles;
import inkling.data.source.DataConfig;
import inkling.data.source.Dataset;
import inkling.data.source.Reading;
import inkling.data.source.TextPart;
import inkling.errors.ConfigException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** The files that a run learns from: text, conversations, pairs of answers, or a directory of tokens. */
interface RunText {
    /** A hash of {@link #files}: if it differs from the recorded one, the corpus has changed. */
    String sha256();

    /** @throws ConfigException if this is not the text whose hash a run recorded when it began */
    void requireSha256(String recorded);

    /** The files that are read, in their order; of a directory of tokens, only its tokens.json. */
    List<Path> files();

    /** How many tokens each of {@link #files} has; empty for conversations, pairs and directories of tokens, which are not counted. */
    default Map<Path, Long> tokensByFile(Tokenizer tokenizer, SpecialIds special) {
        return Map.of();
    }

    /** Gives the text that a tokenizer is fitted to, in pieces: the training part, or all of {@code data.train}. */
    void pieces(TokenizerConfig.Fit part, Consumer<String> sink);

    /**
     * The training and the validation part as token ids.
     *
     * @param special which ids begin and end a text
     * @param cache the folder that keeps token files
     * @param columns tokens of a window
     * @param recorded the Unicode version that the run began with
     * @throws ConfigException if a part has too few tokens or examples, e.g. a text of fewer than {@code columns} + 1 tokens
     */
    RunData tokens(Tokenizer tokenizer, SpecialIds special, ChatFormat format, Path cache, int columns, RecordedUnicode recorded);

    /**
     * Opens the files that {@code config} names; conversations and pairs of answers are opened only when they are read. A training corpus
     * that ships with Inkling is unpacked first if it is missing.
     *
     * @param reading the rules for reading files, those of the version of Inkling that began the run
     * @throws ConfigException if a file of a text is missing; for a corpus that {@code data fetch} brings, the message names this command
     */
    static RunText open(DataConfig config, Reading reading, Consumer<String> remarks) {
        for (String path : config.train().stream().filter(path -> !Files.exists(Path.of(path))).toList()) {
            Dataset.shippedAt(Path.of(path)).ifPresent(dataset -> {
                dataset.fetch(Path.of(path), DurableFiles.SYSTEM);
                remarks.accept("brought %s to %s".formatted(dataset.name(), path));
            });
        }
        if (TokenizedText.isAskedFor(config)) {
            return TokenizedText.open(config);
        }
        return switch (config.format()) {
            case TEXT, JSONL_TEXT -> Documents.open(config, reading, remarks);
            case MESSAGES, PREFERENCES -> new Messages(config, reading, remarks);
        };
    }

    /** Makes the tokenizer that {@code config} asks for; tokenizers of the types {@code char} and {@code bpe} are fitted to this text. */
    default Tokenizer tokenizer(TokenizerConfig config) {
        if (config instanceof TokenizerConfig.CharTokenizerConfig chars) {
            BitSet seen = new BitSet();
            pieces(chars.fit(), piece -> piece.codePoints().forEach(seen::set));
            return CharTokenizer.fit(
                seen.stream().collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString());
        }
        if (config instanceof TokenizerConfig.BpeTokenizerConfig bpe) {
            BpeTrainer trainer = new BpeTrainer(bpe.vocabSize().orElse(TokenizerConfig.BpeTokenizerConfig.DEFAULT_VOCAB_SIZE));
            pieces(TokenizerConfig.Fit.TRAIN, trainer::add);
            return bpe.vocabSize().isPresent() ? trainer.train() : trainer.trainAtMost();
        }
        if (config instanceof TokenizerConfig.HuggingFaceTokenizerConfig files) {
            return TokenizerFiles.read(files.path());
        }
        if (config instanceof TokenizerConfig.Gpt2TokenizerConfig) {
            return BpeTokenizer.gpt2();
        }
        throw new IllegalStateException("no tokenizer is made here for " + config);
    }

    /** The documents of the formats {@code text} and {@code jsonl_text}. */
    record Documents(List<Corpus> corpora, TextPart all, TextPart training, TextPart validation, String sha256) implements RunText {
        static Documents open(DataConfig config, Reading reading, Consumer<String> remarks) {
            Corpus corpus = Corpus.open(config.train(), config.format(), reading);
            corpus.remarks().forEach(remarks);
            if (config.val() instanceof DataConfig.Validation.Fraction fraction) {
                Corpus.Split parts = corpus.split(fraction.value());
                return new Documents(List.of(corpus), corpus.whole(), parts.training(), parts.validation(), corpus.sha256());
            }
            Corpus own = Corpus.open(List.of(((DataConfig.Validation.Text) config.val()).path()), config.format(), reading);
            own.remarks().forEach(remarks);
            return new Documents(List.of(corpus, own), corpus.whole(), corpus.whole(), own.whole(),
                Sha256.of(corpus.sha256() + "\n" + own.sha256() + "\n"));
        }

        @Override
        public List<Path> files() {
            return corpora.stream().flatMap(corpus -> corpus.files().stream()).toList();
        }

        @Override
        public void requireSha256(String recorded) {
            if (corpora.size() == 1) {
                corpora.get(0).requireSha256(recorded);
            } else if (!sha256.equals(recorded)) {
                throw new ConfigException("%s or %s changed since the run began. Restore the text, or begin a new run."
                    .formatted(corpora.get(0).name(), corpora.get(1).name()));
            }
        }

        @Override
        public Map<Path, Long> tokensByFile(Tokenizer tokenizer, SpecialIds special) {
            Map<Path, Long> counts = new LinkedHashMap<>();
            corpora.forEach(corpus -> corpus.tokensByFile(tokenizer, special)
                .forEach((file, count) -> counts.merge(file, count, Long::sum)));
            return counts;
        }

        @Override
        public void pieces(TokenizerConfig.Fit part, Consumer<String> sink) {
            (part == TokenizerConfig.Fit.ALL ? all : training).pieces(sink);
        }

        @Override
        public RunData tokens(Tokenizer tokenizer, SpecialIds special, ChatFormat format, Path cache, int columns,
                              RecordedUnicode recorded) {
            String hash = Sha256.of(TokenizerFiles.json(tokenizer));
            TokenFile train = training.requireWindow(recorded.tokenFile(training, tokenizer, special, hash, cache), columns);
            TokenFile val = validation.requireWindow(recorded.tokenFile(validation, tokenizer, special, hash, cache), columns);
            return new RunData(tokenizer, special, new RunData.TextExamples(train, train.location(), val), sha256, hash);
        }
    }

    /** Conversations ({@code messages}), or pairs of answers ({@code preferences}). */
    record Messages(DataConfig config, Reading reading, Consumer<String> remarks) implements RunText {
        private List<List<String>> sources() {
            return config.val() instanceof DataConfig.Validation.Text own ? List.of(config.train(), List.of(own.path()))
                : List.of(config.train());
        }

        @Override
        public String sha256() {
            List<String> hashes = sources().stream().map(paths -> Conversations.sha256(paths, reading)).toList();
            return hashes.size() == 1 ? hashes.get(0) : Sha256.of(String.join("\n", hashes) + "\n");
        }

        @Override
        public List<Path> files() {
            return sources().stream().flatMap(paths -> CorpusFiles.find(paths, reading).files().stream()).toList();
        }

        @Override
        public void requireSha256(String recorded) {
            if (!sha256().equals(recorded)) {
                throw new ConfigException("%s changed since the run began. Restore the conversations, or begin a new run."
                    .formatted(String.join(", ", sources().stream().flatMap(List::stream).toList())));
            }
        }

        /**
         * Each conversation in Inkling's own form. Of pairs, always all of {@code data.train}: a tokenizer that is fitted to pairs is only
         * compared with that of {@code model.init_from}.
         */
        @Override
        public void pieces(TokenizerConfig.Fit part, Consumer<String> sink) {
            boolean cut = config.format() == DataConfig.Format.MESSAGES && part == TokenizerConfig.Fit.TRAIN
                && config.val() instanceof DataConfig.Validation.Fraction;
            (cut ? Conversations.trainingTexts(config.train(), reading, ((DataConfig.Validation.Fraction) config.val()).value())
                : texts(config.train())).forEach(sink);
        }

        @Override
        public RunData tokens(Tokenizer tokenizer, SpecialIds special, ChatFormat format, Path cache, int columns,
                              RecordedUnicode recorded) {
            recorded.compare(tokenizer, sink -> sources().forEach(paths -> texts(paths).forEach(sink)),
                "the conversations");
            Function<List<String>, Preferences> pairs = paths -> withRemarksGiven(Preferences.read(paths, format, columns));
            RunData.Examples examples = config.format() == DataConfig.Format.PREFERENCES
                ? new RunData.PreferenceExamples(preferences(pairs))
                : new RunData.ConversationExamples(conversations(format, columns));
            return new RunData(tokenizer, special, examples, sha256(), Sha256.of(TokenizerFiles.json(tokenizer)));
        }

        private List<String> texts(List<String> paths) {
            return config.format() == DataConfig.Format.PREFERENCES ? Preferences.texts(paths) : Conversations.texts(paths, reading);
        }

        private Preferences withRemarksGiven(Preferences pairs) {
            pairs.remarks().forEach(remarks);
            return pairs;
        }

        private Preferences.Split preferences(Function<List<String>, Preferences> read) {
            Preferences all = read.apply(config.train());
            return config.val() instanceof DataConfig.Validation.Text own ? new Preferences.Split(all, read.apply(List.of(own.path())))
                : all.split(((DataConfig.Validation.Fraction) config.val()).value());
        }

        private Conversations.Split conversations(ChatFormat format, int columns) {
            Conversations all = Conversations.read(config.train(), reading, format, columns);
            all.remarks().forEach(remarks);
            if (config.val() instanceof DataConfig.Validation.Text own) {
                Conversations validation = Conversations.read(List.of(own.path()), reading, format, columns);
                validation.remarks().forEach(remarks);
                return new Conversations.Split(all, validation);
            }
            return all.split(((DataConfig.Validation.Fraction) config.val()).value());
        }
    }
}
