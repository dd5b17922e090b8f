package inkling.model.config;

import inkling.config.Key;
import inkling.errors.Problems;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The options that may differ between blocks.
 *
 * @param window W: a token attends to itself and the W − 1 tokens before it (Beltagy et al. 2020, arXiv:2004.05150). Empty for no window
 * @param rope which rotary positions the block uses; must be {@link LayerRope#MAIN} in a model without rotary positions
 */
public record LayerConfig(
    @Key(doc = "how many tokens a token attends to, itself included; null = itself and all tokens before it", def = "null")
    Optional<Integer> window,
    @Key(doc = "the rotary positions of the block: main = those of model.rope, local = those of model.local_rope, none = no rotation",
        def = "main") LayerRope rope) {

    /** No window: each token attends to itself and to all tokens before it, as in GPT-2. */
    public static final LayerConfig DEFAULT = new LayerConfig(Optional.empty(), LayerRope.MAIN);

    public LayerConfig {
        new Problems().check(window.orElse(1) > 0, "window", "window = %d must be positive: a token reads at least itself.",
            window.orElse(1)).throwIfAny();
    }

    /**
     * The shortest list that, repeated, describes the first {@code blocks} blocks as {@code layers} does: their shortest period. A border
     * of a list is a proper prefix that is also a suffix. The length of the shortest period is the number of blocks minus the length of
     * their longest border (Knuth, Morris and Pratt 1977).
     */
    static List<LayerConfig> shortest(List<LayerConfig> layers, int blocks) {
        if (layers.isEmpty()) {
            return layers;
        }
        List<LayerConfig> all = IntStream.range(0, Math.max(1, blocks)).mapToObj(block -> layers.get(block % layers.size())).toList();
        int[] border = new int[all.size() + 1]; // border[n]: length of the longest border of the first n blocks
        for (int i = 1; i < all.size(); i++) {
            int k = border[i];
            while (k > 0 && !all.get(i).equals(all.get(k))) {
                k = border[k];
            }
            border[i + 1] = all.get(i).equals(all.get(k)) ? k + 1 : 0;
        }
        return all.subList(0, all.size() - border[all.size()]);
    }
}
