package inkling.serve.runs;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** A value that many callers share. It is computed anew only if it is older than a given time. For any number of threads. */
final class Shared<T> {
    private final long nanos;
    private final Supplier<T> finder;
    private Optional<T> found = Optional.empty();
    private long foundAt; // System.nanoTime()

    /** @param oldest the greatest age that a value may have */
    Shared(Duration oldest, Supplier<T> finder) {
        this.nanos = oldest.toNanos();
        this.finder = finder;
    }

    /** @throws RuntimeException if the finder throws it; the next call then tries again */
    synchronized T get() {
        if (found.isEmpty() || System.nanoTime() - foundAt >= nanos) {
            found = Optional.empty();
            T now = finder.get();
            found = Optional.of(now);
            foundAt = System.nanoTime();
        }
        return found.orElseThrow();
    }
}
