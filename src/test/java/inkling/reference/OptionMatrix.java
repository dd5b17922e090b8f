package inkling.reference;

import inkling.model.Activation;
import inkling.model.GptConfig;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.RopeConfig;
import inkling.model.RopeConfig.Llama3Scaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Small architectures that together use every option of the model, each alone and in the combinations people train. */
public final class OptionMatrix {
    private static final RopeConfig ROPE = RopeConfig.DEFAULT;
    /** With 8 channels a head the wavelengths are 6.3, 20, 63 and 199: one stays, two lie between, one is stretched. */
    private static final RopeConfig STRETCHED = new RopeConfig(100, Optional.of(new Llama3Scaling(8, 1, 4, 64)));

    private OptionMatrix() {}

    public static List<GptConfig> all() {
        return List.copyOf(named().values());
    }

    /** Each option away from GPT-2's choice, then combinations; V 11, C 8 or 16, one or two blocks, context 6, dropout 0. */
    public static Map<String, GptConfig> named() {
        Map<String, GptConfig> configs = new LinkedHashMap<>();
        configs.put("gpt2", gpt2().config());
        configs.put("rope", gpt2().heads(2, 2).positions(Positions.ROPE, ROPE).config());
        configs.put("rope, another theta", gpt2().heads(1, 1).positions(Positions.ROPE, new RopeConfig(20, Optional.empty())).config());
        configs.put("rope, llama3 scaling", gpt2().width(16).heads(2, 2).positions(Positions.ROPE, STRETCHED).config());
        configs.put("no positions", gpt2().positions(Positions.NONE, ROPE).config());
        configs.put("rms_norm", gpt2().norm(Norm.RMS_NORM, 1e-5).config());
        configs.put("large norm_eps", gpt2().norm(Norm.LAYER_NORM, 0.1).config());
        for (Activation activation : Activation.values()) {
            configs.put("activation " + activation.name().toLowerCase(Locale.ROOT), gpt2().activation(activation, 20).config());
        }
        configs.put("grouped queries", gpt2().heads(4, 2).config());
        configs.put("one key/value head", gpt2().heads(4, 1).config());
        configs.put("one head", gpt2().heads(1, 1).config());
        configs.put("untied", gpt2().tied(false).config());
        configs.put("no bias", gpt2().bias(false).config());
        configs.put("one block", gpt2().layers(1).config());
        configs.put("nanoGPT", gpt2().bias(false).activation(Activation.GELU, 32).config());
        configs.put("llama", llama().config());
        configs.put("llama 3.1", llama().width(16).heads(4, 2).positions(Positions.ROPE, ROPE).config());
        configs.put("llama 3.1, stretched", llama().width(16).heads(2, 1).positions(Positions.ROPE, STRETCHED).config());
        configs.put("llama with biases, tied", llama().bias(true).tied(true).config());
        configs.put("speed run", gpt2().heads(2, 2).positions(Positions.ROPE, ROPE).norm(Norm.RMS_NORM, 1e-6)
            .activation(Activation.RELU_SQUARED, 16).bias(false).tied(false).config());
        configs.put("layer_norm, rope, swiglu, biases", gpt2().positions(Positions.ROPE, ROPE).activation(Activation.SWIGLU, 24)
            .heads(2, 1).config());
        configs.put("rms_norm, no positions, relu, untied", gpt2().positions(Positions.NONE, ROPE).norm(Norm.RMS_NORM, 1e-3)
            .activation(Activation.RELU, 12).heads(2, 1).tied(false).config());
        return configs;
    }

    private static Draft gpt2() {
        return new Draft(2, 4, 4, 8, 16, true, true, Positions.LEARNED, ROPE, Norm.LAYER_NORM, 1e-5, Activation.GELU_TANH);
    }

    private static Draft llama() {
        return new Draft(2, 2, 1, 8, 24, false, false, Positions.ROPE, ROPE, Norm.RMS_NORM, 1e-6, Activation.SWIGLU);
    }

    /** A configuration on its way; heads and width are only checked against each other at the end. */
    private record Draft(int layers, int heads, int kvHeads, int width, int inner, boolean bias, boolean tied,
                         Positions positions, RopeConfig rope, Norm norm, double eps, Activation activation) {
        GptConfig config() {
            return new GptConfig(11, layers, heads, kvHeads, width, inner, 6, 0.0, bias, tied, positions, rope, norm, eps, activation);
        }

        Draft layers(int n) {
            return new Draft(n, heads, kvHeads, width, inner, bias, tied, positions, rope, norm, eps, activation);
        }

        Draft heads(int n, int kv) {
            return new Draft(layers, n, kv, width, inner, bias, tied, positions, rope, norm, eps, activation);
        }

        Draft width(int n) {
            return new Draft(layers, heads, kvHeads, n, inner, bias, tied, positions, rope, norm, eps, activation);
        }

        Draft bias(boolean on) {
            return new Draft(layers, heads, kvHeads, width, inner, on, tied, positions, rope, norm, eps, activation);
        }

        Draft tied(boolean on) {
            return new Draft(layers, heads, kvHeads, width, inner, bias, on, positions, rope, norm, eps, activation);
        }

        Draft positions(Positions p, RopeConfig r) {
            return new Draft(layers, heads, kvHeads, width, inner, bias, tied, p, r, norm, eps, activation);
        }

        Draft norm(Norm n, double e) {
            return new Draft(layers, heads, kvHeads, width, inner, bias, tied, positions, rope, n, e, activation);
        }

        Draft activation(Activation a, int n) {
            return new Draft(layers, heads, kvHeads, width, n, bias, tied, positions, rope, norm, eps, a);
        }
    }
}
