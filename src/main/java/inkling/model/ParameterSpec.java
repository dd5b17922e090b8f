package inkling.model;

import ai.djl.ndarray.types.Shape;
import java.util.OptionalInt;

/**
 * One array that a model stores: what it is called, what it is for, and where it belongs.
 *
 * @param name as in {@link Parameters}, e.g. {@code h.3.attn.c_attn.weight}
 * @param shape of a linear's weight (in, out); of an embedding (rows, C)
 * @param block the block it is part of; empty for what stands before, after or beside all of them
 * @param toResidual whether it is the weight of a linear whose output is added to the residual stream
 */
public record ParameterSpec(String name, Shape shape, Role role, OptionalInt block, boolean toResidual) {
    /** What a parameter does. */
    public enum Role { TOKEN_EMBEDDING, POSITION_EMBEDDING, NORM_GAIN, NORM_BIAS, LINEAR, LINEAR_BIAS, UNEMBEDDING, ADAPTER }

    /** Whether it is a matrix (in, out) of a block: a linear's weight or half of its adapter. */
    public boolean isMatrixOfABlock() {
        return block.isPresent() && (role == Role.LINEAR || role == Role.ADAPTER);
    }
}
