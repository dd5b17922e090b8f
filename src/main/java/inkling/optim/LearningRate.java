package inkling.optim;

/**
 * The learning rate of each update. A run file chooses a {@link Schedule}, which makes the learning rate. In code, {@code step -> 3e-4} is
 * enough.
 */
@FunctionalInterface
public interface LearningRate {
    /** Learning rate of update {@code step} (0-based). */
    double at(long step);
}
