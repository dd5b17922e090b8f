package inkling.perf;

import inkling.engine.Precision.Storage;
import inkling.model.GptLayout;
import inkling.model.config.GptConfig;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Weights in fewer bytes than float32: the kinds of processors on which they are faster, and the memory that they take
 * (docs/decisions/0024).
 */
public final class ShortWeights {
    /** Tokens/s of GPT-2 124M for one text, as a multiple of float32's. Those of AMX are estimated from single products. */
    private record Speed(double bf16, double int8) {}

    private static final Map<ProcessorKind, Speed> MEASURED = new EnumMap<>(Map.of(
        ProcessorKind.AMX, new Speed(1.45, 1.65),
        ProcessorKind.AVX512_BF16, new Speed(1.32, 1.46)));

    private ShortWeights() {}

    /**
     * Why {@code storage} should not be used on this kind of processor, with the measured figure if there is one, and what to do instead.
     * Empty if it may be used.
     */
    public static Optional<String> refusal(Storage storage, ProcessorKind processor) {
        if (storage == Storage.FLOAT32) {
            return Optional.empty();
        }
        String form = storage.name().toLowerCase(Locale.ROOT);
        Speed speed = MEASURED.get(processor);
        String ways = (" Leave --precision out, or add --even-if-slow to save memory;"
            + " `inkling bench CONFIG --decode --precision %s` measures it here.").formatted(form);
        if (speed == null) {
            return Optional.of("--precision %s was not measured on this kind of processor (%s).".formatted(form, processor) + ways);
        }
        double times = storage == Storage.BF16 ? speed.bf16() : speed.int8();
        return times >= 1 ? Optional.empty() : Optional.of(String.format(Locale.ROOT,
            "--precision %s is slower on this kind of processor (%s): %.2f times the tokens a second of float32.", form, processor, times)
            + ways);
    }

    /**
     * Bytes of a model's weights if its matrices, except the table of positions, are in {@code storage}. In bfloat16 this includes a second
     * copy of the unembedding, for products.
     */
    public static long bytes(GptConfig model, Storage storage) {
        GptLayout layout = GptLayout.of(model);
        long second = storage == Storage.BF16 ? 2 * layout.spec(layout.unembedding()).shape().size() : 0;
        return second + layout.specs().stream().mapToLong(spec -> {
            boolean inFloat32 = spec.shape().dimension() != 2 || layout.positionEmbedding().filter(spec.name()::equals).isPresent();
            long numbers = spec.shape().size();
            boolean table = spec.name().equals(layout.tokenEmbedding()) || spec.name().equals(layout.unembedding());
            return inFloat32 || storage == Storage.FLOAT32 ? 4 * numbers : storage == Storage.BF16 ? 2 * numbers
                : numbers + 2 * spec.shape().get(table ? 0 : 1);
        }).sum();
    }
}
