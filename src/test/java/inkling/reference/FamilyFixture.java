package inkling.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import inkling.Fixtures;
import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.GptOptionsBuilder;
import inkling.model.config.LayerConfig;
import inkling.model.config.LayerRope;
import inkling.model.config.Norm;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import inkling.model.config.RopeConfig;
import inkling.own.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A tiny model of one of the families that people fine-tune, with logits that were computed in double precision. Another program computed
 * them; for our own Llama, {@link ReferenceGpt} did. The model is read without Inkling's importers, so that
 * what they read can be compared with it.
 *
 * @param weights under Inkling's names and in its layouts
 * @param ids (T)
 * @param logits (T, V)
 */
public record FamilyFixture(GptConfig config, Map<String, double[]> weights, int[] ids, double[] logits) {
    private static final List<String> SHARED = List.of("gemma", "gemma2", "gemma3", "granite", "llama3", "llamabias", "llamalinear",
        "mistral", "neox", "neoxseq", "olmo2", "phi3", "phi4mini", "qwen2", "qwen3", "smollm3", "stablelm12b", "stablelm2", "stablelm3b");

    /** Our own small Llama, and the families that {@code ../shared} has. */
    public static List<String> names() {
        return Stream.concat(Stream.of("llama"), Fixtures.sharedIfThere(SHARED.stream().map(name -> "data/families/" + name)
            .toArray(String[]::new)).map(path -> path.getFileName().toString())).toList();
    }

    /** Where the model directory of a family of {@link #names} lies. */
    public static Path directory(String name) {
        return name.equals("llama") ? Fixtures.own(name) : Fixtures.shared("data/families/" + name);
    }

    public static FamilyFixture read(String name) throws IOException {
        if (name.equals("llama")) {
            Golden golden = Golden.read(directory(name));
            return of(name, directory(name), golden.ids(), StoredTensors.joined(golden.logits()));
        }
        Path folder = directory(name);
        JsonNode prompt = new ObjectMapper().readTree(folder.resolve("logits.json").toFile()).get("prompts").get(0);
        int[] ids = new int[prompt.get("ids").size()];
        Arrays.setAll(ids, i -> prompt.get("ids").get(i).asInt());
        return of(name, folder, ids, StoredTensors.floats(ByteBuffer.wrap(Files.readAllBytes(folder.resolve("logits.f32")))));
    }

    private static FamilyFixture of(String name, Path folder, int[] ids, double[] logits) throws IOException {
        GptConfig config = config(name, new ObjectMapper().readTree(folder.resolve("config.json").toFile()));
        return new FamilyFixture(config, new Names(config, StoredTensors.read(folder.resolve("model.safetensors"))).ours(), ids, logits);
    }

    private static GptConfig config(String name, JsonNode c) {
        int width = c.get("hidden_size").asInt();
        int heads = c.get("num_attention_heads").asInt();
        int hs = c.path("head_dim").asInt(width / heads);
        double theta = c.path("rope_theta").asDouble(c.path("rotary_emb_base").asDouble());
        GptOptions llama = GptOptions.DEFAULT.with(o -> o.nLayer(c.get("num_hidden_layers").asInt()).nHead(heads).nEmbd(width).headSize(hs)
            .nKvHead(c.path("num_key_value_heads").asInt(heads)).nInner(c.get("intermediate_size").asInt())
            .contextLength(c.get("max_position_embeddings").asInt()).tieEmbeddings(c.get("tie_word_embeddings").asBoolean())
            .bias(false).positions(Positions.ROPE).rope(new RopeConfig(theta, Optional.empty())).activation(Activation.SWIGLU)
            .norm(Norm.RMS_NORM).normEps(c.path("rms_norm_eps").asDouble(c.path("layer_norm_eps").asDouble())));
        return llama.with(o -> deviate(name, c, hs, o)).over(c.get("vocab_size").asInt());
    }

