package inkling.model;

import java.util.Optional;

/** What one pass through the blocks carries besides the residual stream. */
public record Pass(Mode mode, Probe probe, Optional<KvCache> cache, Optional<LinearTape> tape) {
    /** Whose linear layers are computed by {@code tape}, which later computes their gradients. */
    public static Pass training(LinearTape tape) {
        return new Pass(Mode.TRAIN, Probe.NONE, Optional.empty(), Optional.of(tape));
    }

    /** Of tokens that follow what {@code cache} has seen. */
    static Pass reading(KvCache cache) {
        return new Pass(Mode.EVAL, Probe.NONE, Optional.of(cache), Optional.empty());
    }

    /** The position of the first token. */
    int start() {
        return cache.map(KvCache::length).orElse(0);
    }
}
