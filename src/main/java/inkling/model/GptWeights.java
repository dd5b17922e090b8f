package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Seeds;
import inkling.model.config.GptConfig;

/** Makes weights: the initial ones of a new model, and copies in another storage form. */
public final class GptWeights {
    private GptWeights() {}

    /**
     * Makes the initial weights of a new model. Matrices are drawn from a normal distribution with mean 0. Its standard deviation is 0.02,
     * or 0.02 / √(2 · n_layer) for matrices that write to the residual stream. Norms have a gain of one, biases are zero (Radford et al.
     * 2019, and OpenAI's released code). The random numbers of an array are seeded by {@code seed} and the array's name. So an option
     * that adds or removes one array does not change the values of the others.
     */
    public static Parameters initialise(GptConfig config, NDManager manager, long seed) {
        Parameters parameters = new Parameters(manager);
        for (ParameterSpec spec : GptLayout.of(config).specs()) {
            Seeds.seedEngine(Seeds.mix(seed, spec.name().hashCode()));
            parameters.put(spec.name(), initial(spec, config, manager));
        }
        return parameters;
    }

    private static NDArray initial(ParameterSpec spec, GptConfig config, NDManager manager) {
        return switch (spec.role()) {
            case NORM_BIAS, LINEAR_BIAS -> manager.zeros(spec.shape(), DataType.FLOAT32);
            case NORM_GAIN -> config.norm().onePlusGain() ? manager.zeros(spec.shape(), DataType.FLOAT32)
                : manager.ones(spec.shape(), DataType.FLOAT32);
            case TOKEN_EMBEDDING, POSITION_EMBEDDING, LINEAR, UNEMBEDDING -> {
                double deviation = spec.toResidual() ? 0.02 / Math.sqrt(2.0 * config.nLayer()) : 0.02;
                yield manager.randomNormal(0f, (float) deviation, spec.shape(), DataType.FLOAT32);
            }
            case ADAPTER -> throw new IllegalArgumentException(spec.name() + " is an adapter's");
        };
    }

    /**
     * {@code weights} with the matrices in another form, in {@code manager}. An array whose form does not change shares memory with
     * {@code weights}.
     */
    public static Parameters stored(GptConfig config, Parameters weights, Storage storage, NDManager manager) {
        GptLayout layout = GptLayout.of(config);
        Parameters stored = new Parameters(manager, storage);
        weights.asMap().forEach((name, array) -> {
            NDArray same = array.stopGradient();
            Matrix matrix = layout.stored(name, same, storage);
            stored.put(name, matrix);
            if (matrix.values() != same) {
                same.close();
            }
        });
        return stored;
    }
}
