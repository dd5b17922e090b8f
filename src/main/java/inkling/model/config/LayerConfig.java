package inkling.model.config;

import inkling.config.Key;
import inkling.errors.Problems;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What may differ from block to block.
 *
 * @param window W: a token reads itself and the W − 1 tokens before it; empty for all before it (Beltagy et al. 2020, arXiv:2004.05150)
 * @param rope which rotary positions; {@link LayerRope#MAIN} also where the model has none
 */
public record LayerConfig(
    @Key(doc = "tokens that a token reads, itself among them; null = all before it", def = "null") Optional<Integer> window,
    @Key(doc = "with positions: rope: those of rope, those of local_rope, or none", def = "main") LayerRope rope) {

    /** Reads everything, as GPT-2's blocks. */
    public static final LayerConfig DEFAULT = new LayerConfig(Optional.empty(), LayerRope.MAIN);

    public LayerConfig {
        new Problems().check(window.orElse(1) > 0, "window", "window = %d must be positive: a token reads at least itself.",
            window.orElse(1)).throwIfAny();
    }

    /** The first entries of {@code layers}, repeated, that say as much about the first {@code blocks} blocks: as few as possible. */
    static List<LayerConfig> shortest(List<LayerConfig> layers, int blocks) {
        int length = 1;
        while (length < Math.min(layers.size(), blocks) && !repeats(layers, length, blocks)) {
            length++;
        }
        return List.copyOf(layers.subList(0, Math.min(length, layers.size())));
    }

    private static boolean repeats(List<LayerConfig> layers, int length, int blocks) {
        return IntStream.range(length, blocks).allMatch(block ->
            layers.get(block % layers.size()).equals(layers.get(block % length)));
    }
}