    /** Sets the options that are special to the family. Numbers in the code are those that its config.json states or implies. */
    private static void deviate(String name, JsonNode c, int hs, GptOptionsBuilder o) {
        double theta = o.rope().theta();
        switch (name) {
            case "gemma", "gemma2", "gemma3" -> gemma(name, c, hs, o);
            case "granite" -> o.embeddingScale(12).residualScale(0.22).logitScale(1 / 8.0).attentionScale(0.125);
            case "llama3" -> o.rope(new RopeConfig(theta, Optional.of(new RopeConfig.Llama3Scaling(8, 1, 4, 32))));
            case "llamabias" -> o.bias(true).normBias(false);
            case "llamalinear" -> o.rope(new RopeConfig(theta, Optional.of(new RopeConfig.LinearScaling(4))));
            case "mistral" -> o.layers(List.of(window(4096, LayerRope.MAIN)));
            case "neox", "neoxseq" -> o.bias(true).norm(Norm.LAYER_NORM).activation(Activation.GELU).rotaryChannels(4)
                .branches(name.equals("neox") ? Branches.PARALLEL : Branches.SERIAL);
            case "olmo2" -> o.normPlacement(NormPlacement.POST).qkNorm(QkNorm.ALL);
            case "phi3", "llama" -> { }
            case "phi4mini" -> o.rotaryChannels(12);
            case "qwen2" -> o.qkvBias(true);
            case "qwen3" -> o.qkNorm(QkNorm.HEAD);
            case "smollm3" -> o.layers(List.of(LayerConfig.DEFAULT, LayerConfig.DEFAULT, LayerConfig.DEFAULT,
                new LayerConfig(Optional.empty(), LayerRope.NONE)));
            case "stablelm12b" -> stablelm(o).qkNorm(QkNorm.HEAD_EACH).branches(Branches.PARALLEL_ONE_NORM);
            case "stablelm2" -> stablelm(o).qkvBias(true);
            case "stablelm3b" -> stablelm(o);
            default -> throw new IllegalArgumentException(name);
        }
    }

    private static void gemma(String name, JsonNode c, int hs, GptOptionsBuilder o) {
        o.onePlusGain(true).activation(Activation.GEGLU_TANH).embeddingScale(Math.sqrt(c.get("hidden_size").asInt()));
        if (name.equals("gemma2")) {
            o.normPlacement(NormPlacement.SANDWICH).scoreCap(5.0).logitCap(3.0)
                .layers(List.of(window(8, LayerRope.MAIN), LayerConfig.DEFAULT));
        } else if (name.equals("gemma3")) {
            LayerConfig near = window(8, LayerRope.LOCAL);
            o.normPlacement(NormPlacement.SANDWICH).qkNorm(QkNorm.HEAD).layers(List.of(near, near, near, near, near, LayerConfig.DEFAULT))
                .localRope(new RopeConfig(10_000, Optional.empty()));
        }
    }

    private static GptOptionsBuilder stablelm(GptOptionsBuilder o) {
        return o.norm(Norm.LAYER_NORM).normBias(true).rotaryChannels(4);
    }

    private static LayerConfig window(int tokens, LayerRope rope) {
        return new LayerConfig(Optional.of(tokens), rope);
    }

    /** Turns the family's tensors into Inkling's arrays. */
    private record Names(GptConfig config, Map<String, double[]> stored, Map<String, double[]> out) {
        Names(GptConfig config, Map<String, double[]> stored) {
            this(config, stored, new LinkedHashMap<>());
        }

        Map<String, double[]> ours() {
            boolean neox = stored.containsKey("gpt_neox.embed_in.weight");
            String prefix = neox ? "gpt_neox." : "model.";
            out.put("wte.weight", stored.get(prefix + (neox ? "embed_in.weight" : "embed_tokens.weight")));
            vectors(prefix + (neox ? "final_layer_norm" : "norm"), "ln_f");
            if (!config.tieEmbeddings()) {
                out.put("lm_head.weight", stored.get(neox ? "embed_out.weight" : "lm_head.weight"));
            }
            for (int i = 0; i < config.nLayer(); i++) {
                if (neox) {
                    neox(prefix + "layers." + i + ".", "h." + i + ".");
                } else {
                    llama(prefix + "layers." + i + ".", "h." + i + ".");
                }
            }
            return out;
        }

