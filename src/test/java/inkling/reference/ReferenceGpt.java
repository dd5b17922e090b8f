package inkling.reference;

import inkling.model.config.GptConfig;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * The reference that tests compare the model with: a decoder-only transformer in double precision, with automatic differentiation of its
 * own. It is written from the papers and GPT-2's layout, and shares only {@link GptConfig} and its parts with Inkling's model. It has no
 * dropout.
 *
 * <p>Sources: Radford et al. 2019 (GPT-2: pre-norm blocks); Vaswani et al. 2017, arXiv:1706.03762 (attention); Ba et al. 2016,
 * arXiv:1607.06450 (LayerNorm); Zhang and Sennrich 2019, arXiv:1910.07467 (RMSNorm); Hendrycks and Gimpel 2016, arXiv:1606.08415
 * (GELU); So et al. 2021, arXiv:2109.08668 (squared ReLU); Shazeer 2020, arXiv:2002.05202 (SwiGLU); Ainslie et al. 2023,
 * arXiv:2305.13245 (grouped queries); Hugging Face's {@code modeling_*.py} files (the deviations of families).
 *
 * <p>B batch, T time, C width, hs channels of a head, V vocabulary.
 */
public final class ReferenceGpt {
    private final GptConfig config;
    private final Map<String, double[]> parameters;
    private final Map<String, int[]> shapes;
    private final DoubleUnaryOperator rounding;

    /**
     * The results of one forward pass.
     *
     * @param logits (B, T, V)
     * @param attention [layer][b][head][query][key], each row sums to 1
     * @param residual [layer][b][t][c]: 0 the embedding, i the stream after block i - 1; before the final norm
     */
    public record Forward(double[][][] logits, double[][][][][] attention, double[][][][] residual) {}

    /** Takes values by name, in the layout of {@link #parameterShapes}, and keeps them uncopied. Throws if a name or size is wrong. */
    public ReferenceGpt(GptConfig config, Map<String, double[]> parameters) {
        this(config, parameters, x -> x);
    }

    private ReferenceGpt(GptConfig config, Map<String, double[]> parameters, DoubleUnaryOperator rounding) {
        this.rounding = rounding;
        this.shapes = parameterShapes(config);
        if (!shapes.keySet().equals(parameters.keySet())) {
            throw new IllegalArgumentException("expected parameters %s, got %s".formatted(shapes.keySet(), parameters.keySet()));
        }
        shapes.forEach((name, shape) -> {
            int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            if (parameters.get(name).length != size) {
                throw new IllegalArgumentException("%s has %d values, expected %d".formatted(name, parameters.get(name).length, size));
            }
        });
        this.config = config;
        this.parameters = parameters;
    }

    /**
     * A reference with the same weights. It rounds the factors of products with weight matrices, forward and backward, and nothing else.
     */
    public ReferenceGpt roundingFactors(DoubleUnaryOperator rounding) {
        return new ReferenceGpt(config, parameters, rounding);
    }

    /** Name to shape, (in, out) for linear weights, in the order of the forward pass. */
    public static LinkedHashMap<String, int[]> parameterShapes(GptConfig config) {
        return ReferenceParameters.shapes(config);
    }

    /** Random values for all parameters, biases and norms too, so that a test notices a fault in any of them. */
    public static Map<String, double[]> randomParameters(GptConfig config, long seed) {
        return ReferenceParameters.random(config, seed);
    }

    /** ids (B, T) -> (B, T, V). */
    public double[][][] logits(int[][] ids) {
        return forward(ids).logits();
    }

    public Forward forward(int[][] ids) {
        Pass pass = new Pass(ids.length);
        double[][][] logits = new double[ids.length][][];
        for (int b = 0; b < ids.length; b++) {
            logits[b] = pass.logits(ids[b], b).toRows();
        }
        return new Forward(logits, pass.attention, pass.residual);
    }

    /**
     * Up to {@code count} ids that follow {@code prompt}, each the most likely one. Stops before an id whose logit is less than
     * {@code clear} above that of the second most likely.
     */
    public int[] greedy(int[] prompt, int count, double clear) {
        int[] ids = prompt.clone();
        while (ids.length < prompt.length + count) {
            double[] last = logits(new int[][] {ids})[0][ids.length - 1];
            int[] order = IntStream.range(0, last.length).boxed().sorted(Comparator.comparingDouble(id -> -last[id])).limit(2)
                .mapToInt(Integer::intValue).toArray();
            if (last[order[0]] - last[order[1]] < clear) {
                break;
            }
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = order[0];
        }
        return Arrays.copyOfRange(ids, prompt.length, ids.length);
    }

    /** Mean nats over the targets (B, T) that are not -1. */
    public double loss(int[][] ids, int[][] targets) {
        return new Pass(ids.length).loss(ids, targets).value[0];
    }

