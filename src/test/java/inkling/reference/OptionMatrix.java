package inkling.reference;

import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.GptOptionsBuilder;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import inkling.model.config.RopeConfig.Llama3Scaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Small architectures that together use every option of the model but dropout, most alone, and in the combinations people train. */
public final class OptionMatrix {
    private static final GptOptions SMALL = GptOptions.DEFAULT.with(o -> o.nLayer(2).nHead(4).nEmbd(8).nInner(16).contextLength(6));
    /**
     * With 8 channels a head the wavelengths are 6.3, 20, 63 and 199 positions. The first stays, the next two lie between, the last is
     * stretched.
     */
    private static final RopeConfig STRETCHED = new RopeConfig(100, Optional.of(new Llama3Scaling(8, 1, 4, 64)));

    private OptionMatrix() {}

    public static List<GptConfig> all() {
        return List.copyOf(named().values());
    }

    /** GPT-2, other values of most options, and combinations; V 11, C 8 or 16, one to three blocks, context 6, dropout 0. */
    public static Map<String, GptConfig> named() {
        Map<String, GptConfig> configs = new LinkedHashMap<>();
        configs.put("gpt2", gpt2(o -> { }));
        configs.put("rope", gpt2(o -> o.nHead(2).positions(Positions.ROPE)));
        configs.put("rope, another theta", gpt2(o -> o.nHead(1).positions(Positions.ROPE).rope(new RopeConfig(20, Optional.empty()))));
        configs.put("rope, llama3 scaling", gpt2(o -> o.nEmbd(16).nHead(2).positions(Positions.ROPE).rope(STRETCHED)));
        configs.put("no positions", gpt2(o -> o.positions(Positions.NONE)));
        configs.put("rms_norm", gpt2(o -> o.norm(Norm.RMS_NORM)));
        configs.put("large norm_eps", gpt2(o -> o.normEps(0.1)));
        for (Activation activation : Activation.values()) {
            configs.put("activation " + activation.name().toLowerCase(Locale.ROOT), gpt2(o -> o.activation(activation).nInner(20)));
        }
        configs.put("grouped queries", gpt2(o -> o.nKvHead(2)));
        configs.put("one key/value head", gpt2(o -> o.nKvHead(1)));
        configs.put("one head", gpt2(o -> o.nHead(1)));
        configs.put("untied", gpt2(o -> o.tieEmbeddings(false)));
        configs.put("no bias", gpt2(o -> o.bias(false)));
        configs.put("one block", gpt2(o -> o.nLayer(1)));
        configs.put("nanoGPT", gpt2(o -> o.bias(false).activation(Activation.GELU).nInner(32)));
        configs.put("llama", llama(o -> { }));
        configs.put("llama 3.1", llama(o -> o.nEmbd(16).nHead(4).nKvHead(2)));
        configs.put("llama 3.1, stretched", llama(o -> o.nEmbd(16).rope(STRETCHED)));
        configs.put("llama with biases, tied", llama(o -> o.bias(true).tieEmbeddings(true)));
        configs.put("speed run", gpt2(o -> o.nHead(2).positions(Positions.ROPE).norm(Norm.RMS_NORM).normEps(1e-6)
            .activation(Activation.RELU_SQUARED).bias(false).tieEmbeddings(false)));
        configs.put("layer_norm, rope, swiglu, biases", gpt2(o -> o.positions(Positions.ROPE).activation(Activation.SWIGLU).nInner(24)
            .nHead(2).nKvHead(1)));
        configs.put("rms_norm, no positions, relu, untied", gpt2(o -> o.positions(Positions.NONE).norm(Norm.RMS_NORM).normEps(1e-3)
            .activation(Activation.RELU).nInner(12).nHead(2).nKvHead(1).tieEmbeddings(false)));
        beyondGpt2AndLlama(configs);
        configs.putAll(FamilyMatrix.named());
        return configs;
    }

    /** Settings that neither GPT-2 nor Llama has. */
    private static void beyondGpt2AndLlama(Map<String, GptConfig> configs) {
        configs.put("narrow heads", gpt2(o -> o.nHead(3).nKvHead(1).headSize(2)));
        configs.put("wide heads", llama(o -> o.headSize(6)));
        configs.put("bias on q, k, v alone", llama(o -> o.qkvBias(true)));
        configs.put("bias after attention alone", llama(o -> o.outBias(true)));
        configs.put("bias in the MLP alone", llama(o -> o.mlpBias(true)));
        configs.put("layer_norm with a bias, linears without", gpt2(o -> o.bias(false).normBias(true)));
        configs.put("linears with a bias, layer_norm without", gpt2(o -> o.normBias(false)));
        configs.put("embedding scale", gpt2(o -> o.embeddingScale(2.5)));
        configs.put("attention scale", gpt2(o -> o.attentionScale(1.3)));
        configs.put("residual scale", gpt2(o -> o.residualScale(0.4)));
        configs.put("logit scale", gpt2(o -> o.logitScale(0.3)));
        configs.put("all scales, untied", llama(o -> o.embeddingScale(3).attentionScale(0.2).residualScale(0.5).logitScale(2)));
        configs.put("some channels turned", gpt2(o -> o.nHead(1).positions(Positions.ROPE).rotaryChannels(4)));
        configs.put("some channels of grouped queries turned", llama(o -> o.headSize(10).nHead(4).nKvHead(2).rotaryChannels(2)));
        configs.put("layer_norm, gain 1 + w", gpt2(o -> o.onePlusGain(true)));
        configs.put("rms_norm, gain 1 + w", llama(o -> o.onePlusGain(true)));
    }

    static GptConfig gpt2(Consumer<GptOptionsBuilder> change) {
        return SMALL.with(change).over(11);
    }

    static GptConfig llama(Consumer<GptOptionsBuilder> change) {
        return SMALL.with(o -> o.nHead(2).nKvHead(1).nInner(24).bias(false).tieEmbeddings(false).positions(Positions.ROPE)
            .norm(Norm.RMS_NORM).normEps(1e-6).activation(Activation.SWIGLU)).with(change).over(11);
    }
}
