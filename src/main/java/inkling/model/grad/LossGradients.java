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
 * The loss of one micro-batch and its gradients, block by block, in less memory than one recorded forward pass takes: each block's arrays
 * are freed when its backward pass is done, the logits of only some tokens are held at a time, the embedding's two gradients (it is read
 * twice when tied) share one array, and with recomputation only the residual stream between blocks is kept, each block being run again
 * when its turn in the backward pass comes (Chen et al. 2016, arXiv:1604.06174).
 *
 * <p>The numbers are those of {@link Gpt#loss} and autograd, with dropout those of other random numbers, since each block has a seed of its
 * own; with recomputation they are to the bit those without.
 */
public final class LossGradients {
    private final Gpt gpt;
    private final List<String> trainable;
    private final boolean recompute;
    private final Loss loss;
    private final int last;

    /** @param loss () nats; {@code gradients} in the order of the trainable names */
    public record Result(NDArray loss, List<NDArray> gradients) {}

    /** A pass through one block, whose arrays live in {@code scope}; the input is a leaf of autograd's, and so is each linear's output. */
    private record RecordedBlock(int layer, NDManager scope, NDArray input, NDArray output, LinearTape tape) {}

    /**
     * @param trainable names of the parameters to differentiate by; they are set to require gradients
     * @param recompute whether blocks are run again in the backward pass
     */
    public LossGradients(Gpt gpt, List<String> trainable, boolean recompute) {
        this(gpt, trainable, recompute, CrossEntropy.ofVocabulary(gpt.config().vocabSize()));
    }

    /** As {@link #LossGradients(Gpt, List, boolean)}, of another loss than that of every next token. */
    public LossGradients(Gpt gpt, List<String> trainable, boolean recompute, Loss loss) {
        this.loss = loss;
        this.gpt = gpt;
        this.trainable = List.copyOf(trainable);
        this.recompute = recompute;
        this.last = gpt.config().nLayer() - 1;
        trainable.forEach(name -> gpt.parameters().get(name).setRequiresGradient(true));
    }

    /** The block that a parameter is read in, the first for positions and the last for the final norm; none of them for embeddings. */
    private boolean isIn(int layer, String name) {
        ParameterSpec spec = gpt.layout().spec(name);
        return switch (spec.role()) {
            case TOKEN_EMBEDDING, UNEMBEDDING -> false;
            case POSITION_EMBEDDING -> layer == 0;
            case NORM_GAIN, NORM_BIAS, LINEAR, LINEAR_BIAS, ADAPTER -> layer == spec.block().orElse(last);
        };
    }

    /** As {@link #of(NDArray, Loss.Targets, long)} with no more than {@code targets}, int64 (B, T), and their weight. */
    public Result of(NDArray ids, NDArray targets, double weight, long seed) {
        return of(ids, new Loss.Targets(targets, weight), seed);
    }

    /**
     * @param ids int64 (B, T), as the targets; results live in its manager
     * @param seed of this micro-batch's dropout
     */
    public Result of(NDArray ids, Loss.Targets targets, long seed) {
        NDManager scope = ids.getManager();
        Map<String, NDArray> gradients = new HashMap<>();
        Deque<Supplier<RecordedBlock>> blocks = new ArrayDeque<>();
        NDArray x = gpt.tokenVectors(ids);                                                          // (B, T, C)
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
        return new Result(result.loss(), trainable.stream().map(gradients::get).toList());
    }

    /** Only the output is left of this pass. */
    private NDArray unrecorded(int layer, NDArray input, long seed, NDManager scope) {
        try (NDManager inner = scope.newSubManager()) {
            NDArray output = run(layer, input, seed, new LinearTape(gpt.parameters(), inner), inner);
            output.attach(scope);
            input.attach(scope);
            return output;
        }
    }

    /** Of this pass are left its ends, what the tape needs and what autograd itself keeps; {@code input} is taken over. */
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

    /** A block, with what comes before the first and after the last; all that it makes lives in {@code inner}, and {@code x} with it. */
    private NDArray run(int layer, NDArray x, long seed, LinearTape tape, NDManager inner) {
        Seeds.seedEngine(Seeds.mix(seed, layer));
        Pass pass = Pass.training(tape);
        x.attach(inner);
        NDArray y = gpt.block(layer, layer == 0 ? gpt.beforeFirstBlock(x, pass) : x, pass);
        return layer == last ? gpt.afterLastBlock(y) : y;
    }

    private Loss.Result lossOf(NDArray output, Loss.Targets targets) {
        String name = gpt.layout().unembedding();
        boolean trained = trainable.contains(name);
        Loss.Unembedding unembedding = new Loss.Unembedding(gpt.parameters().get(name), trained, gpt.config().scales().logitCap());
        Loss.Result result = loss.backward(output, unembedding, targets);
        if (trained && result.dUnembedding().isEmpty()) {
            throw new IllegalStateException("%s has no gradient by %s, which is trained".formatted(loss, name));
        }
        return result;
    }

    /** Gradients by the block's parameters are kept, the one by its input is returned, and the block's arrays are freed. */
    private NDArray backward(RecordedBlock block, NDArray dOutput, Map<String, NDArray> gradients, NDManager scope) {
        LinearTape tape = block.tape();
        List<String> names = new ArrayList<>(trainable.stream().filter(name -> isIn(block.layer(), name) && !tape.has(name)).toList());
        List<NDArray> by = new ArrayList<>(List.of(block.input()));
        names.forEach(name -> by.add(gpt.parameters().get(name)));
        names.addAll(tape.parameterNames());
        try (NDManager closed = block.scope()) {
            NDList found = Kernels.gradients(block.output(), dOutput, by, tape.linears());
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

    /** A parameter that the block does not use would have no gradient, and the update reads as many numbers as the parameter has. */
    private void requireUsed(String name, NDArray gradient) {
        if (!gradient.getShape().equals(gpt.parameters().shape(name))) {
            throw new IllegalStateException("%s has a gradient of shape %s: the block does not use it".formatted(name, gradient.getShape()));
        }
    }

    private static void keep(Map<String, NDArray> gradients, String name, NDArray gradient, NDManager scope) {
        gradient.attach(scope);
        gradients.put(name, gradient);
    }

    /** The gradient of looking rows up is added to the same array as that of the unembedding, where these are one matrix. */
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
