package inkling.train;

import inkling.config.Key;
import inkling.errors.ConfigException;
import inkling.errors.Problems;
import inkling.model.GptLayout;
import inkling.model.LoraConfig;
import inkling.model.ParameterSpec;
import inkling.model.grad.PreferenceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which weights are trained, and whether on preferences: the section {@code finetune} of the run file. By default all weights are trained,
 * to predict the next token.
 */
public record FinetuneConfig(
    @Key(doc = "patterns of names of weights that stay as they are, e.g. [wte, \"h.0.*\"]", def = "[]") List<String> freeze,
    @Key(doc = "trains low-rank adapters instead of the weights themselves, e.g. {rank: 8}", def = "null") Optional<LoraConfig> lora,
    @Key(doc = "teaches the model to prefer the better of two answers; needs data.format: preferences; {} takes the defaults", def = "null")
    Optional<PreferenceConfig> preference) {

    public static final FinetuneConfig NONE = new FinetuneConfig(List.of(), Optional.empty(), Optional.empty());

    public FinetuneConfig {
        freeze = List.copyOf(freeze);
        new Problems().check(freeze.stream().noneMatch(String::isBlank), "freeze", "freeze holds an empty pattern.").throwIfAny();
    }

    /**
     * The names of the trained parameters of {@code layout}: with {@link #lora} its adapters, else all parameters; frozen ones are left
     * out. A pattern matches a whole name or its first parts: {@code h.0} freezes all of the first block. {@code *} matches any characters,
     * dots too.
     *
     * @throws ConfigException if a pattern matches nothing, or if nothing is left to train
     */
    public List<String> trainable(GptLayout layout) {
        List<String> parameters = layout.names();
        List<String> trainable = new ArrayList<>(parameters);
        if (lora.isPresent()) {
            trainable.removeIf(name -> layout.spec(name).role() != ParameterSpec.Role.ADAPTER);
        }
        for (String pattern : freeze) {
            Predicate<String> frozen = Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q") + "(\\..*)?").asMatchPredicate();
            if (parameters.stream().noneMatch(frozen)) {
                throw new ConfigException("finetune: freeze: \"%s\" matches no weight; there are %s."
                    .formatted(pattern, shown(layout)));
            }
            trainable.removeIf(frozen);
        }
        if (trainable.isEmpty()) {
            throw new ConfigException("finetune: freeze = %s leaves nothing to train.".formatted(freeze));
        }
        return trainable;
    }

    /** Lists the names of parameters for a message. Of the blocks, only the first one's names are listed, to keep it short. */
    private static String shown(GptLayout layout) {
        return layout.specs().stream().filter(spec -> spec.block().orElse(0) == 0).map(ParameterSpec::name)
            .collect(Collectors.joining(", "));
    }
}
