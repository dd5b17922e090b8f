package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.config.Keys;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import inkling.errors.ConfigException;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Low-rank adapters beside linear weights W (Hu et al. 2021, arXiv:2106.09685). An adapter is two matrices A and B:
 * {@code y = x W + b + (alpha / rank) · dropout(x) Aᵀ Bᵀ}. Only the adapters are trained. They are parameters of their model. Their names
 * end as PEFT's, and their shapes are PEFT's: {@code h.0.attn.c_attn.lora_A.weight} (rank, in) and {@code h.0.attn.c_attn.lora_B.weight}
 * (out, rank). A starts random and B starts at zero, so a new adapter changes nothing.
 */
public record Lora(LoraConfig config) {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    /** All adapter arrays of a model. @throws ConfigException if a target is not a weight of this architecture */
    public List<ParameterSpec> specs(GptConfig model) {
        GptLayout layout = GptLayout.of(model);
        config.parts().stream().filter(part -> !layout.linears().contains(part)).findFirst().ifPresent(part -> {
            throw new ConfigException("finetune: lora: targets: %s is no weight of this model: its MLP has no gate with activation = %s."
                .formatted(part.path(), Keys.word(model.mlp().activation())));
        });
        config.beyond(model.nLayer()).stream().findFirst().ifPresent(target -> {
            throw new ConfigException("finetune: lora: targets: %s is no weight of this model: it has n_layer = %d blocks, counted from 0."
                .formatted(target, model.nLayer()));
        });
        List<ParameterSpec> specs = new ArrayList<>();
        for (int block = 0; block < model.nLayer(); block++) {
            for (Part part : config.parts(block)) {
                String name = layout.weights(block, part).name();
                Shape weight = layout.shape(part);
                specs.add(adapter(name + A, new Shape(config.rank(), weight.get(0)), block));
                specs.add(adapter(name + B, new Shape(weight.get(1), config.rank()), block));
            }
        }
        return specs;
    }

    private static ParameterSpec adapter(String name, Shape shape, int block) {
        return new ParameterSpec(name, shape, ParameterSpec.Role.ADAPTER, OptionalInt.of(block), false);
    }

    /** Adds new adapters to {@code parameters}: A is uniform within ±1/√in, as in PEFT, seeded by {@code seed} and A's name; B is zero. */
    public void addTo(Parameters parameters, GptConfig model, long seed) {
        NDManager manager = parameters.manager();
        specs(model).forEach(spec -> {
            String name = spec.name();
            Shape shape = spec.shape();
            Seeds.seedEngine(Seeds.mix(seed, name.hashCode()));
            float bound = (float) (1 / Math.sqrt(shape.get(1)));
            parameters.put(name, name.endsWith(A) ? manager.randomUniform(-bound, bound, shape, DataType.FLOAT32)
                : manager.zeros(shape, DataType.FLOAT32));
        });
    }

    /** {@code y} is the output of {@code linear} for {@code x}. Adds the output of the linear's adapter; y itself if there is none. */
    NDArray add(NDArray y, NDArray x, GptLayout.Weights linear, Parameters parameters, Mode mode) {
        String name = linear.name();
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

    /** The model without its adapters, as it was before fine-tuning, on the same weights in memory. It belongs to {@code parent}. */
    public static Gpt base(Gpt gpt, NDManager parent) {
        Parameters shared = new Parameters(parent.newSubManager(gpt.parameters().manager().getDevice()));
        GptLayout.of(gpt.config()).names().forEach(name -> shared.put(name, gpt.parameters().get(name).stopGradient()));
        return new Gpt(gpt.config(), shared);
    }

    /** A copy of {@code gpt} whose weights include the adapters: W + (alpha / rank) · (B A)ᵀ. The copy belongs to {@code parent}. */
    public Gpt merged(Gpt gpt, NDManager parent) {
        Parameters merged = new Parameters(parent.newSubManager());
        GptLayout layout = GptLayout.of(gpt.config());
        Map<String, GptLayout.Weights> adapted = new HashMap<>(); // name of a weight → its linear
        for (int block = 0; block < gpt.config().nLayer(); block++) {
            for (Part part : config.parts(block)) {
                adapted.put(layout.weights(block, part).weight(), layout.weights(block, part));
            }
        }
        layout.names().forEach(name -> {
            try (NDManager scope = merged.manager().newSubManager()) {
                merged.put(name, adapted.containsKey(name) ? merged(gpt.parameters(), adapted.get(name), scope)
                    : copy(gpt.parameters(), name, scope));
            }
        });
        return new Gpt(gpt.config(), merged);
    }

    /**
     * The weight of {@code linear} with its adapter, W + (alpha / rank) · (B A)ᵀ, (in, out); a copy of W if the linear has no adapter. The
     * array belongs to {@code scope}.
     */
    public NDArray merged(Parameters parameters, GptLayout.Weights linear, NDManager scope) {
        NDArray weight = copy(parameters, linear.weight(), scope);
        if (!parameters.has(linear.name() + A)) {
            return weight;
        }
        NDArray a = copy(parameters, linear.name() + A, scope);
        NDArray b = copy(parameters, linear.name() + B, scope);
        return weight.add(Kernels.scaled(a.transpose().matMul(b.transpose()), scale()));
    }

    private static NDArray copy(Parameters parameters, String name, NDManager scope) {
        NDArray copy = parameters.get(name).duplicate();
        copy.attach(scope);
        return copy;
    }
}
