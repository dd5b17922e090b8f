package inkling.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.engine.Precision.Storage;
import inkling.model.config.GptOptions;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShortWeightsTest {
    @Test
    void whatWasNotMeasuredIsRefusedWithTheWaysOut() {
        assertEquals(Optional.empty(), ShortWeights.refusal(Storage.INT8, ProcessorKind.AMX));
        assertEquals(Optional.empty(), ShortWeights.refusal(Storage.FLOAT32, ProcessorKind.OTHER));
        String text = ShortWeights.refusal(Storage.BF16, ProcessorKind.AVX2).orElseThrow();
        assertTrue(text.contains("--even-if-slow") && text.contains("--precision bf16") && text.contains("inkling bench"), text);
    }

    @Test
    void bytesAreThoseOfTheArrays() {
        var model = GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).contextLength(16)).over(100);
        int matrices = 100 * 8 + 8 * 24 + 8 * 8 + 8 * 32 + 32 * 8;
        int others = 16 * 8 + 24 + 8 + 32 + 8 + 6 * 8; // positions, biases, three norms
        int outputs = 100 + 24 + 8 + 32 + 8;
        assertEquals(4 * (matrices + others), ShortWeights.bytes(model, Storage.FLOAT32));
        assertEquals(2 * (matrices + 100 * 8) + 4 * others, ShortWeights.bytes(model, Storage.BF16));
        assertEquals(matrices + 2 * outputs + 4 * others, ShortWeights.bytes(model, Storage.INT8));
    }
}
