package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The loss of one micro-batch and its gradients, in less memory than one recorded forward pass takes: the logits of only some tokens
 * are held at a time, the embedding's two gradients (it is read twice when tied) share one array, and with recomputation only the
 * residual stream between blocks is kept, each block being run again when its turn in the backward pass comes (Chen et al. 2016,
 * arXiv:1604.06174).
 *
 * <p>The numbers are those of {@link Gpt#loss} and autograd; with dropout, recomputation draws other random numbers.
 */
public final class LossGradients {
    /** Logits held at a time. */
    private static final long LOGIT_BYTES = 64L << 20;
    private static final String TOKENS = "wte.weight";

    private final Gpt gpt;
    private final List<String> trainable;
    private final List<Segment> segments;
    private final int headRows;

    /** A stretch of the model, from residual stream to residual stream, and its trainable parameters. */
    private record Segment(int firstLayer, int endLayer, List<String> parameters) {}

    /** @param loss () nats; {@code gradients} in the order of the trainable names */
    public record Result(NDArray loss, List<NDArray> gradients) {}

    /**
     * @param trainable names of the parameters to differentiate by; they are set to require gradients
     * @param recompute whether blocks are run again in the backward pass
     */
    public LossGradients(Gpt gpt, List<String> trainable, boolean recompute) {
        this(gpt, trainable, recompute, (int) Math.max(1, LOGIT_BYTES / 4 / gpt.config().vocabSize()));
    }

    /** @param headRows tokens whose logits are held at a time */
    LossGradients(Gpt gpt, List<String> trainable, boolean recompute, int headRows) {
        this.headRows = headRows;
        this.gpt = gpt;
        this.trainable = List.copyOf(trainable);
        this.segments = new ArrayList<>();
        int layers = gpt.config().nLayer();
        int length = recompute ? 1 : layers;
        for (int first = 0; first < layers; first += length) {
            segments.add(segment(first, first + length));
        }
        trainable.forEach(name -> gpt.parameters().get(name).setRequiresGradient(true));
    }

    private Segment segment(int first, int end) {
        boolean last = end == gpt.config().nLayer();
        return new Segment(first, end, trainable.stream().filter(name -> {
            if (name.startsWith("h.")) {
                int layer = Integer.parseInt(name.substring(2, name.indexOf('.', 2)));
                return layer >= first && layer < end;
            }
            return name.startsWith("wpe.") ? first == 0 : name.startsWith("ln_f.") && last;
        }).toList());
    }

    /**
     * @param ids int64 (B, T), as {@code targets}; results live in its manager
     * @param weight of each target's loss: 1 / their number gives the mean
     * @param seed of this micro-batch's dropout
     */
    public Result of(NDArray ids, NDArray targets, double weight, long seed) {
        NDManager scope = ids.getManager();
        Map<String, NDArray> gradients = new HashMap<>();
        List<NDArray> inputs = new ArrayList<>();
        NDArray x;
        try (Autograd off = Autograd.off()) {
            x = gpt.tokenVectors(ids);                                                             // (B, T, C)
            for (int i = 0; i < segments.size() - 1; i++) {
                inputs.add(x);
                x = run(i, x, seed, scope);
            }
            inputs.add(x);
        }
        NDArray loss = null;
        NDArray dx = null;
        for (int i = segments.size() - 1; i >= 0; i--) {
            try (NDManager inner = scope.newSubManager(); Autograd on = Autograd.recording()) {
                NDArray input = inputs.get(i);
                input.setRequiresGradient(true);
                NDArray output = run(i, input, seed, inner);
                if (dx == null) {
                    NDList head = head(output, targets, weight);
                    loss = head.get(0);
                    loss.attach(scope);
                    dx = head.get(1);
                    keep(gradients, gpt.unembeddingName(), head.size() > 2 ? head.subNDList(2) : new NDList(), scope);
                }
                dx = backward(i, input, output, dx, gradients, scope);
                input.close();
            }
        }
        lookup(ids, dx, gradients);
        return new Result(loss, trainable.stream().map(gradients::get).toList());
    }

    /** Runs a segment; handles of what is between its ends are given up block by block, so that only autograd keeps what it needs. */
    private NDArray run(int index, NDArray input, long seed, NDManager scope) {
        Seeds.seedEngine(Seeds.mix(seed, index));
        Segment segment = segments.get(index);
        Gpt.Pass pass = Gpt.Pass.training();
        NDArray x = input;
        for (int layer = segment.firstLayer(); layer < segment.endLayer(); layer++) {
            NDArray entered = x;
            int number = layer;
            x = within(scope, x, y -> gpt.block(number, number == 0 ? gpt.enter(y, pass) : y, pass));
            if (entered != input) {
                entered.close();
            }
        }
        NDArray last = x;
        if (segment.endLayer() < gpt.config().nLayer()) {
            return last;
        }
        NDArray left = within(scope, last, gpt::leave);
        last.close();
        return left;
    }

    /** {@code step} of {@code x}, moved to {@code scope}; everything else that it makes is closed. */
    private static NDArray within(NDManager scope, NDArray x, UnaryOperator<NDArray> step) {
        NDManager home = x.getManager();
        try (NDManager inner = scope.newSubManager()) {
            x.attach(inner);
            NDArray y = step.apply(x);
            y.attach(scope);
            x.attach(home);
            return y;
        }
    }

    private NDList head(NDArray output, NDArray targets, double weight) {
        try (Autograd off = Autograd.off()) {
            NDArray w = gpt.parameters().get(gpt.unembeddingName());
            return Kernels.unembeddingLoss(output, w, targets, weight, headRows, trainable.contains(gpt.unembeddingName()));
        }
    }

    /** Gradients by the segment's parameters are kept; the one by its input is returned. */
    private NDArray backward(int index, NDArray input, NDArray output, NDArray dOutput, Map<String, NDArray> gradients, NDManager scope) {
        List<String> names = segments.get(index).parameters();
        List<NDArray> by = new ArrayList<>(List.of(input));
        names.forEach(name -> by.add(gpt.parameters().get(name)));
        NDList found = Kernels.gradients(output, dOutput, by);
        for (int i = 0; i < names.size(); i++) {
            keep(gradients, names.get(i), new NDList(found.get(i + 1)), scope);
        }
        dOutput.close();
        found.get(0).attach(scope);
        return found.get(0);
    }

    private static void keep(Map<String, NDArray> gradients, String name, NDList gradient, NDManager scope) {
        gradient.forEach(array -> {
            array.attach(scope);
            gradients.put(name, array);
        });
    }

    /** The gradient of looking rows up is added to the same array as that of the unembedding, where these are one matrix. */
    private void lookup(NDArray ids, NDArray dx, Map<String, NDArray> gradients) {
        if (trainable.contains(TOKENS)) {
            try (Autograd off = Autograd.off()) {
                NDArray table = gpt.parameters().get(TOKENS);
                NDArray gradient = gradients.computeIfAbsent(TOKENS, name -> ids.getManager().zeros(table.getShape(), DataType.FLOAT32));
                Kernels.addRows(gradient, ids, dx);
            }
        }
        dx.close();
    }
}
