package inkling.optim;

/** The learning rate of each update. A run file chooses one of {@link Schedule}; {@code step -> 3e-4} is a learning rate too. */
@FunctionalInterface
public interface LearningRate {
    /** Learning rate of update {@code step} (0-based). */
    double at(long step);
}
