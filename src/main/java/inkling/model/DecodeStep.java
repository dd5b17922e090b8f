package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import inkling.engine.DecodeKernel;
import inkling.engine.KernelList;
import inkling.engine.Kernels;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import inkling.model.config.AttentionConfig;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The model for one new token in each row, with all blocks in one kernel call. Each row is another sequence, but {@link CacheRows} can list
 * a sequence in several rows. {@link Gpt} does the same arithmetic with about a dozen calls per block. For a single token of a small
 * model, these calls would take more time than the arithmetic.
 */
public final class DecodeStep {
    private final GptConfig config;
    private final Storage storage;                     // of the matrices
    private final DecodeKernel.Blocks blocks;
    private final Kernels.NormKind normKind;
    private final NDArray noPositions;                 // int64 (0): the kernel's positions if all sequences have the same length
    private final Matrix tokenTable;                   // (V, C)
    private final Optional<NDArray> positionTable;     // (context, C)
    private final List<NDArray> weights;               // block by block, weight and bias of each Part; (0) if absent
    private final KernelList listed;                   // the weights, in the form that the kernel takes
    private final KernelList factors;                  // for each linear layer, those of its int8 weight; (0) for another form
    private final NDArray finalGain;
    private final Optional<NDArray> finalBias;
    private final Matrix unembedding;

    /**
     * @param rotary one entry per block
     * @param constants owns the arrays that the kernel needs beside the weights; lives as long as the model
     */
    DecodeStep(GptConfig config, GptLayout layout, Parameters parameters, List<Optional<RotaryTable>> rotary,
               Kernels.NormKind normKind, NDManager constants) {
        this.config = config;
        this.storage = parameters.storage();
        this.normKind = normKind;
        noPositions = constants.create(new Shape(0), DataType.INT64);
        NDArray absent = constants.create(new Shape(0));
        List<NDArray> tables = new ArrayList<>();
        rotary.forEach(table -> {
            tables.add(table.map(RotaryTable::cos).orElse(absent));
            tables.add(table.map(RotaryTable::sin).orElse(absent));
        });
        AttentionConfig attention = config.attention();
        blocks = new DecodeKernel.Blocks(attention.nHead(), attention.nKvHead(), attention.queryFactor(), attention.qkNorm().kernel(),
            attention.scoreCap(), normKind, config.branches().kernel(), config.scales().residual(),
            config.mlp().activation().kernel(), IntStream.range(0, config.nLayer()).map(config::window).toArray(),
            KernelList.of(tables, constants));
        weights = new ArrayList<>();
        List<NDArray> scaling = new ArrayList<>();
        for (int layer = 0; layer < config.nLayer(); layer++) {
            for (Part part : Part.values()) {
                GptLayout.Weights names = layout.weights(layer, part);
                boolean present = layout.has(part);
                weights.add(present ? parameters.get(names.weight()) : absent);
                weights.add(present && names.bias().isPresent() ? parameters.get(names.bias().get()) : absent);
                if (!part.isNorm()) {
                    scaling.add(present ? parameters.matrix(names.weight()).factors().orElse(absent) : absent);
                }
            }
        }
        listed = KernelList.of(weights, constants);
        factors = KernelList.of(scaling, constants);
        tokenTable = parameters.matrix(layout.tokenEmbedding());
        positionTable = layout.positionEmbedding().map(parameters::get);
        finalGain = parameters.get(layout.finalNorm().weight());
        finalBias = layout.finalNorm().bias().map(parameters::get);
        Matrix table = parameters.matrix(layout.unembedding());
        // Products read a packed copy of a bfloat16 table. The table itself stays in row order, because lookups may read it.
        unembedding = parameters.storage() == Storage.BF16 ? new Matrix(packed(table, constants)) : table;
    }

    /**
     * {@code other} with copies of its matrices in another order.
     *
     * @param copy copies a matrix (in, out) into the new order, in {@code manager}, or returns the matrix itself
     * @param unembedding the unembedding in the new order
     */
    private DecodeStep(DecodeStep other, NDManager manager, UnaryOperator<NDArray> copy, NDArray unembedding) {
        config = other.config;
        storage = other.storage;
        blocks = other.blocks;
        normKind = other.normKind;
        noPositions = other.noPositions;
        tokenTable = other.tokenTable;
        positionTable = other.positionTable;
        weights = other.weights.stream().map(weight -> weight.getShape().dimension() == 2 ? copy.apply(weight) : weight).toList();
        listed = KernelList.of(weights, manager);
        factors = other.factors;
        finalGain = other.finalGain;
        finalBias = other.finalBias;
        this.unembedding = new Matrix(unembedding);
    }

