package inkling.run;

import inkling.data.source.Reading;
import inkling.errors.ConfigException;
import inkling.errors.FileFaults;
import inkling.formats.ModelDirectory;
import inkling.model.config.GptConfig;
import inkling.runfile.RunConfig;
import inkling.tokenizer.TokenizerConfig;
import inkling.tokenizer.bpe.BpeTokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Finds the architecture that a run file asks for. No model is trained. A tokenizer is fitted only if the size of its vocabulary follows
 * from the text: {@code char}, or {@code bpe} without a size on a short text.
 */
public final class RunArchitecture {
    /** In bytes. A longer text surely fills the default vocabulary, and fitting a tokenizer to such a text would take long. */
    private static final long LARGE_TEXT = 4_000_000;

    private RunArchitecture() {}

    /**
     * The architecture of a new model, or of the model that {@code model.init_from} names.
     *
     * @param runs the folder of runs, in which the name of a model to fine-tune is looked for
     * @param vocabSize of a new model; if empty, it follows from the run file's tokenizer
     * @throws ConfigException if characters have to be counted in a text that does not exist, or if {@code vocabSize} is given for a model
     *     to fine-tune
     */
    public static GptConfig of(RunConfig config, Path runs, OptionalInt vocabSize) {
        Optional<String> from = config.model().initFrom();
        if (from.isPresent() && vocabSize.isPresent()) {
            throw new ConfigException("--vocab-size %d: the model of model.init_from has its own vocabulary. Leave the option out."
                .formatted(vocabSize.getAsInt()));
        }
        return from.isPresent() ? ModelDirectory.config(ModelLocation.find(from.get(), Optional.empty(), runs).directory())
            : config.model().toGptConfig(vocabSize.isPresent() ? vocabSize.getAsInt() : size(config));
    }

    /** Counts the bytes of the training text; {@code Long.MAX_VALUE} if a path does not exist or is a glob. */
    private static long bytes(RunConfig config) {
        long sum = 0;
        for (String path : config.data().train()) {
            if (!Files.exists(Path.of(path))) {
                return Long.MAX_VALUE;
            }
            try (Stream<Path> files = Files.walk(Path.of(path))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    sum += Files.size(file);
                }
            } catch (IOException e) {
                throw FileFaults.cannot("read", Path.of(path), e);
            }
        }
        return sum;
    }

    private static int size(RunConfig config) {
        TokenizerConfig tokenizer = config.data().tokenizer().orElseThrow();
        if (tokenizer instanceof TokenizerConfig.BpeTokenizerConfig bpe && !TokenizedText.isAskedFor(config.data())) {
            return bpe.vocabSize().orElseGet(() -> bytes(config) > LARGE_TEXT ? TokenizerConfig.BpeTokenizerConfig.DEFAULT_VOCAB_SIZE
                : RunText.open(config.data(), Reading.PRESENT, remark -> { }).tokenizer(tokenizer).vocabSize());
        }
        if (tokenizer instanceof TokenizerConfig.Gpt2TokenizerConfig) {
            return BpeTokenizer.gpt2().vocabSize();
        }
        if (tokenizer instanceof TokenizerConfig.HuggingFaceTokenizerConfig files) {
            return TokenizerFiles.read(files.path()).vocabSize();
        }
        for (String path : config.data().train()) {
            if (!Files.exists(Path.of(path)) && path.chars().noneMatch(c -> "*?[{".indexOf(c) >= 0)) {
                throw new ConfigException(("%s does not exist, and a char tokenizer counts its characters there. Give --vocab-size "
                    + "N.").formatted(path));
            }
        }
        return RunText.open(config.data(), Reading.PRESENT, remark -> { }).tokenizer(tokenizer).vocabSize();
    }
}
