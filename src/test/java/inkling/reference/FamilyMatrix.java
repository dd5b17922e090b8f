package inkling.reference;

import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptionsBuilder;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import inkling.model.config.RopeConfig.LinearScaling;
import inkling.model.config.RopeConfig.LongRopeScaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Small architectures with the deviations of popular families from GPT-2 and Llama: each deviation alone (some in
 * {@link OptionMatrix}), some of them combined, and all of a family together.
 */
final class FamilyMatrix {
    private static final LayerConfig ALL = LayerConfig.DEFAULT;
    private static final LayerConfig NEAR = new LayerConfig(Optional.of(2), LayerRope.MAIN);
    private static final LayerConfig NEAR_LOCAL = new LayerConfig(Optional.of(3), LayerRope.LOCAL);
    private static final LayerConfig NOT_TURNED = new LayerConfig(Optional.empty(), LayerRope.NONE);
    private static final RopeConfig LONG = new RopeConfig(100, Optional.of(new LongRopeScaling(List.of(1.5, 4.0), 1.25)));

    private FamilyMatrix() {}

    /** V 11, C 8, two or three blocks, context 6, as in {@link OptionMatrix}. */
    static Map<String, GptConfig> named() {
        Map<String, GptConfig> configs = new LinkedHashMap<>();
        deviations(configs);
        families(configs);
        return configs;
    }

    private static void deviations(Map<String, GptConfig> configs) {
        for (QkNorm kind : List.of(QkNorm.HEAD, QkNorm.HEAD_EACH, QkNorm.ALL)) {
            configs.put("rms_norm of queries and keys, " + kind.kernel(), llama(o -> o.nHead(4).nKvHead(2).headSize(4).qkNorm(kind)));
            configs.put("layer_norm of queries and keys, " + kind.kernel(), gpt2(o -> o.nKvHead(2).headSize(6).qkNorm(kind)));
        }
        configs.put("queries and keys by 1 + w", llama(o -> o.qkNorm(QkNorm.HEAD_EACH).onePlusGain(true)));
        configs.put("norms after, layer_norm", gpt2(o -> o.normPlacement(NormPlacement.POST)));
        configs.put("norms before and after, layer_norm", gpt2(o -> o.normPlacement(NormPlacement.SANDWICH)));
        configs.put("parallel", gpt2(o -> o.branches(Branches.PARALLEL)));
        configs.put("parallel, one norm", gpt2(o -> o.branches(Branches.PARALLEL_ONE_NORM)));
        configs.put("parallel, norms after", llama(o -> o.branches(Branches.PARALLEL).normPlacement(NormPlacement.POST)));
        configs.put("parallel, one norm before, two after", llama(o -> o.branches(Branches.PARALLEL_ONE_NORM)
            .normPlacement(NormPlacement.SANDWICH)));
        configs.put("window", gpt2(o -> o.layers(List.of(NEAR))));
        configs.put("window of one token", gpt2(o -> o.layers(List.of(new LayerConfig(Optional.of(1), LayerRope.MAIN), ALL))));
        configs.put("window longer than the context", gpt2(o -> o.layers(List.of(new LayerConfig(Optional.of(99), LayerRope.MAIN)))));
        configs.put("window in every other block", llama(o -> o.layers(List.of(NEAR, ALL))));
        configs.put("two ropes", llama(o -> o.layers(List.of(new LayerConfig(Optional.empty(), LayerRope.LOCAL), ALL))
            .localRope(new RopeConfig(20, Optional.empty()))));
        configs.put("rope in every other block", llama(o -> o.layers(List.of(ALL, NOT_TURNED))));
        configs.put("rope, linear scaling", llama(o -> o.rope(new RopeConfig(100, Optional.of(new LinearScaling(4))))));
        configs.put("rope, long scaling", llama(o -> o.nHead(1).headSize(4).rope(LONG)));
        configs.put("geglu_tanh with biases", gpt2(o -> o.activation(Activation.GEGLU_TANH).nInner(20)));
        configs.put("cap of scores", gpt2(o -> o.scoreCap(0.7)));
        configs.put("cap of scores, window, another scale", llama(o -> o.scoreCap(0.7).attentionScale(0.9).layers(List.of(NEAR, ALL))));
        configs.put("cap of logits", gpt2(o -> o.logitCap(1.5)));
        configs.put("cap of scaled logits, untied", llama(o -> o.logitCap(0.8).logitScale(0.5)));
    }

    private static void families(Map<String, GptConfig> configs) {
        configs.put("mistral", llama(o -> o.layers(List.of(NEAR))));
        configs.put("qwen2", llama(o -> o.qkvBias(true).tieEmbeddings(true)));
        configs.put("qwen3", llama(o -> o.headSize(6).nHead(4).nKvHead(2).qkNorm(QkNorm.HEAD).tieEmbeddings(true)));
        configs.put("smollm3", llama(o -> o.nLayer(3).layers(List.of(ALL, ALL, NOT_TURNED)).tieEmbeddings(true)));
        configs.put("gemma", gemma(o -> { }));
        configs.put("gemma2", gemma(o -> o.normPlacement(NormPlacement.SANDWICH).attentionScale(0.6).scoreCap(1.0).logitCap(3.0)
            .layers(List.of(NEAR, ALL))));
        configs.put("gemma3", gemma(o -> o.nLayer(3).normPlacement(NormPlacement.SANDWICH).attentionScale(0.6).qkNorm(QkNorm.HEAD)
            .layers(List.of(NEAR_LOCAL, NEAR_LOCAL, ALL)).localRope(new RopeConfig(20, Optional.empty()))
            .rope(new RopeConfig(200, Optional.of(new LinearScaling(8))))));
        configs.put("granite", llama(o -> o.embeddingScale(3).attentionScale(0.3).residualScale(0.4).logitScale(0.5)));
        configs.put("olmo2", llama(o -> o.nHead(4).nKvHead(2).normPlacement(NormPlacement.POST).qkNorm(QkNorm.ALL)));
        configs.put("phi3", llama(o -> o.layers(List.of(NEAR))));
        configs.put("phi4mini", llama(o -> o.headSize(6).rotaryChannels(4).rope(LONG).tieEmbeddings(true)));
        configs.put("stablelm2", stablelm(o -> o.qkvBias(true)));
        configs.put("stablelm12b", stablelm(o -> o.qkNorm(QkNorm.HEAD_EACH).branches(Branches.PARALLEL_ONE_NORM)));
        configs.put("neox", neox(Branches.PARALLEL));
        configs.put("neox, serial", neox(Branches.SERIAL));
    }

    private static GptConfig gemma(Consumer<GptOptionsBuilder> change) {
        return llama(o -> change.accept(o.headSize(6).tieEmbeddings(true).onePlusGain(true).embeddingScale(Math.sqrt(8))
            .activation(Activation.GEGLU_TANH)));
    }

    private static GptConfig stablelm(Consumer<GptOptionsBuilder> change) {
        return llama(o -> change.accept(o.headSize(8).rotaryChannels(2).norm(Norm.LAYER_NORM).normBias(true).normEps(1e-5)));
    }

    private static GptConfig neox(Branches branches) {
        return gpt2(o -> o.nHead(2).positions(Positions.ROPE).rotaryChannels(2).activation(Activation.GELU).branches(branches)
            .tieEmbeddings(false));
    }

    private static GptConfig gpt2(Consumer<GptOptionsBuilder> change) {
        return OptionMatrix.gpt2(change);
    }

    private static GptConfig llama(Consumer<GptOptionsBuilder> change) {
        return OptionMatrix.llama(change);
    }
}
