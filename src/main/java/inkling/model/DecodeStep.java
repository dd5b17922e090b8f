package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.DecodeKernel;
import inkling.engine.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One new token of each sequence through all blocks, in one kernel call, and its logits: the arithmetic of {@link Gpt}'s own loop,
 * without the dozen calls a layer that cost more than their work when there is a single token.
 */
public final class DecodeStep {
    private final DecodeKernel.Blocks blocks;
    private final List<NDArray> weights;
    private final NDArray unembedding;
    private final int vocabSize;

    /**
     * @param unembedding (V, C)
     * @param constants where what the kernel needs beside the weights lives, as long as the model
     */
    DecodeStep(GptConfig config, Parameters parameters, NDArray unembedding, Optional<RotaryTable> rotary, NDManager constants) {
        NDArray none = constants.create(new Shape(0));
        blocks = new DecodeKernel.Blocks(config.nHead(), config.nKvHead(), config.normEps(), config.norm() == Norm.RMS_NORM,
            config.activation().name().toLowerCase(Locale.ROOT), rotary.map(RotaryTable::cos).orElse(none),
            rotary.map(RotaryTable::sin).orElse(none));
        weights = new ArrayList<>();
        for (int layer = 0; layer < config.nLayer(); layer++) {
            for (String part : DecodeKernel.LAYERS) {
                String name = "h." + layer + "." + part;
                weights.add(parameters.has(name + ".weight") ? parameters.get(name + ".weight") : none);
                weights.add(parameters.has(name + ".bias") ? parameters.get(name + ".bias") : none);
            }
        }
        this.unembedding = unembedding;
        this.vocabSize = config.vocabSize();
    }

    private DecodeStep(DecodeStep other, NDManager manager) {
        blocks = other.blocks;
        weights = other.weights.stream().map(weight -> inStrips(weight, manager)).toList();
        try (NDArray columns = other.unembedding.transpose()) {
            unembedding = DecodeKernel.inStrips(columns);
            unembedding.attach(manager);
        }
        vocabSize = other.vocabSize;
    }

    /**
     * The same with a copy of the matrices in an order that a row's product reads faster. It lives in {@code manager} and takes as much
     * memory again as they do, which must stay as they are while it is used.
     */
    DecodeStep inStrips(NDManager manager) {
        return new DecodeStep(this, manager);
    }

    private static NDArray inStrips(NDArray weight, NDManager manager) {
        Shape shape = weight.getShape();
        if (shape.dimension() != 2 || shape.get(1) % DecodeKernel.STRIP != 0) {
            return weight;
        }
        NDArray strips = DecodeKernel.inStrips(weight);
        strips.attach(manager);
        return strips;
    }

    /** (B, 1, C) → (B, 1, C); writes keys and values at the cache's length, which it leaves to the caller to advance. */
    NDArray blocks(NDArray x, KvCache cache) {
        return DecodeKernel.blocks(x, cache.length(), blocks, weights, cache.keys(), cache.values());
    }

    /** Logits of normed vectors: (B, 1, C) → (B, 1, V). */
    NDArray unembed(NDArray x) {
        boolean strips = unembedding.getShape().dimension() == 3;
        return strips ? DecodeKernel.unembed(x, unembedding, vocabSize) : Kernels.unembed(x, unembedding);
    }
}
