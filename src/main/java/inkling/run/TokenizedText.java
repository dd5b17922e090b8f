package inkling.run;

import inkling.data.TokenLocation;
import inkling.data.Tokens;
import inkling.data.chat.ChatFormat;
import inkling.data.source.Cut;
import inkling.data.source.DataConfig;
import inkling.data.source.TokenShards;
import inkling.errors.ConfigException;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A text that {@code cluster tokenize} has already encoded: {@code data.train} names the directory of its tokens.
 *
 * @param validation the tokens of another directory, if {@code data.val} names one
 */
record TokenizedText(DataConfig config, TokenShards training, Optional<TokenShards> validation) implements RunText {
    /** Whether any path of {@code data.train} is a directory of tokens. */
    static boolean isAskedFor(DataConfig config) {
        return config.train().stream().anyMatch(path -> TokenShards.isIn(Path.of(path)));
    }

    /** @throws ConfigException if {@code data.train} has other paths besides the directory, or {@code data.val} is a path without tokens */
    static TokenizedText open(DataConfig config) {
        String path = config.train().get(0);
        if (config.train().size() > 1) {
            throw new ConfigException(("data.train = %s: a directory of tokens must be the only path. For several texts, make one such"
                + " directory: `cluster tokenize --data PATH PATH …`.").formatted(String.join(", ", config.train())));
        }
        Optional<TokenShards> validation = Optional.empty();
        if (config.val() instanceof DataConfig.Validation.Text own) {
            if (!TokenShards.isIn(Path.of(own.path()))) {
                throw new ConfigException(("data.val = %s must be a directory of tokens, too, or a fraction, because data.train = %s is"
                    + " a directory of tokens.").formatted(own.path(), path));
            }
            validation = Optional.of(TokenShards.read(Path.of(own.path())));
        }
        return new TokenizedText(config, TokenShards.read(Path.of(path)), validation);
    }

    @Override
    public String sha256() {
        return validation.map(own -> Sha256.of(training.sha256() + "\n" + own.sha256() + "\n")).orElse(training.sha256());
    }

    @Override
    public void requireSha256(String recorded) {
        if (!sha256().equals(recorded)) {
            throw new ConfigException("%s changed since the run began. Restore it, or begin a new run."
                .formatted(directories().map(Path::toString).collect(Collectors.joining(" or "))));
        }
    }

    /** The file tokens.json of the training directory, and that of the validation directory if there is one. */
    @Override
    public List<Path> files() {
        return directories().map(directory -> directory.resolve(TokenShards.FILE_NAME)).toList();
    }

    private Stream<Path> directories() {
        return Stream.concat(Stream.of(training), validation.stream()).map(TokenShards::directory);
    }

    @Override
    public void pieces(TokenizerConfig.Fit part, Consumer<String> sink) {
        throw new IllegalStateException("a tokenizer is never fitted to tokens");
    }

    /** Reads the tokenizer in the directory. @throws ConfigException unless {@code asked} is that one or the default (bpe, no size) */
    @Override
    public Tokenizer tokenizer(TokenizerConfig asked) {
        Tokenizer own = TokenizerFiles.read(training.directory());
        boolean leftOut = asked instanceof TokenizerConfig.BpeTokenizerConfig bpe && bpe.vocabSize().isEmpty();
        Optional<Tokenizer> named = asked instanceof TokenizerConfig.HuggingFaceTokenizerConfig files
            ? Optional.of(TokenizerFiles.read(files.path()))
            : asked instanceof TokenizerConfig.Gpt2TokenizerConfig ? Optional.of(BpeTokenizer.gpt2()) : Optional.empty();
        boolean same = named.filter(tokenizer -> Sha256.of(TokenizerFiles.json(tokenizer)).equals(training.tokenizerSha256())).isPresent();
        if (!leftOut && !same) {
            throw new ConfigException(("data.tokenizer: %s holds tokens, made with its own tokenizer of %,d tokens. Leave data.tokenizer "
                + "out.").formatted(
                training.directory(), training.vocabSize()));
        }
        return own;
    }

    @Override
    public RunData tokens(Tokenizer tokenizer, SpecialIds special, ChatFormat format, Path cache, int columns, RecordedUnicode recorded) {
        String hash = Sha256.of(TokenizerFiles.json(tokenizer));
        requireSame(training, hash, special);
        validation.ifPresent(own -> requireSame(own, hash, special));
        TokenLocation all = training.location();
        long cut = config.val() instanceof DataConfig.Validation.Fraction fraction ? Cut.trainingCount(fraction.value(), all.count())
            : all.count();
        TokenLocation forTraining = all.part(0, cut);
        TokenLocation forValidation = validation.map(TokenShards::location).orElse(all.part(cut, all.count()));
        return new RunData(tokenizer, special, new RunData.TextExamples(openWithAWindow(training, forTraining, columns), forTraining,
            openWithAWindow(validation.orElse(training), forValidation, columns)), sha256(), hash);
    }

    private void requireSame(TokenShards shards, String tokenizerSha256, SpecialIds special) {
        if (!shards.tokenizerSha256().equals(tokenizerSha256) || !shards.isMadeWith(special)) {
            throw new ConfigException(("%s was made with another tokenizer, or with other ids between documents, than this model's. Make it"
                + " anew: `cluster tokenize --tokenizer MODEL`.").formatted(shards.directory()));
        }
    }

    /** Opens {@code location}, a part of {@code shards}, if it has the tokens of at least one window. */
    private static Tokens openWithAWindow(TokenShards shards, TokenLocation location, int columns) {
        if (location.count() < columns + 1L) {
            throw new ConfigException(("%s: training and validation each need at least %d tokens (a window of context_length %d and its"
                + " last target), but one of them has %d. Give more text, change data.val, or set a smaller context_length.")
                .formatted(shards.directory(), columns + 1L, columns, location.count()));
        }
        return location.open();
    }
}
