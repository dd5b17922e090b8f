package inkling.model;

import ai.djl.ndarray.types.Shape;
import java.util.OptionalInt;

/**
 * One array that a model stores: its name, shape, role and block.
 *
 * @param name as in {@link Parameters}, e.g. {@code h.3.attn.c_attn.weight}
 * @param shape e.g. (in, out) for the weight of a linear, (out, in) for a matrix of an adapter, (rows, C) for an embedding
 * @param block the array's block, from 0; empty for embeddings, the final norm and the unembedding
 * @param toResidual whether the array is the weight of a linear whose output is added to the residual stream
 */
public record ParameterSpec(String name, Shape shape, Role role, OptionalInt block, boolean toResidual) {
    /** What a parameter is for. */
    public enum Role { TOKEN_EMBEDDING, POSITION_EMBEDDING, NORM_GAIN, NORM_BIAS, LINEAR, LINEAR_BIAS, UNEMBEDDING, ADAPTER }

    /** Whether the array is a matrix of a block: the weight of a linear, or one of the two matrices of an adapter. */
    public boolean isMatrixOfABlock() {
        return block.isPresent() && (role == Role.LINEAR || role == Role.ADAPTER);
    }

    /** How many outputs a matrix of a block has for each input: a linear's is stored as (in, out), an adapter's as (out, in). */
    public double outputsPerInput() {
        int in = role == Role.ADAPTER ? 1 : 0;
        return (double) shape.get(1 - in) / shape.get(in);
    }
}
