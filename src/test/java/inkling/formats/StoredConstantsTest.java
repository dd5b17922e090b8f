package inkling.formats;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.errors.ModelFormatException;
import inkling.formats.family.Gpt2Format;
import inkling.formats.family.LlamaFormat;
import inkling.formats.family.ModelFormat;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsWriter.Entry;
import inkling.model.Gpt;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Constants that a file stores beside the weights: accepted if they agree with config.json, else refused with a message that names them.
 */
class StoredConstantsTest {
    private static final String FREQUENCIES = "model.layers.1.self_attn.rotary_emb.inv_freq";
    private static final String MASK = "transformer.h.0.attn.bias";

    @TempDir
    Path directory;
    private final NDManager manager = Devices.manager(Device.cpu());

    @AfterEach
    void free() {
        manager.close();
    }

    private void gpt2With(Entry constant) {
        load(Directories.gpt2(true), new Gpt2Format(), Directories.gpt2Json(), constant);
    }

    /** Two pairs of channels and theta 10,000: frequencies 1 and 0.01. */
    private void llamaWith(Map<String, Object> json, Entry constant) {
        load(Directories.llama(true, RopeConfig.DEFAULT), new LlamaFormat(), json, constant);
    }

    private void load(GptConfig config, ModelFormat format, Map<String, Object> json, Entry constant) {
        try (Gpt gpt = Gpt.initialise(config, manager, 5)) {
            List<Entry> tensors = new ArrayList<>(Directories.tensors(gpt, format, UnaryOperator.identity()));
            tensors.add(constant);
            Directories.write(directory, json, tensors);
            ModelDirectory.load(directory, manager).close();
        }
    }

    private static String faultOf(Runnable load) {
        ModelFormatException e = assertThrows(ModelFormatException.class, load::run);
        assertEquals(4, e.exitCode().code());
        return e.getMessage();
    }

    private static Entry floats(String name, List<Long> shape, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return Entry.floats(name, shape, floats);
    }

    /** (1, 1, 6, 6) in F32. */
    private static Entry mask(String name, double seen, double hidden) {
        return floats(name, List.of(1L, 1L, 6L, 6L), square((row, column) -> column <= row ? seen : hidden));
    }

    private interface Cell {
        double at(int row, int column);
    }

    private static double[] square(Cell cell) {
        double[] values = new double[36];
        for (int i = 0; i < values.length; i++) {
            values[i] = cell.at(i / 6, i % 6);
        }
        return values;
    }

    private static Entry bytes(String name, Dtype dtype, List<Long> shape, int count, IntToDoubleFunction value) {
        ByteBuffer bytes = ByteBuffer.allocate(count * dtype.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            if (dtype == Dtype.I64) {
                bytes.putLong((long) value.applyAsDouble(i));
            } else {
                bytes.put((byte) value.applyAsDouble(i));
            }
        }
        return new Entry(name, dtype, shape, out -> out.write(bytes.array()));
    }

    @Test
    void causalMasksOfEveryKindAreTaken() {
        for (Entry mask : List.of(mask(MASK, 1, 0), mask("transformer.h.0.attn.tril", 1, 0), mask("transformer.mask", 1, 0),
            mask("transformer.mask", 0, 1), mask("transformer.causal_mask", 0, Double.NEGATIVE_INFINITY),
            mask("transformer.mask", 0, -10_000),
            bytes(MASK, Dtype.BOOL, List.of(6L, 6L), 36, i -> i % 6 <= i / 6 ? 1 : 0),
            bytes(MASK, Dtype.U8, List.of(1L, 1L, 6L, 6L), 36, i -> i % 6 <= i / 6 ? 1 : 0))) {
            assertDoesNotThrow(() -> gpt2With(mask), mask.name());
        }
    }

    @Test
    void anotherMaskIsRefusedWithThePlace() {
        assertTrue(faultOf(() -> gpt2With(mask(MASK, 0, 0))).contains(MASK + " is no causal mask: 0.0 at row 0, column 0."));
        assertTrue(faultOf(() -> gpt2With(mask(MASK, 0, 1))).contains(MASK + " is no causal mask"), "turned around");
        assertTrue(faultOf(() -> gpt2With(mask("transformer.mask", 0, -3))).contains("-3.0 at row 0, column 1"));
        double[] local = square((row, column) -> column <= row && column > row - 3 ? 1 : 0);   // as GPT-Neo's local attention
        String message = faultOf(() -> gpt2With(floats(MASK, List.of(6L, 6L), local)));
        assertTrue(message.contains("0.0 at row 3, column 0. In Inkling, each position attends to itself and"), message);
    }

