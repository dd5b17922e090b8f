package inkling.reference;

import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The parameters of an architecture: names like GPT-2's; shapes, with linear weights as (in, out); and random values for tests. */
final class ReferenceParameters {
    private ReferenceParameters() {}

    static LinkedHashMap<String, int[]> shapes(GptConfig config) {
        LinkedHashMap<String, int[]> shapes = new LinkedHashMap<>();
        int width = config.nEmbd();
        int heads = config.attention().nHead() * config.attention().headSize();
        int keys = config.attention().nKvHead() * config.attention().headSize();
        shapes.put("wte.weight", new int[] {config.vocabSize(), width});
        if (config.positions() == Positions.LEARNED) {
            shapes.put("wpe.weight", new int[] {config.contextLength(), width});
        }
        for (int i = 0; i < config.nLayer(); i++) {
            String block = "h." + i + ".";
            boolean before = config.norm().placement() != NormPlacement.POST;
            boolean after = config.norm().placement() != NormPlacement.PRE;
            if (before) {
                norm(shapes, block + "ln_1", config);
            }
            linear(shapes, block + "attn.c_attn", width, heads + 2 * keys, config.attention().qkvBias());
            if (config.attention().qkNorm() != QkNorm.NONE) {
                boolean oneHead = config.attention().qkNorm() == QkNorm.HEAD;
                shapes.put(block + "attn.q_norm.weight", new int[] {oneHead ? config.attention().headSize() : heads});
                shapes.put(block + "attn.k_norm.weight", new int[] {oneHead ? config.attention().headSize() : keys});
            }
            linear(shapes, block + "attn.c_proj", heads, width, config.attention().outBias());
            if (after) {
                norm(shapes, block + "ln_1_post", config);
            }
            if (before && config.branches() != Branches.PARALLEL_ONE_NORM) {
                norm(shapes, block + "ln_2", config);
            }
            linear(shapes, block + "mlp.c_fc", width, config.mlp().nInner(), config.mlp().bias());
            if (config.mlp().activation() == Activation.SWIGLU || config.mlp().activation() == Activation.GEGLU_TANH) {
                linear(shapes, block + "mlp.c_gate", width, config.mlp().nInner(), config.mlp().bias());
            }
            linear(shapes, block + "mlp.c_proj", config.mlp().nInner(), width, config.mlp().bias());
            if (after) {
                norm(shapes, block + "ln_2_post", config);
            }
        }
        norm(shapes, "ln_f", config);
        if (!config.tieEmbeddings()) {
            shapes.put("lm_head.weight", new int[] {config.vocabSize(), width});
        }
        return shapes;
    }

    private static void norm(Map<String, int[]> shapes, String name, GptConfig config) {
        shapes.put(name + ".weight", new int[] {config.nEmbd()});
        if (config.norm().bias()) {
            shapes.put(name + ".bias", new int[] {config.nEmbd()});
        }
    }

    private static void linear(Map<String, int[]> shapes, String name, int in, int out, boolean bias) {
        shapes.put(name + ".weight", new int[] {in, out});
        if (bias) {
            shapes.put(name + ".bias", new int[] {out});
        }
    }

    /**
     * Normally distributed values, large enough that every tensor affects the loss. Gains of norms lie around 1, but no parameter has its
     * neutral value (0 or 1).
     */
    static Map<String, double[]> random(GptConfig config, long seed) {
        Random random = new Random(seed);
        Map<String, double[]> parameters = new LinkedHashMap<>();
        shapes(config).forEach((name, shape) -> {
            boolean vector = shape.length == 1;
            double mean = vector && name.endsWith(".weight") && !config.norm().onePlusGain() ? 1 : 0;
            boolean linear = !vector && name.startsWith("h.");
            double deviation = vector ? 0.3 : linear ? 1 / Math.sqrt(shape[0]) : 0.7;
            double[] values = new double[vector ? shape[0] : shape[0] * shape[1]];
            for (int i = 0; i < values.length; i++) {
                values[i] = mean + deviation * random.nextGaussian();
            }
            parameters.put(name, values);
        });
        return parameters;
    }
}
