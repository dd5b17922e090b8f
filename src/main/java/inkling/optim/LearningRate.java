package inkling.optim;

/** The learning rate of each update. {@link Schedule} has the ones that a run file can ask for; {@code step -> 3e-4} is one too. */
@FunctionalInterface
public interface LearningRate {
    /** Learning rate of update {@code step} (0-based). */
    double at(long step);
}
