package inkling.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import inkling.Fixtures;
import inkling.model.config.Activation;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.Positions;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients can be checked against the forward pass; the forward pass itself against models that others trained. */
class TrainedModelsTest {
    /** gpt-nano-sort writes six digits in order; a wrong layout, mask, norm or position makes it guess. */
    @Test
    void aTrainedGpt2Sorts() throws IOException {
        Map<String, double[]> stored = new LinkedHashMap<>();
        StoredTensors.read(Fixtures.shared("data/gpt-nano-sort/model.safetensors")).forEach((name, tensor) ->
            stored.put(name.replaceFirst("^transformer\\.", ""), tensor));
        ReferenceGpt gpt = new ReferenceGpt(GptOptions.DEFAULT.with(o -> o.nLayer(3).nHead(3).nEmbd(48).contextLength(11)
            .tieEmbeddings(false)).over(3), stored);
        int[][] digits = {{2, 1, 0, 0, 2, 1}, {0, 0, 2, 1, 0, 1}, {2, 2, 2, 2, 0, 2}, {1, 0, 1, 1, 0, 1}, {0, 2, 0, 2, 0, 2}};
        for (int[] unsorted : digits) {
            int[] written = greedy(gpt, unsorted, 6);
            Arrays.sort(unsorted);
            assertArrayEquals(unsorted, written);
        }
    }

    /**
     * The greedy story that llama2.c's own test expects of stories260K ("Once upon a time, there was a little girl named Lily. She
     * loved to play outside in the park. One day, she saw a big, red ball. She wanted to play with it, but it was too high"), as ids.
     * Another rotary pairing, sharing of heads or order of gate and up tells another story.
     */
    private static final int[] STORY = {403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267,
        337, 410, 408, 419, 292, 411, 322, 265, 282, 295, 433, 426, 385, 328, 432, 358, 394, 261, 370, 432, 352, 266, 268, 388, 426,
        338, 391, 266, 267, 337, 335, 312, 432, 398, 312, 286, 267, 414, 270, 333, 415};

    @Test
    void aTrainedLlamaTellsItsStory() throws IOException {
        GptConfig config = GptOptions.DEFAULT.with(o -> o.nLayer(5).nHead(8).nKvHead(4).nEmbd(64).nInner(172).contextLength(512)
            .bias(false).positions(Positions.ROPE).norm(Norm.RMS_NORM).activation(Activation.SWIGLU)).over(512);
        Map<String, double[]> stored = StoredTensors.read(Fixtures.shared("data/llama-stories260k/model.safetensors"));
        assertArrayEquals(STORY, greedy(new ReferenceGpt(config, fromLlama(config, stored)), new int[] {1}, STORY.length));
    }

    /** The ids that follow {@code prompt}, each the most likely one. */
    private static int[] greedy(ReferenceGpt gpt, int[] prompt, int count) {
        int[] ids = prompt.clone();
        for (int n = 0; n < count; n++) {
            double[] last = gpt.logits(new int[][] {ids})[0][ids.length - 1];
            int best = 0;
            for (int id = 1; id < last.length; id++) {
                best = last[id] > last[best] ? id : best;
            }
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = best;
        }
        return Arrays.copyOfRange(ids, prompt.length, ids.length);
    }

    /** Llama stores (out, in), and query, key and value apart. */
    private static Map<String, double[]> fromLlama(GptConfig config, Map<String, double[]> stored) {
        int width = config.nEmbd();
        Map<String, double[]> out = new LinkedHashMap<>();
        out.put("wte.weight", stored.get("model.embed_tokens.weight"));
        for (int i = 0; i < config.nLayer(); i++) {
            String from = "model.layers." + i + ".";
            String to = "h." + i + ".";
            out.put(to + "ln_1.weight", stored.get(from + "input_layernorm.weight"));
            out.put(to + "attn.c_attn.weight", StoredTensors.transposed(width, stored.get(from + "self_attn.q_proj.weight"),
                stored.get(from + "self_attn.k_proj.weight"), stored.get(from + "self_attn.v_proj.weight")));
            out.put(to + "attn.c_proj.weight", StoredTensors.transposed(width, stored.get(from + "self_attn.o_proj.weight")));
            out.put(to + "ln_2.weight", stored.get(from + "post_attention_layernorm.weight"));
            out.put(to + "mlp.c_fc.weight", StoredTensors.transposed(width, stored.get(from + "mlp.up_proj.weight")));
            out.put(to + "mlp.c_gate.weight", StoredTensors.transposed(width, stored.get(from + "mlp.gate_proj.weight")));
            out.put(to + "mlp.c_proj.weight", StoredTensors.transposed(config.mlp().nInner(), stored.get(from + "mlp.down_proj.weight")));
        }
        out.put("ln_f.weight", stored.get("model.norm.weight"));
        return out;
    }

    /** Families and variants of them, with logits that another program computed in double precision and wrote as float32. */
    @ParameterizedTest
    @MethodSource("families")
    void everyFamilysLogitsAreThoseOfAnotherProgram(String name) throws IOException {
        FamilyFixture family = FamilyFixture.read(name);
        double[][] logits = new ReferenceGpt(family.config(), family.weights()).logits(new int[][] {family.ids()})[0];
        assertArrayEquals(family.logits(), StoredTensors.joined(logits), 1e-5);
    }

    static List<String> families() {
        return FamilyFixture.NAMES;
    }
}
