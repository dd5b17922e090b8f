package inkling.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.data.Batch;
import inkling.model.grad.Loss;
import inkling.model.grad.LossGradients;
import java.util.List;

/** Loss and gradients of one micro-batch. */
public interface BatchGradients {
    /**
     * Computes the loss and the gradients of all trained parameters.
     *
     * @param scope the manager of the results, or a parent of it
     * @param weight by which the loss of each target, or of each pair of answers, is multiplied; 1 / {@link Batch#lossCount} gives the mean
     * @param seed of this micro-batch's dropout
     */
    LossGradients.Result of(NDManager scope, Batch batch, double weight, long seed);

    /** The gradients of {@code model}, computed for all rows at once on the calling thread. */
    static BatchGradients whole(LossGradients model) {
        return (scope, batch, weight, seed) -> {
            Shape shape = new Shape(batch.rows(), batch.columns());
            Loss.Targets targets = new Loss.Targets(scope.create(batch.targets(), shape), weight,
                batch.isPaired() ? List.of(scope.create(batch.reference())) : List.of());
            return model.of(scope.create(batch.ids(), shape), targets, seed);
        };
    }
}
