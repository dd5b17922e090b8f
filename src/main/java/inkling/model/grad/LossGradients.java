package inkling.model.grad;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import inkling.engine.Autograd;
import inkling.engine.Kernels;
import inkling.engine.Seeds;
import inkling.model.Gpt;
import inkling.model.LinearTape;
import inkling.model.ParameterSpec;
import inkling.model.Pass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Computes the loss of one micro-batch and its gradients, block by block. This takes less memory than one recorded forward pass:
 * <ul>
 * <li>each block's arrays are freed after its backward pass
 * <li>the logits exist for only some tokens at a time
 * <li>the two gradients of a tied embedding, by lookup and by unembedding, share one array
 * </ul>
 * Recomputation saves more memory (Chen et al. 2016, arXiv:1604.06174). Of all blocks except the last, only the input is kept, and the
 * backward pass runs the block again.
 *
 * <p>With {@link CrossEntropy} and the weight 1 / (number of targets), the results equal those of {@link Gpt#loss} and autograd except for
 * rounding. With dropout they differ, because each block here seeds its own random numbers. With and without recomputation, the results
 * have the same bits.
 */
public final class LossGradients {
    private final Gpt gpt;
    private final List<String> trainable;
    private final boolean recompute;
    private final Loss loss;
    private final int last;

    /**
     * The loss of a micro-batch and its gradients.
     *
     * @param loss (), nats
     * @param gradients one for each trainable parameter, in the order of the list {@code trainable}
     * @param rewards as in {@link Loss.Result}
     */
    public record Result(NDArray loss, List<NDArray> gradients, Rewards rewards) {}

    /** A recorded pass through one block. Its arrays live in {@code scope}. For autograd, the input and each linear's output are leaves. */
    private record RecordedBlock(int layer, NDManager scope, NDArray input, NDArray output, LinearTape tape) {}

    /**
     * @param trainable names of the parameters that get a gradient; the constructor marks these parameters as trained
     * @param recompute whether the backward pass runs each block except the last again, to save memory
     */
    public LossGradients(Gpt gpt, List<String> trainable, boolean recompute) {
        this(gpt, trainable, recompute, CrossEntropy.ofVocabulary(gpt.config().vocabSize()));
    }

    /** As {@link #LossGradients(Gpt, List, boolean)}, with {@code loss} instead of {@link CrossEntropy}. */
    public LossGradients(Gpt gpt, List<String> trainable, boolean recompute, Loss loss) {
        this.loss = loss;
        this.gpt = gpt;
        this.trainable = List.copyOf(trainable);
        this.recompute = recompute;
        this.last = gpt.config().nLayer() - 1;
        trainable.forEach(gpt.parameters()::train);
    }

    /** Whether a block's pass reads a parameter. Learned positions belong to the first block's pass, the final norm to the last block's. */
    private boolean isIn(int layer, String name) {
        ParameterSpec spec = gpt.layout().spec(name);
        return switch (spec.role()) {
            case TOKEN_EMBEDDING, UNEMBEDDING -> false;
            case POSITION_EMBEDDING -> layer == 0;
            case NORM_GAIN, NORM_BIAS, LINEAR, LINEAR_BIAS, ADAPTER -> layer == spec.block().orElse(last);
        };
    }

    /** As {@link #of(NDArray, Loss.Targets, long)}, for a loss that needs only the targets, int64 (B, T), and their weight. */
    public Result of(NDArray ids, NDArray targets, double weight, long seed) {
        return of(ids, new Loss.Targets(targets, weight), seed);
    }

    /**
     * Computes the loss of one micro-batch, and its gradients with respect to the trainable parameters.
     *
     * @param ids int64 (B, T), like the targets; the results live in the manager of {@code ids}
     * @param seed seeds the dropout of this micro-batch
     */
    public Result of(NDArray ids, Loss.Targets targets, long seed) {
        NDManager scope = ids.getManager();
        Map<String, NDArray> gradients = new HashMap<>();
        Deque<Supplier<RecordedBlock>> blocks = new ArrayDeque<>();
        NDArray x = gpt.tokenVectors(ids);                                                    // (B, T, C)
        for (int layer = 0; layer <= last; layer++) {
            int number = layer;
            NDArray input = x;
            if (recompute && layer < last) {
                x = unrecorded(layer, input, seed, scope);
                blocks.push(() -> record(number, input, seed, scope));
            } else {
                RecordedBlock block = record(layer, input, seed, scope);
                x = block.output().stopGradient();
                blocks.push(() -> block);
            }
        }
        Loss.Result result = lossOf(x, targets);
        result.loss().attach(scope);
        result.dUnembedding().ifPresent(gradient -> keep(gradients, gpt.layout().unembedding(), gradient, scope));
        NDArray dx = result.dHidden();
        while (!blocks.isEmpty()) {
            dx = backward(blocks.pop().get(), dx, gradients, scope);
        }
        addEmbeddingGradient(ids, dx, gradients);
        return new Result(result.loss(), trainable.stream().map(gradients::get).toList(), result.rewards());
    }

    /** Runs a block and keeps only its input and its output. */
    private NDArray unrecorded(int layer, NDArray input, long seed, NDManager scope) {
        try (NDManager inner = scope.newSubManager()) {
            NDArray output = run(layer, input, seed, new LinearTape(gpt.parameters(), inner), inner);
            output.attach(scope);
            input.attach(scope);
            return output;
        }
    }

    /** Runs a block and keeps its input, its output and the arrays that its backward pass needs. Takes ownership of {@code input}. */
    private RecordedBlock record(int layer, NDArray input, long seed, NDManager parent) {
        NDManager scope = parent.newSubManager();
        input.setRequiresGradient(true);
        LinearTape tape = new LinearTape(gpt.parameters(), scope);
        try (Autograd on = Autograd.recording(); NDManager inner = scope.newSubManager()) {
            NDArray output = run(layer, input, seed, tape, inner);
            output.attach(scope);
            input.attach(scope);
            tape.keepIn(scope);
            return new RecordedBlock(layer, scope, input, output, tape);
        }
    }

    /** Runs a block. Block 0 begins with {@link Gpt#embed}, the last block ends with the final norm. All arrays, x too, join inner. */
    private NDArray run(int layer, NDArray x, long seed, LinearTape tape, NDManager inner) {
        Seeds.seedEngine(Seeds.mix(seed, layer)); // a process-wide generator: with dropout, training has one worker
        Pass pass = Pass.training(tape);
        x.attach(inner);
        NDArray y = gpt.block(layer, layer == 0 ? gpt.embed(x, pass) : x, pass);
        return layer == last ? gpt.finalNorm(y) : y;
    }

    private Loss.Result lossOf(NDArray output, Loss.Targets targets) {
        String name = gpt.layout().unembedding();
        boolean trained = trainable.contains(name);
        Loss.Unembedding unembedding = new Loss.Unembedding(gpt.parameters().matrixForProducts(name).values(), trained,
            gpt.config().scales().logitCap());
        Loss.Result result = loss.backward(output, unembedding, targets);
        if (trained && result.dUnembedding().isEmpty()) {
            throw new IllegalStateException("%s has no gradient by %s, which is trained".formatted(loss, name));
        }
        return result;
    }

    /** The backward pass of a block. Keeps its parameters' gradients, frees the block's arrays, and returns the gradient of its input. */
    private NDArray backward(RecordedBlock block, NDArray dOutput, Map<String, NDArray> gradients, NDManager scope) {
        LinearTape tape = block.tape();
        List<String> names = new ArrayList<>(trainable.stream().filter(name -> isIn(block.layer(), name) && !tape.has(name)).toList());
        List<NDArray> leaves = new ArrayList<>(List.of(block.input()));
        names.forEach(name -> leaves.add(gpt.parameters().get(name)));
        names.addAll(tape.parameterNames());
        try (NDManager closed = block.scope()) {
            NDList found = Kernels.gradients(block.output(), dOutput, leaves, tape.linears());
            dOutput.close();
            for (int i = 0; i < names.size(); i++) {
                if (trainable.contains(names.get(i))) {
                    requireUsed(names.get(i), found.get(i + 1));
                    keep(gradients, names.get(i), found.get(i + 1), scope);
                }
            }
            found.get(0).attach(scope);
            return found.get(0);
        }
    }

    /** Rejects a parameter that the block did not use: its gradient is empty, and the optimizer would read past the gradient's end. */
    private void requireUsed(String name, NDArray gradient) {
        if (!gradient.getShape().equals(gpt.parameters().shape(name))) {
            throw new IllegalStateException("%s has a gradient of shape %s: the block does not use it"
                .formatted(name, gradient.getShape()));
        }
    }

    private static void keep(Map<String, NDArray> gradients, String name, NDArray gradient, NDManager scope) {
        gradient.attach(scope);
        gradients.put(name, gradient);
    }

    /** Adds the gradient of the token lookup. With tied embeddings, it is added to the array that holds the unembedding's gradient. */
    private void addEmbeddingGradient(NDArray ids, NDArray dx, Map<String, NDArray> gradients) {
        String tokens = gpt.layout().tokenEmbedding();
        if (trainable.contains(tokens)) {
            NDArray table = gpt.parameters().get(tokens);
            NDArray gradient = gradients.computeIfAbsent(tokens, name -> ids.getManager().zeros(table.getShape(), DataType.FLOAT32));
            Kernels.addRows(gradient, ids, dx);
        }
        dx.close();
    }
}
