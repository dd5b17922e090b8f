package inkling.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import inkling.engine.Precision.Storage;
import java.util.Optional;

/**
 * A weight matrix as it is stored: in float32, bfloat16 or int8 (docs/decisions/0024). Java code must not read or print the numbers of a
 * bfloat16 or int8 matrix.
 *
 * @param values (in, out) of a layer, or (rows, C) of a table. A layer's values in bfloat16 are {@link DecodeKernel#packed} if that is
 *     possible; the shape of the packed array is (out, in). A table for products alone may be {@link DecodeKernel#packedTable packed} or
 *     {@link DecodeKernel#inStrips in strips}
 * @param factors only for an int8 matrix: (out) of a layer or (rows) of a table, in bfloat16. Each multiplies the int8 values of its output
 *     or row
 */
public record Matrix(NDArray values, Optional<NDArray> factors) {
    private static final int PACKED = 2; // libtorch's number for arrays in oneDNN's own order

    /** A matrix without factors. */
    public Matrix(NDArray values) {
        this(values, Optional.empty());
    }

    /**
     * Whether this processor adds products of int8 exactly. On a processor without VNNI instructions, oneDNN adds pairs of products in
     * 16 bits, and the sums may overflow (oneDNN's documentation, "Nuances of int8 computations").
     */
    public static boolean addsInt8Exactly() {
        try (NDManager scope = Devices.manager(Device.cpu())) {
            NDArray largest = scope.full(new Shape(64, 64), 127f).toType(DataType.INT8, false);
            return Kernels.MODULE.array("int8_product", largest, largest).toType(DataType.FLOAT32, false).eq(127 * 127 * 64).all()
                .getBoolean();
        }
    }

    /** Converts a linear layer's weight w (in, out), float32, to {@code storage}: a new array, or w itself for {@code FLOAT32}. */
    public static Matrix ofLayer(NDArray w, Storage storage) {
        return switch (storage) {
            case FLOAT32 -> new Matrix(w);
            case BF16 -> new Matrix(Kernels.MODULE.array("to_bf16_packed", w));
            case INT8 -> {
                NDList both = Kernels.MODULE.arrays("to_int8", w);
                yield new Matrix(both.get(0), Optional.of(both.get(1)));
            }
        };
    }

    /** Converts a table (rows, C), float32, to {@code storage}. An embedding looks up its rows; an unembedding multiplies by them. */
    public static Matrix ofTable(NDArray table, Storage storage) {
        if (storage == Storage.FLOAT32) {
            return new Matrix(table);
        }
        try (NDArray columns = table.transpose()) {
            Matrix turned = storage == Storage.BF16 ? new Matrix(Kernels.MODULE.array("to_bf16", columns)) : ofLayer(columns, storage);
            try (NDArray values = turned.values) {
                return new Matrix(values.transpose(), turned.factors);
            }
        }
    }

    /**
     * (in, out) of a layer, packed or not, or (rows, C) of a table. Not for a packed table or one in strips, whose values have another
     * shape.
     */
    public Shape shape() {
        Shape stored = values.getShape();
        return isPacked() ? new Shape(stored.get(1), stored.get(0)) : stored;
    }

    private boolean isPacked() {
        return values instanceof PtNDArray array && JniUtils.getLayout(array) == PACKED;
    }

    /** x W + b: (…, in) → (…, out). */
    public NDArray linear(NDArray x, Optional<NDArray> bias) {
        if (factors.isPresent()) {
            return bias.map(b -> Kernels.MODULE.array("linear_int8", x, values, factors.get(), b))
                .orElseGet(() -> Kernels.MODULE.array("linear_int8", x, values, factors.get()));
        }
        return bias.map(b -> Kernels.linear(x, values, b)).orElseGet(() -> Kernels.linear(x, values));
    }

    /** Logits x Wᵀ of a table (V, C): (…, C) → (…, V). */
    public NDArray unembed(NDArray x) {
        return factors.map(f -> Kernels.MODULE.array("unembed_int8", x, values, f)).orElseGet(() -> Kernels.unembed(x, values));
    }

    /** As {@link Kernels#targetScores}, for a table (V, C) in any form. */
    public NDList targetScores(NDArray y, NDArray targets, int rows, double cap) {
        return factors.map(f -> Kernels.MODULE.arrays("target_scores", y, values, targets, rows, cap, f))
            .orElseGet(() -> Kernels.targetScores(y, values, targets, rows, cap));
    }

    /** Looks up rows of a table: ids (B, T) → (B, T, C), float32. */
    public NDArray lookup(NDArray ids) {
        return factors.map(f -> Kernels.MODULE.array("embedding_int8", ids, values, f)).orElseGet(() -> Kernels.embedding(ids, values));
    }

    /** Float32 numbers for a check of the matrix: they are all finite exactly if the matrix holds only finite numbers. */
    public NDArray finiteIfThisIs() {
        return Kernels.MODULE.array("float32", factors.orElse(values));
    }
}
