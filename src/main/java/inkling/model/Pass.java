package inkling.model;

import java.util.Optional;

/** Settings and state of one forward pass, handed to every block beside the residual stream. */
public record Pass(Mode mode, Probe probe, Optional<KvCache> cache, Optional<LinearTape> tape) {
    /** A pass without cache or tape. */
    static Pass of(Mode mode, Probe probe) {
        return new Pass(mode, probe, Optional.empty(), Optional.empty());
    }

    /** A training pass whose linear layers are computed and recorded by {@code tape}, for their gradients. */
    public static Pass training(LinearTape tape) {
        return new Pass(Mode.TRAIN, Probe.NONE, Optional.empty(), Optional.of(tape));
    }

    /** A pass over tokens that continue those in {@code cache}. */
    static Pass continuing(KvCache cache) {
        return new Pass(Mode.EVAL, Probe.NONE, Optional.of(cache), Optional.empty());
    }

    /** The position of the pass's first token: the number of tokens in the cache; 0 without a cache. */
    int start() {
        return cache.map(KvCache::length).orElse(0);
    }
}