        private void llama(String from, String to) {
            boolean after = config.norm().placement() != NormPlacement.PRE;
            vectors(from + "input_layernorm", to + "ln_1");
            vectors(from + "post_attention_layernorm", to + (after ? "ln_1_post" : "ln_2"));
            vectors(from + "pre_feedforward_layernorm", to + "ln_2");
            vectors(from + "post_feedforward_layernorm", to + "ln_2_post");
            vectors(from + "self_attn.q_norm", to + "attn.q_norm");
            vectors(from + "self_attn.k_norm", to + "attn.k_norm");
            eachHead(from + "self_attn.q_layernorm.norms.", to + "attn.q_norm.weight");
            eachHead(from + "self_attn.k_layernorm.norms.", to + "attn.k_norm.weight");
            if (stored.containsKey(from + "self_attn.qkv_proj.weight")) {
                linear(to + "attn.c_attn", from + "self_attn.qkv_proj");
                double[] both = stored.get(from + "mlp.gate_up_proj.weight");
                stored.put(from + "mlp.gate_proj.weight", Arrays.copyOf(both, both.length / 2));
                stored.put(from + "mlp.up_proj.weight", Arrays.copyOfRange(both, both.length / 2, both.length));
            } else {
                linear(to + "attn.c_attn", from + "self_attn.q_proj", from + "self_attn.k_proj", from + "self_attn.v_proj");
            }
            linear(to + "attn.c_proj", from + "self_attn.o_proj");
            linear(to + "mlp.c_gate", from + "mlp.gate_proj");
            linear(to + "mlp.c_fc", from + "mlp.up_proj");
            linear(to + "mlp.c_proj", from + "mlp.down_proj");
        }

        /** The rows of query_key_value are (nh, 3, hs): the query, key and value of each head together. */
        private void neox(String from, String to) {
            vectors(from + "input_layernorm", to + "ln_1");
            vectors(from + "post_attention_layernorm", to + "ln_2");
            for (String kind : List.of(".weight", ".bias")) {
                double[] rows = stored.get(from + "attention.query_key_value" + kind);
                int head = rows.length / config.attention().nHead() / 3;
                List<double[]> sorted = new ArrayList<>();
                for (int part = 0; part < 3; part++) {
                    for (int h = 0; h < config.attention().nHead(); h++) {
                        sorted.add(Arrays.copyOfRange(rows, (3 * h + part) * head, (3 * h + part + 1) * head));
                    }
                }
                stored.put(from + "qkv" + kind, StoredTensors.joined(sorted.toArray(double[][]::new)));
            }
            linear(to + "attn.c_attn", from + "qkv");
            linear(to + "attn.c_proj", from + "attention.dense");
            linear(to + "mlp.c_fc", from + "mlp.dense_h_to_4h");
            linear(to + "mlp.c_proj", from + "mlp.dense_4h_to_h");
        }

        private void vectors(String theirs, String ours) {
            for (String kind : List.of(".weight", ".bias")) {
                if (stored.containsKey(theirs + kind)) {
                    out.put(ours + kind, stored.get(theirs + kind));
                }
            }
        }

        private void eachHead(String theirs, String ours) {
            List<double[]> heads = new ArrayList<>();
            while (stored.containsKey(theirs + heads.size() + ".weight")) {
                heads.add(stored.get(theirs + heads.size() + ".weight"));
            }
            if (!heads.isEmpty()) {
                out.put(ours, StoredTensors.joined(heads.toArray(double[][]::new)));
            }
        }

        /** Puts the rows of all weights (out, in) into one matrix, and transposes it to (in, out). Joins the biases, too. */
        private void linear(String ours, String... theirs) {
            double[][] weights = Arrays.stream(theirs).map(t -> stored.get(t + ".weight")).toArray(double[][]::new);
            boolean widens = ours.endsWith("attn.c_attn") || ours.contains("mlp.c_fc") || ours.contains("mlp.c_gate");
            int in = widens ? config.nEmbd() : ours.endsWith("mlp.c_proj") ? config.mlp().nInner()
                : config.attention().nHead() * config.attention().headSize();
            out.put(ours + ".weight", StoredTensors.transposed(in, weights));
            if (stored.containsKey(theirs[0] + ".bias")) {
                double[][] biases = Arrays.stream(theirs).map(t -> stored.get(t + ".bias")).toArray(double[][]::new);
                out.put(ours + ".bias", StoredTensors.joined(biases));
            }
        }
    }
}
