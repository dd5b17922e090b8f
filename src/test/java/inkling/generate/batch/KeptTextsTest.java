package inkling.generate.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.engine.Devices;
import inkling.generate.GptLogits;
import inkling.generate.batch.KeptTexts.Kept;
import inkling.generate.batch.Sequences.Sequence;
import inkling.model.Gpt;
import inkling.model.config.GptOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeptTextsTest {
    private static final int V = 50;

    /**
     * A sequence that is cut keeps the arrays of its longer text. So a short text that took over such a sequence could hold more
     * memory than was reserved for the text.
     */
    @Test void aTextNeverTakesOverMoreMemoryThanItMayUse() {
        try (NDManager manager = Devices.manager(Device.cpu());
             Gpt gpt = Gpt.initialise(GptOptions.DEFAULT.with(o -> o.nLayer(1).nHead(2).nEmbd(8).contextLength(512)).over(V), manager, 1);
             Sequences sequences = new Sequences(gpt, manager, ComputeContext.of("cpu"), GptLogits.MOST_COPIED_BYTES)) {
            int[] ids = new Random(2).ints(139, 0, V).toArray();
            Sequence read = sequences.open();
            sequences.read(read, ids);
            KeptTexts kept = new KeptTexts();
            kept.add(Kept.of(ids, read));
            assertEquals(sequences.bytes(256), kept.bytes());
            int[] shorter = Arrays.copyOf(ids, 126);
            Sequence copied = kept.beginning(shorter, sequences, List.of(), sequences.bytes(128)).orElseThrow();
            assertEquals(List.of(125, sequences.bytes(128), sequences.bytes(256)), List.of(copied.length(), copied.bytes(), kept.bytes()));
            Sequence taken = kept.beginning(shorter, sequences, List.of(), sequences.bytes(256)).orElseThrow();
            assertEquals(List.of(125, sequences.bytes(256), 0L), List.of(taken.length(), taken.bytes(), kept.bytes()));
            copied.close();
            taken.close();
        }
    }
}
