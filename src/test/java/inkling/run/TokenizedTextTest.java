package inkling.run;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import inkling.data.TokenFile;
import inkling.data.source.TokenShards;
import inkling.errors.ConfigException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import inkling.tokenizer.CharTokenizer;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import inkling.train.TrainingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on directories of tokens, one for training and one for validation. */
class TokenizedTextTest {
    private static final Tokenizer LETTERS = CharTokenizer.fit("abcd");

    @TempDir Path directory;

    /** Makes a directory of {@code count} tokens. */
    private Path tokens(String name, int count) {
        Path made = directory.resolve(name);
        DurableFiles.SYSTEM.createDirectories(made);
        TokenizerFiles.files(LETTERS).forEach((file, bytes) -> DurableFiles.SYSTEM.write(made.resolve(file), bytes));
        String key = Sha256.of(name);
        TokenFile.write(DurableFiles.SYSTEM, made.resolve("0.tokens"), key, LETTERS.vocabSize(), sink -> sink.accept(new int[count]));
        SpecialIds special = SpecialIds.of(LETTERS);
        new TokenShards(made, Sha256.of(TokenizerFiles.json(LETTERS)), LETTERS.vocabSize(), special.between(), special.beginning(),
            List.of(new TokenShards.ShardFile("0.tokens", key, 0, count))).write();
        return made;
    }

    private RunConfig config(Path training, String validation) {
        return ConfigFile.parse("""
            {name: letters, data: {train: "%s", val: %s}, model: {n_layer: 1, n_head: 1, n_embd: 8, context_length: 16},
             schedule: {learning_rate: 1.0e-3}, train: {sample: null}}
            """.formatted(training, validation), "test", List.of());
    }

    private String refusal(RunConfig config) {
        return assertThrows(ConfigException.class, () -> TrainRun.begin(config, directory.resolve("checkpoints"),
            new TrainingListener() { }, () -> true)).getMessage();
    }

    @Test
    void theDirectoryThatIsTooShortIsNamed() {
        Path many = tokens("many", 170);
        Path few = tokens("few", 16);
        says(refusal(config(many, few.toString())), few + ": ", "at least 17 tokens", "has 16");
        says(refusal(config(few, many.toString())), few + ": ", "at least 17 tokens", "has 16");
        says(refusal(config(many, "0.05")), many + ": ", "at least 17 tokens", "has 9");
    }

    @Test
    void bothDirectoriesBelongToTheText() {
        Path training = tokens("training", 100);
        Path validation = tokens("validation", 50);
        TokenizedText both = TokenizedText.open(config(training, validation.toString()).data());
        assertEquals(List.of(training.resolve("tokens.json"), validation.resolve("tokens.json")), both.files());
        says(assertThrows(ConfigException.class, () -> both.requireSha256("another")).getMessage(), training, validation, "changed");
    }

    /** For a large text and a {@code bpe} tokenizer without a size, the default size is taken; a directory of tokens has its own. */
    @Test
    void aLargeDirectoryOfTokensHasItsOwnVocabulary() {
        Path large = tokens("large", 3_000_000);
        assertEquals(LETTERS.vocabSize(), RunArchitecture.of(config(large, "0.05"), directory, OptionalInt.empty()).vocabSize());
    }
}
