package inkling.serve.api;

import java.time.Instant;

/** The field {@code created} of the API's objects. */
final class Created {
    private Created() {}

    /** Seconds since 1970. */
    static long now() {
        return Instant.now().getEpochSecond();
    }
}