    /** The derivative of {@link #loss} by every parameter, in the parameters' layouts. */
    public Map<String, double[]> gradients(int[][] ids, int[][] targets) {
        Pass pass = new Pass(ids.length);
        pass.tape.backward(pass.loss(ids, targets));
        Map<String, double[]> gradients = new LinkedHashMap<>();
        pass.weights.forEach((name, matrix) -> gradients.put(name, matrix.gradient));
        return gradients;
    }

    /** One forward pass on one tape; each sequence of the batch goes through on its own. */
    private final class Pass {
        private final Tape tape = new Tape();
        private final Map<String, Matrix> weights = new LinkedHashMap<>();
        private final double[][][][][] attention;
        private final double[][][][] residual;

        Pass(int batch) {
            shapes.forEach((name, shape) -> weights.put(name, shape.length == 1
                ? new Matrix(1, shape[0], parameters.get(name)) : new Matrix(shape[0], shape[1], parameters.get(name))));
            attention = new double[config.nLayer()][batch][config.attention().nHead()][][];
            residual = new double[config.nLayer() + 1][batch][][];
        }

        Matrix loss(int[][] ids, int[][] targets) {
            long counted = Arrays.stream(targets).flatMapToInt(Arrays::stream).filter(target -> target != -1).count();
            if (counted == 0) {
                throw new IllegalArgumentException("the mean over no target at all has no value");
            }
            Matrix sum = new Matrix(1, 1);
            for (int b = 0; b < ids.length; b++) {
                sum = tape.add(sum, tape.negativeLogLikelihood(logits(ids[b], b), targets[b]));
            }
            return tape.scale(sum, 1.0 / counted);
        }

        Matrix logits(int[] ids, int b) {
            if (ids.length > config.contextLength()) {
                throw new IllegalArgumentException("%d ids exceed the context of %d".formatted(ids.length, config.contextLength()));
            }
            Matrix x = tape.scale(tape.gather(weights.get("wte.weight"), ids), config.scales().embedding()); // (T, C)
            if (config.positions() == Positions.LEARNED) {
                int[] places = new int[ids.length];
                Arrays.setAll(places, t -> t);
                x = tape.add(x, tape.gather(weights.get("wpe.weight"), places));
            }
            residual[0][b] = x.toRows();
            for (int layer = 0; layer < config.nLayer(); layer++) {
                String block = "h." + layer + ".";
                Matrix attended = tape.add(x, written(attend(read(x, block + "ln_1"), layer, b), block + "ln_1_post"));
                Matrix forMlp = switch (config.branches()) {
                    case SERIAL -> read(attended, block + "ln_2");
                    case PARALLEL -> read(x, block + "ln_2");
                    case PARALLEL_ONE_NORM -> read(x, block + "ln_1");
                };
                x = tape.add(attended, written(mlp(forMlp, block + "mlp."), block + "ln_2_post"));
                residual[layer + 1][b] = x.toRows();
            }
            Matrix unembedding = weights.get(config.tieEmbeddings() ? "wte.weight" : "lm_head.weight");
            Matrix logits = tape.scale(tape.product(norm(x, "ln_f"), tape.transpose(unembedding), rounding), config.scales().logit());
            return capped(logits, config.scales().logitCap());
        }

        /** The input of attention or MLP: x, normalised or not. */
        private Matrix read(Matrix x, String norm) {
            return config.norm().placement() == NormPlacement.POST ? x : norm(x, norm);
        }

        /** The output of attention or MLP, ready to be added to x. */
        private Matrix written(Matrix y, String norm) {
            return tape.scale(config.norm().placement() == NormPlacement.PRE ? y : norm(y, norm), config.scales().residual());
        }

        /** Gemma 2's soft cap, c·tanh(x / c): within ±c; nearly x where |x| is small beside c. */
        private Matrix capped(Matrix x, double cap) {
            return Double.isInfinite(cap) ? x : tape.map(x, v -> cap * Math.tanh(v / cap), v -> 1 - Math.pow(Math.tanh(v / cap), 2));
        }

        private Matrix attend(Matrix x, int layer, int b) {
            String name = "h." + layer + ".attn.";
            int nHead = config.attention().nHead();
            int nKvHead = config.attention().nKvHead();
            int hs = config.attention().headSize();
            LayerConfig special = config.layers().get(layer % config.layers().size());
            Matrix qkv = linear(x, name + "c_attn");                                      // (T, (nHead + 2 nKvHead) hs)
            Matrix queries = normalisedHeads(tape.columns(qkv, 0, nHead * hs), name + "q_norm");
            Matrix keys = normalisedHeads(tape.columns(qkv, nHead * hs, nKvHead * hs), name + "k_norm");
            List<Matrix> heads = new ArrayList<>();
            for (int head = 0; head < nHead; head++) {
                int shared = head / (nHead / nKvHead);
                Matrix query = placed(tape.columns(queries, head * hs, hs), special);     // (T, hs)
                Matrix key = placed(tape.columns(keys, shared * hs, hs), special);
                Matrix value = tape.columns(qkv, (nHead + nKvHead + shared) * hs, hs);
                Matrix scores = tape.scale(tape.multiply(query, tape.transpose(key)), config.attention().scale());
                Matrix pattern = tape.causalSoftmax(capped(scores, config.attention().scoreCap()),
                    special.window().orElse(scores.rows));                                // (T, T)
                attention[layer][b][head] = pattern.toRows();
                heads.add(tape.multiply(pattern, value));
            }
            return linear(tape.join(heads), name + "c_proj");
        }

