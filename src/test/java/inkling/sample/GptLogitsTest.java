package inkling.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Autograd;
import inkling.engine.Devices;
import inkling.model.Activation;
import inkling.model.Gpt;
import inkling.model.GptConfig;
import inkling.model.Mode;
import inkling.model.Norm;
import inkling.model.Positions;
import inkling.model.Probe;
import inkling.model.RopeConfig;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GptLogitsTest {
    private static final int PROMPTS = 20;
    private static final int TOKENS = 100;

    private final NDManager manager = Devices.manager(Device.cpu());
    private Autograd off;

    @BeforeEach
    void noGradients() {
        off = Autograd.off();
    }

    @AfterEach
    void free() {
        off.close();
        manager.close();
    }

    private Gpt model(Positions positions) {
        Gpt gpt = Gpt.initialise(new GptConfig(61, 2, 4, 2, 32, 64, TOKENS + 8, 0, true, true, positions, RopeConfig.DEFAULT,
            Norm.LAYER_NORM, 1e-5, Activation.GELU_TANH), manager, 9);
        gpt.parameters().arrays().forEach(p -> p.muli(6)); // clear preferences, as a trained model has
        return gpt;
    }

    private float[] full(Gpt gpt, int[] ids) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = gpt.forward(scope.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)), Mode.EVAL, Probe.NONE);
            return logits.get(0, ids.length - 1).toFloatArray();
        }
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }

    @ParameterizedTest
    @EnumSource(Positions.class)
    void greedyTextThroughTheCacheIsThatOfTheFullPass(Positions positions) {
        Random random = new Random(4);
        try (Gpt gpt = model(positions); GptLogits cached = new GptLogits(gpt, manager)) {
            for (int prompt = 0; prompt < PROMPTS; prompt++) {
                int[] ids = random.ints(1 + prompt % 7, 0, 61).toArray();
                SamplingOptions greedy = SamplingOptions.DEFAULT.withTemperature(0).withMaxTokens(TOKENS - ids.length);
                int[] generated = new Generator(cached, Optional.empty()).generate(ids, greedy, Generator.Listener.NONE).samples().get(0).ids();
                for (int i = 0; i < generated.length; i += prompt == 0 ? 1 : 9) {
                    int[] seen = Arrays.copyOf(ids, ids.length + i);
                    System.arraycopy(generated, 0, seen, ids.length, i);
                    assertEquals(argmax(full(gpt, seen)), generated[i], "prompt " + prompt + ", token " + i);
                }
            }
        }
    }

    @Test
    void cachedLogitsEqualTheFullPassAfterARewind() {
        try (Gpt gpt = model(Positions.ROPE); GptLogits cached = new GptLogits(gpt, manager)) {
            cached.read(5, 6, 7, 8, 9);
            cached.rewind(2);
            assertArrayEquals(full(gpt, new int[] {5, 6, 1, 2}), cached.read(1, 2), 1e-4f);
            cached.rewind(0);
            assertArrayEquals(full(gpt, new int[] {3}), cached.read(3), 1e-4f);
        }
    }
}
