package inkling.runfile;

import inkling.config.Inlined;
import inkling.config.Key;
import inkling.errors.Problems;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.Optional;

/** The architecture of a new model, or the model to fine-tune: the section {@code model} of the run file. */
public record ModelSection(
    @Key(doc = "a model to fine-tune, as `sample --help` describes MODEL. It gives the architecture: of the keys below, only dropout "
        + "may be set", def = "null")
    Optional<String> initFrom,
    @Inlined GptOptions options) {

    public ModelSection {
        Problems problems = new Problems()
            .check(initFrom.isEmpty() || !initFrom.get().isBlank(), "init_from", "init_from is empty; name a model, or write null.");
        problems.attempt(() -> options.over(1));
        problems.throwIfAny();
    }

    /**
     * This architecture with a vocabulary of {@code vocabSize} tokens.
     *
     * @throws IllegalStateException if {@code initFrom} names a model: that model has an architecture of its own
     */
    public GptConfig toGptConfig(int vocabSize) {
        if (initFrom.isPresent()) {
            throw new IllegalStateException("the architecture is that of " + initFrom.get());
        }
        return options.over(vocabSize);
    }
}