    /**
     * The same step with copies of the matrices in strips of columns, which the product with a single row reads faster. If the columns of a
     * linear layer do not fill whole strips, its matrix is not copied. The copies live in {@code manager} and take about as much memory as
     * their matrices (docs/decisions/0009). Do not change the weights while the copies are in use.
     *
     * @throws IllegalStateException if the weights are not float32
     */
    public DecodeStep inStrips(NDManager manager) {
        requireFloat32();
        return new DecodeStep(this, manager, w -> w.getShape().get(1) % DecodeKernel.STRIP == 0
            ? attached(manager, DecodeKernel.inStrips(w)) : w,
            copyTransposed(unembedding, DecodeKernel::inStrips, manager));
    }

    /**
     * As {@link #inStrips}, but the copies are {@link DecodeKernel#packed}, whatever the number of columns. Products with a few rows are
     * then faster.
     */
    public DecodeStep packed(NDManager manager) {
        requireFloat32();
        return new DecodeStep(this, manager, w -> attached(manager, DecodeKernel.packed(w)), packed(unembedding, manager));
    }

    private void requireFloat32() {
        if (storage != Storage.FLOAT32) {
            throw new IllegalStateException("weights in %s have no other layout".formatted(storage));
        }
    }

    private static NDArray packed(Matrix table, NDManager manager) {
        return attached(manager, DecodeKernel.packedTable(table.values()));
    }

    /** Applies {@code copy} to the transposed table: the table is (V, C), so {@code copy} gets (C, V). */
    private static NDArray copyTransposed(Matrix table, UnaryOperator<NDArray> copy, NDManager manager) {
        try (NDArray columns = table.values().transpose()) {
            return attached(manager, copy.apply(columns));
        }
    }

    private static NDArray attached(NDManager manager, NDArray array) {
        array.attach(manager);
        return array;
    }

    /** Adds a token to each sequence of {@code cache}, and gives the logits of the next token: int64 (B, 1) → (B, 1, V). */
    public NDArray next(NDArray ids, KvCache cache) {
        int start = cache.length();
        requireOneToken(ids);
        config.requireContextFor(start + 1);
        NDArray x = vectors(ids);
        if (positionTable.isPresent()) {
            NDArray position = ids.getManager().arange(start, start + 1, 1).toType(DataType.INT64, false);
            x = x.add(Kernels.embedding(position, positionTable.get()));  // + (1, C)
        }
        NDArray out = DecodeKernel.blocks(x, new int[] {start}, noPositions, blocks, listed, factors, cache.keys(), cache.values());
        cache.advance(1);
        return unembed(out);
    }

    /**
     * Adds a token to each of {@code rows}, and gives the logits of the next token: int64 (B, 1) → (B, 1, V). If there are more ids than
     * rows, the surplus ids at the end are padding: ignore their logits.
     */
    public NDArray next(NDArray ids, CacheRows rows) {
        int[] starts = rows.starts();
        requireOneToken(ids);
        Arrays.stream(starts).forEach(start -> config.requireContextFor(start + 1));
        NDArray positions = ids.getManager().create(Arrays.stream(Arrays.copyOf(starts, (int) ids.size())).asLongStream().toArray());
        NDArray x = vectors(ids);
        if (positionTable.isPresent()) {
            x = x.add(Kernels.embedding(positions.reshape(-1, 1), positionTable.get()));  // + (B, 1, C)
        }
        NDArray out = DecodeKernel.blocks(x, starts, positions, blocks, listed, factors, rows.keys(), rows.values());
        rows.advance();
        return unembed(out);
    }

    private static void requireOneToken(NDArray ids) {
        if (ids.getShape().get(1) != 1) {
            throw new IllegalArgumentException("one token of each sequence at a time, not %d".formatted(ids.getShape().get(1)));
        }
    }

    /** The scaled token vectors: ids (B, 1) → (B, 1, C). */
    private NDArray vectors(NDArray ids) {
        return Kernels.scaled(tokenTable.lookup(ids), config.scales().embedding());
    }

    /** The final norm and the unembedding: (B, 1, C) → (B, 1, V). */
    private NDArray unembed(NDArray x) {
        NDArray normed = finalBias.map(bias -> Kernels.norm(x, finalGain, bias, normKind))
            .orElseGet(() -> Kernels.norm(x, finalGain, normKind));
        NDArray scaled = Kernels.scaled(normed, config.scales().logit());
        boolean strips = unembedding.values().getShape().dimension() == 3;
        NDArray logits = strips ? DecodeKernel.unembed(scaled, unembedding.values(), config.vocabSize()) : unembedding.unembed(scaled);
        return Kernels.capped(logits, config.scales().logitCap());
    }
}
