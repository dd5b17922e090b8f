package inkling.run;

import inkling.io.ConfigException;
import inkling.io.Key;
import inkling.io.Problems;
import inkling.model.Activation;
import inkling.model.GptConfig;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.RopeConfig;
import java.util.Optional;

/** The architecture of a new model, or the model to fine-tune: {@code model} of the run file. */
public record ModelSection(
    @Key(doc = "a MODEL to fine-tune: the architecture is then its own, and of the keys below only dropout may be set", def = "null")
    Optional<String> initFrom,
    @Key(doc = "transformer blocks", def = "4") int nLayer,
    @Key(doc = "query heads; divides n_embd", def = "4") int nHead,
    @Key(doc = "key and value heads; divides n_head; null = n_head", def = "null") Optional<Integer> nKvHead,
    @Key(doc = "width of the residual stream", def = "128") int nEmbd,
    @Key(doc = "width of the MLP; null = 4·n_embd, for swiglu 8·n_embd/3 rounded up to a multiple of 64", def = "null")
    Optional<Integer> nInner,
    @Key(doc = "the longest window, in tokens", def = "128") int contextLength,
    @Key(doc = "probability in [0, 1), in training only", def = "0.0") double dropout,
    @Key(doc = "on every linear except the unembedding, and on layer_norm; rms_norm has none", def = "true") boolean bias,
    @Key(doc = "the unembedding is the embedding matrix", def = "true") boolean tieEmbeddings,
    @Key(doc = "how a token's place enters", def = "learned") Positions positions,
    @Key(doc = "rotary positions, half-split pairs (i, i + hs/2) as Hugging Face lays them out", def = "{}") RopeConfig rope,
    @Key(doc = "normalisation", def = "layer_norm") Norm norm,
    @Key(doc = "added to the variance or mean square", def = "1.0e-5") double normEps,
    @Key(doc = "the MLP's nonlinearity", def = "gelu_tanh") Activation activation) {

    public ModelSection {
        Problems problems = new Problems()
            .check(initFrom.isEmpty() || !initFrom.get().isBlank(), "init_from", "init_from is empty; name a model, or write null.");
        try {
            resolve(1, nLayer, nHead, nKvHead, nEmbd, nInner, contextLength, dropout, bias, tieEmbeddings, positions, rope, norm,
                normEps, activation);
        } catch (ConfigException e) {
            problems.add(e);
        }
        problems.throwIfAny();
    }

    /** This architecture over a vocabulary, every "null means" resolved. Only for a new model: {@code initFrom} is empty. */
    public GptConfig toGptConfig(int vocabSize) {
        if (initFrom.isPresent()) {
            throw new IllegalStateException("the architecture is that of " + initFrom.get());
        }
        return resolve(vocabSize, nLayer, nHead, nKvHead, nEmbd, nInner, contextLength, dropout, bias, tieEmbeddings, positions, rope,
            norm, normEps, activation);
    }

    private static GptConfig resolve(int vocabSize, int nLayer, int nHead, Optional<Integer> nKvHead, int nEmbd, Optional<Integer> nInner,
                                     int contextLength, double dropout, boolean bias, boolean tieEmbeddings, Positions positions,
                                     RopeConfig rope, Norm norm, double normEps, Activation activation) {
        int inner = nInner.orElseGet(() -> GptConfig.defaultInner(Math.max(1, nEmbd), activation));
        return new GptConfig(vocabSize, nLayer, nHead, nKvHead.orElse(nHead), nEmbd, inner, contextLength, dropout, bias, tieEmbeddings,
            positions, rope, norm, normEps, activation);
    }
}
