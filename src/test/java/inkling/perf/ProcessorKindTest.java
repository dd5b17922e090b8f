package inkling.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorKindTest {
    @ParameterizedTest
    @CsvSource({
        "avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile, '', AMX",
        "avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile, AVX512_CORE_VNNI, AVX512_VNNI",
        "avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile, AVX10_1_512, AVX512_BF16",
        "avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile, AVX10_1_512_AMX, AMX",
        "avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile, AVX2_VNNI_2, AVX2",
        "avx2 avx512f avx512bw avx512_bf16 avx512_vnni, '', AVX512_BF16",
        "avx2 avx512f avx512bw avx512_bf16 avx512_vnni, avx2, AVX2",
        "avx2 avx512f avx512bw avx512_vnni, '', AVX512_VNNI",
        "avx2 avx512f avx512bw, '', AVX512",
        "avx2 fma, '', AVX2",
        "sse2, '', OTHER"})
    void isToldByTheFlagsAndByWhatOneDnnMayUse(String flags, String cap, ProcessorKind expected) {
        assertEquals(expected, ProcessorKind.of(Set.of(flags.split(" ")), cap));
    }
}
