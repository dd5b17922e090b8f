package inkling.perf;

import inkling.engine.Devices;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Kinds of processors by their instructions for bfloat16 and int8, the best first. The kind decides which form of weights is faster
 * (docs/decisions/0024).
 */
public enum ProcessorKind {
    /** Intel's matrix units. */
    AMX(Set.of("amx_bf16", "amx_int8")),
    /** AVX-512 with products of bfloat16 and of int8. */
    AVX512_BF16(Set.of("avx512_bf16", "avx512_vnni")),
    /** AVX-512 with products of int8. */
    AVX512_VNNI(Set.of("avx512_vnni")),
    AVX512(Set.of("avx512f", "avx512bw")),
    AVX2(Set.of("avx2")),
    /** None of these kinds, or not known: the architecture is another, or the system is not Linux. */
    OTHER(Set.of());

    /**
     * Values of {@code ONEDNN_MAX_CPU_ISA} that forbid oneDNN the instructions of the best kind (oneDNN 3.7, "CPU Dispatcher Control"). Its
     * other values allow AMX or are {@code DEFAULT}; oneDNN ignores what it does not know.
     */
    private static final Map<String, ProcessorKind> CAPS = Map.of("AVX10_1_512", AVX512_BF16, "AVX512_CORE_FP16", AVX512_BF16,
        "AVX512_CORE_BF16", AVX512_BF16, "AVX512_CORE_VNNI", AVX512_VNNI, "AVX512_CORE", AVX512, "AVX2_VNNI_2", AVX2, "AVX2_VNNI", AVX2,
        "AVX2", AVX2, "AVX", OTHER, "SSE41", OTHER);

    private final Set<String> flags;

    ProcessorKind(Set<String> flags) {
        this.flags = flags;
    }

    /** This machine's kind, or a lower one if {@code ONEDNN_MAX_CPU_ISA} allows no more. */
    public static ProcessorKind here() {
        return of(Devices.processorFlags(), Devices.mostInstructions());
    }

    /**
     * @param has the processor's flags, by Linux's names
     * @param cap the value of {@code ONEDNN_MAX_CPU_ISA}; empty for no limit
     */
    static ProcessorKind of(Set<String> has, String cap) {
        ProcessorKind most = CAPS.getOrDefault(cap.toUpperCase(Locale.ROOT), AMX);
        return List.of(values()).stream().filter(kind -> kind.compareTo(most) >= 0 && has.containsAll(kind.flags)).findFirst()
            .orElse(OTHER);
    }
}
