package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.DecodeKernel;
import inkling.engine.KernelList;
import inkling.engine.Kernels;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import inkling.model.config.Norm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Runs one new token of each sequence through all blocks in one kernel call, and computes its logits. The arithmetic is that of the
 * loop in {@link Gpt}, which makes about a dozen calls per block. With a single token those calls cost more than the work they do.
 */
public final class DecodeStep {
    private final DecodeKernel.Blocks blocks;
    private final List<NDArray> weights;
    private final KernelList listed;
    private final NDArray unembedding;
    private final int vocabSize;
    private final double logitCap;

    /**
     * @param rotary one entry per block
     * @param constants owns the arrays that the kernel needs beside the weights; lives as long as the model
     */
    DecodeStep(GptConfig config, GptLayout layout, Parameters parameters, List<Optional<RotaryTable>> rotary,
               Kernels.NormKind normKind, NDManager constants) {
        NDArray none = constants.create(new Shape(0));
        List<NDArray> tables = new ArrayList<>();
        rotary.forEach(table -> {
            tables.add(table.map(RotaryTable::cos).orElse(none));
            tables.add(table.map(RotaryTable::sin).orElse(none));
        });
        AttentionConfig attention = config.attention();
        blocks = new DecodeKernel.Blocks(attention.nHead(), attention.nKvHead(), attention.queryFactor(), attention.qkNorm().kernel(),
            attention.scoreCap(), normKind, config.branches().kernel(), config.scales().residual(),
            config.mlp().activation().kernel(), IntStream.range(0, config.nLayer()).map(config::window).toArray(),
            KernelList.of(tables, constants));
        weights = new ArrayList<>();
        for (int layer = 0; layer < config.nLayer(); layer++) {
            for (Part part : Part.values()) {
                GptLayout.Weights names = layout.weights(layer, part);
                boolean present = layout.has(part);
                weights.add(present ? parameters.get(names.weight()) : none);
                weights.add(present && names.bias().isPresent() ? parameters.get(names.bias().get()) : none);
            }
        }
        this.listed = KernelList.of(weights, constants);
        this.unembedding = parameters.get(layout.unembedding());
        this.vocabSize = config.vocabSize();
        this.logitCap = config.scales().logitCap();
    }

    private DecodeStep(DecodeStep other, NDManager manager) {
        blocks = other.blocks;
        weights = other.weights.stream().map(weight -> inStrips(weight, manager)).toList();
        listed = KernelList.of(weights, manager);
        try (NDArray columns = other.unembedding.transpose()) {
            unembedding = DecodeKernel.inStrips(columns);
            unembedding.attach(manager);
        }
        vocabSize = other.vocabSize;
        logitCap = other.logitCap;
    }

    /**
     * The same step with copies of the matrices, laid out so that the product with a single row reads them faster. The copies live in
     * {@code manager} and take as much memory as the matrices. Do not change the weights while the copies are in use.
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

    /** All blocks: (B, 1, C) → (B, 1, C). Writes the token's keys and values into the cache; the caller then advances the cache. */
    NDArray blocks(NDArray x, KvCache cache) {
        return DecodeKernel.blocks(x, cache.length(), blocks, listed, cache.keys(), cache.values());
    }

    /** Logits of vectors that the final norm has normalised: (B, 1, C) → (B, 1, V). */
    NDArray unembed(NDArray x) {
        boolean strips = unembedding.getShape().dimension() == 3;
        return Kernels.capped(strips ? DecodeKernel.unembed(x, unembedding, vocabSize) : Kernels.unembed(x, unembedding), logitCap);
    }
}
