package inkling.model;

import ai.djl.ndarray.NDArray;
import inkling.engine.Kernels;
import inkling.engine.Matrix;
import inkling.model.GptLayout.Weights;
import inkling.model.config.GptConfig;
import inkling.model.config.Norm;
import java.util.Optional;

/**
 * The building blocks of {@link Gpt}: linear layers and norms with their weights, attention, dropout. Gpt says what is computed, and this
 * class decides how. For a linear, it knows whether an adapter is added, whether a tape records the product, and whether the product is in
 * bfloat16.
 */
final class Layers {
    private final GptLayout layout;
    private final Parameters parameters;
    private final Optional<Lora> lora;
    private final String headNorm; // the kernels' word for the model's QkNorm
    private final double dropout;
    private final Kernels.NormKind normKind;

    Layers(GptConfig config, GptLayout layout, Parameters parameters, Optional<Lora> lora) {
        this.layout = layout;
        this.parameters = parameters;
        this.lora = lora;
        this.dropout = config.dropout();
        this.headNorm = config.attention().qkNorm().kernel();
        this.normKind = new Kernels.NormKind(config.norm().eps(), config.norm().kind() == Norm.RMS_NORM, config.norm().onePlusGain());
    }

    Kernels.NormKind normKind() {
        return normKind;
    }

    /** Applies a norm of a block; x unchanged if the architecture lacks this norm: (B, T, C) → (B, T, C). */
    NDArray norm(NDArray x, int block, Part norm) {
        return layout.has(norm) ? norm(x, layout.weights(block, norm)) : x;
    }

    /** Applies the norm with these weights: (B, T, C) → (B, T, C). */
    NDArray norm(NDArray x, Weights norm) {
        NDArray weight = parameters.get(norm.weight());
        return norm.bias().map(bias -> Kernels.norm(x, weight, parameters.get(bias), normKind))
            .orElseGet(() -> Kernels.norm(x, weight, normKind));
    }

    /** Normalises queries or keys; leaves them unchanged if the architecture lacks this norm: (B, n, T, hs) → (B, n, T, hs). */
    NDArray normHeads(NDArray heads, int block, Part norm) {
        return layout.has(norm)
            ? Kernels.normHeads(heads, headNorm, parameters.get(layout.weights(block, norm).weight()), normKind) : heads;
    }

    /**
     * x W + b, plus the output of the adapter if the weight has one: (B, T, in) → (B, T, out). If the pass has a tape, the tape computes
     * and records the product, because autograd does not record it ({@link LinearTape}). With a cache, products read W itself and not its
     * bfloat16 copy ({@link Gpt#in}).
     */
    NDArray linear(NDArray x, int block, Part part, Pass pass) {
        Weights weights = layout.weights(block, part);
        Matrix weight = pass.cache().isPresent() ? parameters.matrix(weights.weight()) : parameters.matrixForProducts(weights.weight());
        NDArray y = pass.tape().isPresent() ? pass.tape().get().linear(x, weights)
            : weight.linear(x, weights.bias().map(parameters::get));
        return lora.map(adapters -> adapters.add(y, x, weights, parameters, pass.mode())).orElse(y);
    }

    /** Causal attention: queries, keys and values, each (B, nh, T, hs) → (B, T, nh·hs). See {@link Kernels#attention}. */
    NDArray attention(NDArray q, NDArray k, NDArray v, Kernels.Scores scores, Pass pass) {
        double rate = pass.mode() == Mode.TRAIN ? dropout : 0;
        return parameters.multipliesInBf16() ? Kernels.attentionBf16(q, k, v, scores, rate) : Kernels.attention(q, k, v, scores, rate);
    }

    /** In training with dropout, x with some of its numbers set to 0 and the others scaled up; otherwise x itself. */
    NDArray dropout(NDArray x, Pass pass) {
        return pass.mode() == Mode.TRAIN && dropout > 0 ? Kernels.dropout(x, dropout) : x;
    }
}
