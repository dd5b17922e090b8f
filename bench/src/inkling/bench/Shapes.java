package inkling.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.Random;

/** Makes the configurations of the benchmarks' models, and random arrays. */
final class Shapes {
    private Shapes() {}

    /** 4 layers, 4 heads, 128 wide, 64 tokens of context, 65 characters: 0.8 million parameters. */
    static GptConfig characters() {
        return gpt2(65, 4, 4, 128, 64, false, Activation.GELU);
    }

    /** The smallest GPT-2: 124 million parameters. */
    static GptConfig gpt2Small() {
        return gpt2(50_257, 12, 12, 768, 1024, true, Activation.GELU_TANH);
    }

    private static GptConfig gpt2(int vocabSize, int layers, int heads, int width, int context, boolean bias, Activation activation) {
        return GptOptions.DEFAULT.with(o -> o.nLayer(layers).nHead(heads).nEmbd(width).contextLength(context).bias(bias)
            .activation(activation)).over(vocabSize);
    }

    static NDArray normal(NDManager manager, long... dimensions) {
        return manager.randomNormal(0, 1, new Shape(dimensions), DataType.FLOAT32);
    }

    static NDArray ids(NDManager manager, int vocabSize, int rows, int columns) {
        return manager.create(new Random(1).longs((long) rows * columns, 0, vocabSize).toArray(), new Shape(rows, columns));
    }
}
