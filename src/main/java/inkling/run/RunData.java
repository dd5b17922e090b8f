package inkling.run;

import inkling.data.Batches;
import inkling.data.Corpus;
import inkling.data.DataConfig;
import inkling.data.Dataset;
import inkling.data.TextPart;
import inkling.data.TokenFile;
import inkling.io.ConfigException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.BpeTokenizer;
import inkling.tokenizer.BpeTrainer;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * The text of a run as token ids: corpus opened and cut, tokenizer fitted or read, token files built or found.
 *
 * @param dataSha256 of the corpus, or of both where the validation text is one of its own
 * @param tokenizerSha256 of its tokenizer.json
 */
record RunData(Tokenizer tokenizer, TokenFile training, TokenFile validation, List<Corpus> corpora, String dataSha256,
               String tokenizerSha256) {

    /** The text before any token: what a changed corpus is noticed by. */
    record Text(List<Corpus> corpora, TextPart all, TextPart training, TextPart validation, String sha256) {
        static Text open(DataConfig config, Consumer<String> remarks) {
            Corpus corpus = Corpus.open(config.train(), config.format());
            corpus.remarks().forEach(remarks);
            if (config.val() instanceof DataConfig.Validation.Fraction fraction) {
                Corpus.Split parts = corpus.split(fraction.value());
                return new Text(List.of(corpus), corpus.whole(), parts.training(), parts.validation(), corpus.sha256());
            }
            Corpus own = Corpus.open(List.of(((DataConfig.Validation.Text) config.val()).path()), config.format());
            own.remarks().forEach(remarks);
            return new Text(List.of(corpus, own), corpus.whole(), corpus.whole(), own.whole(),
                Sha256.of(corpus.sha256() + "\n" + own.sha256() + "\n"));
        }

        /** The tokenizer that {@code config} asks for, fitted where it is fitted to text. */
        Tokenizer tokenizer(TokenizerConfig config) {
            if (config instanceof TokenizerConfig.CharTokenizerConfig chars) {
                TextPart part = chars.fit() == TokenizerConfig.Fit.ALL ? all : training;
                BitSet seen = new BitSet();
                part.pieces(piece -> piece.codePoints().forEach(seen::set));
                return CharTokenizer.fit(seen.stream().collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString());
            }
            if (config instanceof TokenizerConfig.BpeTokenizerConfig bpe) {
                BpeTrainer trainer = new BpeTrainer(bpe.vocabSize());
                training.pieces(trainer::add);
                return trainer.train();
            }
            return config instanceof TokenizerConfig.HuggingFaceTokenizerConfig files
                ? TokenizerFiles.read(files.path()) : BpeTokenizer.gpt2();
        }

        /** @throws inkling.io.ConfigException if the text is another than the one whose hash a run recorded when it began */
        void requireSha256(String recorded) {
            if (corpora.size() == 1) {
                corpora.get(0).requireSha256(recorded);
            } else if (!sha256.equals(recorded)) {
                throw new ConfigException("%s or %s changed since the run began. Restore the text, or begin a new run."
                    .formatted(corpora.get(0).name(), corpora.get(1).name()));
            }
        }

        /** @throws inkling.io.ConfigException if a part is shorter than one window of {@code contextLength} and its target */
        RunData tokens(Tokenizer tokenizer, Path cache, int contextLength) {
            String tokenizerSha256 = Sha256.of(TokenizerFiles.json(tokenizer));
            TokenFile train = training.requireWindow(
                training.tokenFile(tokenizer, tokenizerSha256, cache, DurableFiles.SYSTEM), contextLength);
            TokenFile val = validation.requireWindow(
                validation.tokenFile(tokenizer, tokenizerSha256, cache, DurableFiles.SYSTEM), contextLength);
            return new RunData(tokenizer, train, val, corpora, sha256, tokenizerSha256);
        }
    }

    /** Puts shipped corpora that {@code config} names, and that are not there, where it looks for them. */
    static void bringShipped(DataConfig config, Consumer<String> remarks) {
        for (String path : config.train()) {
            Dataset.shippedAt(Path.of(path)).filter(dataset -> !Files.exists(Path.of(path))).ifPresent(dataset -> {
                dataset.fetch(Path.of(path), DurableFiles.SYSTEM);
                remarks.accept("brought %s to %s".formatted(dataset.name(), path));
            });
        }
    }

    Batches batches(DataConfig.Order order, int rows, int columns, long seed) {
        return switch (order) {
            case RANDOM -> Batches.random(training, rows, columns, seed);
            case SEQUENTIAL -> Batches.sequential(training, rows, columns);
        };
    }
}
