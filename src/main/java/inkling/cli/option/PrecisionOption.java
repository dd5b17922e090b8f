package inkling.cli.option;

import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import inkling.errors.ConfigException;
import inkling.perf.ProcessorKind;
import inkling.perf.ShortWeights;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --precision}: the number format in which a model's weights are kept while it generates. */
public final class PrecisionOption {
    @Option(names = "--precision", paramLabel = "float32|bf16|int8", defaultValue = "float32",
        description = "bytes for each weight while generating: 4 (float32), 2 (bf16) or 1 (int8); sums are in 32 bits;"
            + " default ${DEFAULT-VALUE}. bf16 and int8 are refused on processors where they are slower or were not measured")
    String precision;

    @Option(names = "--even-if-slow", description =
        "allow --precision bf16 or int8 on a processor where it is slower or was not measured, to save memory")
    boolean evenIfSlow;

    /**
     * The format that {@code --precision} names.
     *
     * @throws ConfigException as {@link #parse}. Without {@code --even-if-slow} also for a format that is slower than float32 on this kind
     *     of processor, or that was not measured on it
     */
    public Storage storage() {
        Storage storage = parse(precision);
        Optional<String> refusal = ShortWeights.refusal(storage, ProcessorKind.here());
        if (refusal.isPresent() && !evenIfSlow) {
            throw new ConfigException(refusal.get());
        }
        return storage;
    }

    /**
     * The format that {@code word} names: {@code float32}, {@code bf16} or {@code int8}.
     *
     * @throws ConfigException for any other word, and for int8 if this processor cannot add products of int8 exactly
     */
    public static Storage parse(String word) {
        return switch (word) {
            case "float32" -> Storage.FLOAT32;
            case "bf16" -> Storage.BF16;
            case "int8" -> {
                if (!Matrix.addsInt8Exactly()) {
                    throw new ConfigException(("--precision int8: this processor (%s) cannot add products of int8 exactly, so the "
                        + "results would be")
                        .formatted(ProcessorKind.here()) + " wrong. Take bf16 or float32.");
                }
                yield Storage.INT8;
            }
            default -> throw new ConfigException("--precision %s: give float32, bf16 or int8.".formatted(word));
        };
    }
}
