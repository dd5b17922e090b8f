package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Seeds;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which arrays an architecture stores, under GPT-2's names, and what they hold before training. */
public final class GptWeights {
    private GptWeights() {}

    /** Name → shape, in the order they are stored. Linear weights are (in, out), as GPT-2 stores them. */
    public static Map<String, Shape> shapes(GptConfig config) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        int c = config.nEmbd();
        shapes.put("wte.weight", new Shape(config.vocabSize(), c));
        if (config.positions() == Positions.LEARNED) {
            shapes.put("wpe.weight", new Shape(config.contextLength(), c));
        }
        for (int layer = 0; layer < config.nLayer(); layer++) {
            String h = "h." + layer + ".";
            norm(shapes, h + "ln_1", config);
            linear(shapes, h + "attn.c_attn", c, config.qkvWidth(), config.bias());
            linear(shapes, h + "attn.c_proj", c, c, config.bias());
            norm(shapes, h + "ln_2", config);
            if (config.gated()) {
                linear(shapes, h + "mlp.c_gate", c, config.nInner(), config.bias());
            }
            linear(shapes, h + "mlp.c_fc", c, config.nInner(), config.bias());
            linear(shapes, h + "mlp.c_proj", config.nInner(), c, config.bias());
        }
        norm(shapes, "ln_f", config);
        if (!config.tieEmbeddings()) {
            shapes.put("lm_head.weight", new Shape(config.vocabSize(), c));
        }
        return shapes;
    }

    private static void linear(Map<String, Shape> shapes, String name, long in, long out, boolean bias) {
        shapes.put(name + ".weight", new Shape(in, out));
        if (bias) {
            shapes.put(name + ".bias", new Shape(out));
        }
    }

    private static void norm(Map<String, Shape> shapes, String name, GptConfig config) {
        shapes.put(name + ".weight", new Shape(config.nEmbd()));
        if (config.bias() && config.norm() == Norm.LAYER_NORM) {
            shapes.put(name + ".bias", new Shape(config.nEmbd()));
        }
    }

    /**
     * Normal(0, 0.02) for matrices, divided by √(2 L) where a matrix writes to the residual stream, ones for norms, zeros for biases
     * (Radford et al. 2019, and OpenAI's released code). Each array draws from (seed, its name), so an option more or less
     * leaves the others' values as they are.
     */
    public static Parameters initialise(GptConfig config, NDManager manager, long seed) {
        Parameters parameters = new Parameters(manager);
        shapes(config).forEach((name, shape) -> {
            Seeds.seedEngine(Seeds.mix(seed, name.hashCode()));
            parameters.put(name, initial(name, shape, config, manager));
        });
        return parameters;
    }

    private static NDArray initial(String name, Shape shape, GptConfig config, NDManager manager) {
        if (name.endsWith(".bias")) {
            return manager.zeros(shape, DataType.FLOAT32);
        }
        if (shape.dimension() == 1) {
            return manager.ones(shape, DataType.FLOAT32);
        }
        double deviation = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2.0 * config.nLayer()) : 0.02;
        return manager.randomNormal(0f, (float) deviation, shape, DataType.FLOAT32);
    }
}
