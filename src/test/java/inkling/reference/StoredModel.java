package inkling.reference;

import inkling.model.config.GptConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads weights in Hugging Face's layouts for the reference. It shares no code with the importer, because tests compare the importer with
 * it.
 */
public final class StoredModel {
    private StoredModel() {}

    /** GPT-2's tensors have the reference's own names and layouts. Some files put {@code transformer.} before each name. */
    public static ReferenceGpt gpt2(Path directory, GptConfig config) {
        Map<String, double[]> weights = new LinkedHashMap<>();
        tensors(directory).forEach((name, tensor) -> weights.put(name.replaceFirst("^transformer\\.", ""), tensor));
        return new ReferenceGpt(config, weights);
    }

    /** Llama stores weights as (out, in), and query, key and value separately. */
    public static ReferenceGpt llama(Path directory, GptConfig config) {
        Map<String, double[]> stored = tensors(directory);
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
        if (!config.tieEmbeddings()) {
            out.put("lm_head.weight", stored.get("lm_head.weight"));
        }
        return new ReferenceGpt(config, out);
    }

    private static Map<String, double[]> tensors(Path directory) {
        try {
            return StoredTensors.read(directory.resolve("model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