        /** Normalises queries or keys if the model does so; all heads side by side: (T, n hs) -> (T, n hs). */
        private Matrix normalisedHeads(Matrix heads, String name) {
            if (config.attention().qkNorm() == QkNorm.NONE) {
                return heads;
            }
            Matrix weight = weights.get(name + ".weight");
            if (config.attention().qkNorm() == QkNorm.ALL) {
                return normalised(heads, weight);
            }
            int hs = config.attention().headSize();
            List<Matrix> each = new ArrayList<>();
            for (int from = 0; from < heads.columns; from += hs) {
                Matrix own = config.attention().qkNorm() == QkNorm.HEAD ? weight : tape.columns(weight, from, hs);
                each.add(normalised(tape.columns(heads, from, hs), own));
            }
            return tape.join(each);
        }

        /** Rope rotates the first channels of a head and leaves the others as they are. */
        private Matrix placed(Matrix head, LayerConfig special) {
            if (config.positions() != Positions.ROPE || special.rope() == LayerRope.NONE) {
                return head;
            }
            RopeConfig rope = special.rope() == LayerRope.LOCAL ? config.localRope() : config.rope();
            int turned = config.attention().rotaryChannels();
            Matrix first = ReferenceRope.rotate(tape, tape.columns(head, 0, turned), ReferenceRope.frequencies(rope, turned),
                ReferenceRope.magnitude(rope));
            return turned == head.columns ? first : tape.join(List.of(first, tape.columns(head, turned, head.columns - turned)));
        }

        private Matrix mlp(Matrix x, String name) {
            Matrix up = linear(x, name + "c_fc");
            Matrix hidden = switch (config.mlp().activation()) {
                case GELU_TANH -> map(up, ReferenceActivations.GELU_TANH);
                case GELU -> map(up, ReferenceActivations.GELU);
                case RELU -> map(up, ReferenceActivations.RELU);
                case RELU_SQUARED -> map(up, ReferenceActivations.RELU_SQUARED);
                case SWIGLU -> tape.times(map(linear(x, name + "c_gate"), ReferenceActivations.SILU), up);
                case GEGLU_TANH -> tape.times(map(linear(x, name + "c_gate"), ReferenceActivations.GELU_TANH), up);
            };
            return linear(hidden, name + "c_proj");
        }

        private Matrix map(Matrix x, ReferenceActivations.Pointwise activation) {
            return tape.map(x, activation.function(), activation.derivative());
        }

        /** y = x W + b. */
        private Matrix linear(Matrix x, String name) {
            Matrix y = tape.product(x, weights.get(name + ".weight"), rounding);
            return weights.containsKey(name + ".bias") ? tape.add(y, tape.repeat(weights.get(name + ".bias"), x.rows)) : y;
        }

        private Matrix norm(Matrix x, String name) {
            Matrix y = normalised(x, weights.get(name + ".weight"));
            return weights.containsKey(name + ".bias") ? tape.add(y, tape.repeat(weights.get(name + ".bias"), x.rows)) : y;
        }

        /** LayerNorm without bias is RMSNorm of the row minus its mean. Both are made of tape operations, so they have gradients too. */
        private Matrix normalised(Matrix x, Matrix weight) {
            boolean centred = config.norm().kind() == Norm.LAYER_NORM;
            Matrix deviation = centred ? tape.add(x, tape.scale(meanOfRow(x), -1)) : x;
            Matrix meanSquare = meanOfRow(tape.times(deviation, deviation));              // LayerNorm: the biased variance
            double eps = config.norm().eps();
            Matrix inverse = tape.map(meanSquare, v -> 1 / Math.sqrt(v + eps), v -> -0.5 * Math.pow(v + eps, -1.5));
            Matrix gain = config.norm().onePlusGain() ? tape.map(weight, w -> w + 1, w -> 1) : weight;
            return tape.times(tape.times(deviation, inverse), tape.repeat(gain, x.rows));
        }

        /** (T, C) -> (T, C): every element becomes the mean of its row. */
        private Matrix meanOfRow(Matrix x) {
            double[] average = new double[x.columns * x.columns];
            Arrays.fill(average, 1.0 / x.columns);
            return tape.multiply(x, new Matrix(x.columns, x.columns, average));
        }
    }
}
