package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.DecodeKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One new token of each sequence through all blocks, in one kernel call: the arithmetic of {@link Gpt}'s own loop, without
 * the dozen calls a layer that cost more than their work when there is a single token.
 */
final class DecodeStep {
    private static final List<String> HALVES = List.of("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_gate", "mlp.c_proj");

    private final DecodeKernel.Blocks blocks;
    private final List<NDArray> weights = new ArrayList<>();

    /** @param constants where what the kernel needs beside the weights lives, as long as the model */
    DecodeStep(GptConfig config, Parameters parameters, Optional<RotaryTable> rotary, NDManager constants) {
        NDArray none = constants.create(new Shape(0));
        NDArray unturned = constants.create(new Shape(0)); // of its own: an array's name says in which list it travels
        blocks = new DecodeKernel.Blocks(config.nHead(), config.nKvHead(), config.normEps(), config.norm() == Norm.RMS_NORM,
            config.activation().ordinal(), rotary.map(RotaryTable::cos).orElse(unturned), rotary.map(RotaryTable::sin).orElse(unturned));
        for (int layer = 0; layer < config.nLayer(); layer++) {
            for (String half : HALVES) {
                String name = "h." + layer + "." + half;
                weights.add(parameters.has(name + ".weight") ? parameters.get(name + ".weight") : none);
                weights.add(parameters.has(name + ".bias") ? parameters.get(name + ".bias") : none);
            }
        }
    }

    /** (B, 1, C) → (B, 1, C); writes keys and values at the cache's length, which it leaves to the caller to advance. */
    NDArray blocks(NDArray x, KvCache cache) {
        return DecodeKernel.blocks(x, cache.length(), blocks, weights, cache.keys(), cache.values());
    }
}
