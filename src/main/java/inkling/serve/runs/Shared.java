package inkling.serve.runs;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** A value that is found anew only when it is older than it may be: whoever asks in between gets the same. For any number of threads. */
final class Shared<T> {
    private final long nanos;
    private final Supplier<T> finder;
    private Optional<T> found = Optional.empty();
    private long at;

    /** @param oldest that the value may be */
    Shared(Duration oldest, Supplier<T> finder) {
        this.nanos = oldest.toNanos();
        this.finder = finder;
    }

    /** @throws RuntimeException as the finder does; the next call tries again then */
    synchronized T get() {
        if (found.isEmpty() || System.nanoTime() - at >= nanos) {
            found = Optional.empty();
            T now = finder.get();
            found = Optional.of(now);
            at = System.nanoTime();
        }
        return found.orElseThrow();
    }
}
