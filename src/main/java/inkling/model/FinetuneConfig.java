package inkling.model;

import inkling.io.Key;
import inkling.io.Problems;
import java.util.List;
import java.util.Optional;

/** What of the weights is trained: {@code finetune} of the run file. By default all. */
public record FinetuneConfig(
    @Key(doc = "patterns of names of weights that stay as they are, e.g. [wte, \"h.0.*\"]", def = "[]") List<String> freeze,
    @Key(doc = "low-rank adapters instead of the weights themselves, e.g. {rank: 8}", def = "null") Optional<LoraConfig> lora) {

    public static final FinetuneConfig NONE = new FinetuneConfig(List.of(), Optional.empty());

    public FinetuneConfig {
        freeze = List.copyOf(freeze);
        new Problems().check(freeze.stream().noneMatch(String::isBlank), "freeze", "freeze holds an empty pattern.").throwIfAny();
    }
}
