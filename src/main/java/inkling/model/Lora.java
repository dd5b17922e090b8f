package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import inkling.io.ConfigException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Low-rank adapters beside linear weights that stay as they are (Hu et al. 2021, arXiv:2106.09685):
 * {@code y = x W + b + (alpha / rank) · dropout(x) Aᵀ Bᵀ}. They are parameters of their model, named and laid out as PEFT has them:
 * {@code h.0.attn.c_attn.lora_A.weight} (rank, in) and {@code h.0.attn.c_attn.lora_B.weight} (out, rank). A starts random, B at zero, so
 * that a new adapter changes nothing.
 */
public record Lora(LoraConfig config) {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    /** Name → shape of every adapter array of a model. @throws ConfigException if a target is no weight of this architecture */
    public Map<String, Shape> shapes(GptConfig model) {
        Map<String, Shape> weights = GptWeights.shapes(model);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (int layer = 0; layer < model.nLayer(); layer++) {
            for (String target : config.targets()) {
                String name = "h." + layer + "." + target;
                Shape weight = weights.get(name + ".weight");
                if (weight == null) {
                    throw new ConfigException("finetune: lora: targets: %s is no weight of this model: its activation is %s."
                        .formatted(target, model.activation()));
                }
                shapes.put(name + A, new Shape(config.rank(), weight.get(0)));
                shapes.put(name + B, new Shape(weight.get(1), config.rank()));
            }
        }
        return shapes;
    }

    /** Whether a parameter is part of an adapter. */
    public static boolean isAdapter(String parameter) {
        return parameter.endsWith(A) || parameter.endsWith(B);
    }

    /** Adds new adapters to the weights of {@code model}: A uniform within ±1/√in, as PEFT draws it, from (seed, its name); B zero. */
    public void addTo(Parameters parameters, GptConfig model, long seed) {
        NDManager manager = parameters.manager();
        shapes(model).forEach((name, shape) -> {
            Seeds.seedEngine(Seeds.mix(seed, name.hashCode()));
            float bound = (float) (1 / Math.sqrt(shape.get(1)));
            parameters.put(name, name.endsWith(A) ? manager.randomUniform(-bound, bound, shape, DataType.FLOAT32)
                : manager.zeros(shape, DataType.FLOAT32));
        });
    }

    /** What the adapter of the linear map {@code name} adds to its output {@code y}, which is returned as it is where it has none. */
    NDArray add(NDArray y, NDArray x, String name, Parameters parameters, Mode mode) {
        if (!parameters.has(name + A)) {
            return y;
        }
        NDArray in = mode == Mode.TRAIN && config.dropout() > 0 ? Kernels.dropout(x, config.dropout()) : x;
        NDArray narrow = Kernels.scaled(Kernels.linearTransposed(in, parameters.get(name + A)), scale());   // (B, T, rank)
        return y.add(Kernels.linearTransposed(narrow, parameters.get(name + B)));                  // (B, T, out)
    }

    private double scale() {
        return config.alpha() / config.rank();
    }

    /** A copy of {@code gpt} below {@code parent} whose weights hold what its adapters add: W + (alpha / rank) · (B A)ᵀ. */
    public Gpt merged(Gpt gpt, NDManager parent) {
        Parameters merged = new Parameters(parent.newSubManager());
        GptWeights.shapes(gpt.config()).keySet().forEach(name -> {
            try (NDManager scope = merged.manager().newSubManager()) {
                NDArray weight = gpt.parameters().get(name).duplicate();
                weight.attach(scope);
                String linear = name.substring(0, name.lastIndexOf('.'));
                if (name.endsWith(".weight") && gpt.parameters().has(linear + A)) {
                    NDArray a = gpt.parameters().get(linear + A).duplicate();
                    NDArray b = gpt.parameters().get(linear + B).duplicate();
                    a.attach(scope);
                    b.attach(scope);
                    weight = weight.add(Kernels.scaled(a.transpose().matMul(b.transpose()), scale()));   // (in, out)
                }
                merged.put(name, weight);
            }
        });
        return new Gpt(gpt.config(), merged);
    }
}