    @Test
    void aStoredMaskedScoreMustBeVeryLow() {
        String name = "transformer.h.1.attn.masked_bias";
        for (double score : new double[] {-10_000, -9_984, -1e9, Double.NEGATIVE_INFINITY}) {
            assertDoesNotThrow(() -> gpt2With(floats(name, List.of(), score)));
        }
        assertTrue(faultOf(() -> gpt2With(floats(name, List.of(), 0))).contains(name + " is 0.0: a masked score must be -10000 or below"));
        assertTrue(faultOf(() -> gpt2With(floats(name, List.of(), Double.NaN))).contains(name + " is NaN"));
    }

    @Test
    void positionIdsMustCountFromZero() {
        String name = "transformer.position_ids";
        assertDoesNotThrow(() -> gpt2With(bytes(name, Dtype.I64, List.of(1L, 6L), 6, i -> i)));
        assertTrue(faultOf(() -> gpt2With(bytes(name, Dtype.I64, List.of(1L, 6L), 6, i -> i + 2)))
            .contains(name + "[0] is 2.0, expected 0"));
    }

    @Test
    void storedFrequenciesMustFitTheConfigurationUpToRounding() {
        Map<String, Object> json = Directories.llamaJson();
        llamaWith(json, floats(FREQUENCIES, List.of(2L), 1, 0.01));
        llamaWith(json, Directories.halves(FREQUENCIES, Dtype.BF16, List.of(2L), new short[] {0x3F80, 0x3C24}));   // 0.010009765625
        llamaWith(json, Directories.halves(FREQUENCIES, Dtype.F16, List.of(2L), new short[] {0x3C00, 0x211F}));    // 0.01000213623046875
        String message = faultOf(() -> llamaWith(json, floats(FREQUENCIES, List.of(2L), 1, 0.0014142)));           // theta 500,000
        assertTrue(message.contains(FREQUENCIES + "[1] is 0.00141") && message.contains("of config.json give 0.01:"), message);
        assertTrue(faultOf(() -> llamaWith(json, floats(FREQUENCIES, List.of(4L), 1, 0.1, 0.01, 0.001)))
            .contains("inv_freq (4) is not part of this architecture"), "of another head size");
        assertTrue(faultOf(() -> gpt2With(floats("transformer.h.0.attn.rotary_emb.inv_freq", List.of(2L), 1, 0.01)))
            .contains("inv_freq (2) is not part of this architecture"), "of a model without rotary positions");
    }

    @Test
    void frequenciesMayBeStoredScaledOrUnscaled() {
        Map<String, Object> json = Directories.llamaJson();
        json.put("rope_scaling", Map.of("rope_type", "llama3", "factor", 8.0, "low_freq_factor", 1.0, "high_freq_factor", 4.0,
            "original_max_position_embeddings", 32));
        llamaWith(json, floats(FREQUENCIES, List.of(2L), 1, 0.00125));
        llamaWith(json, floats("model.rotary_emb.original_inv_freq", List.of(2L), 1, 0.01));
        assertTrue(faultOf(() -> llamaWith(json, floats(FREQUENCIES, List.of(2L), 1, 0.005))).contains("give 0.00125"));
    }

    @Test
    void storedTablesOfCosAndSinMustFitTheConfiguration() {
        Map<String, Object> json = Directories.llamaJson();
        double[] cos = new double[32 * 4];
        double[] sin = new double[32 * 4];
        for (int i = 0; i < cos.length; i++) {
            double angle = i / 4 * (i % 2 == 0 ? 1 : 0.01);   // channels 0 and 2 are one pair, 1 and 3 the other
            cos[i] = Math.cos(angle);
            sin[i] = Math.sin(angle);
        }
        List<Long> shape = List.of(1L, 1L, 32L, 4L);
        llamaWith(json, floats("model.layers.0.self_attn.rotary_emb.cos_cached", shape, cos));
        llamaWith(json, floats("model.layers.0.self_attn.rotary_emb.sin_cached", shape, sin));
        String message = faultOf(() -> llamaWith(json, floats("model.rotary_emb.cos_cached", shape, sin)));
        assertTrue(message.contains("cos_cached at position 0, channel 0 is 0.0, but rope_theta"), message);
        assertTrue(faultOf(() -> llamaWith(json, floats("model.rotary_emb.cos_cached", List.of(32L, 2L), new double[64])))
            .contains("(32, 2) is not part of this architecture"));
    }
}
