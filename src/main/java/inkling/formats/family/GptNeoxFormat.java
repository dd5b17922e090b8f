package inkling.formats.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.formats.keys.LayerTypes;
import inkling.formats.keys.RopeSettings;
import inkling.io.json.JsonFields;
import inkling.model.GptLayout.Weights;
import inkling.model.Part;
import inkling.model.config.Activation;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import inkling.model.config.Norm;
import inkling.model.config.RopeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * GPT-NeoX and Pythia: GPT-2's LayerNorm, biases and plain MLP, with rope in a part of each head. Attention and MLP may read the same
 * vectors, each through its own norm. One linear gives queries, keys and values, head by head. Source: Transformers'
 * {@code configuration_gpt_neox.py} and {@code modeling_gpt_neox.py}.
 */
public final class GptNeoxFormat extends LlamaKin {
    private static final String OLD_THETA = "rotary_emb_base";
    private static final String PART = "rotary_pct";
    private static final double USUAL_PART = 0.25;
    private static final String PARALLEL = "use_parallel_residual";
    private static final String EPS = "layer_norm_eps";
    private static final String BIAS = "attention_bias";

    public GptNeoxFormat() {
        super("gpt_neox", "GPTNeoXForCausalLM", Set.of(EPS, PART, OLD_THETA, PARALLEL, BIAS),
            Set.of("hidden_dropout", "classifier_dropout"));
    }

    @Override
    RopeConfig rope(JsonFields fields) {
        if (fields.has(OLD_THETA) && fields.has(THETA) && fields.requireDouble(OLD_THETA) != fields.requireDouble(THETA)) {
            throw fields.fault(OLD_THETA, "is another name of %s, and must be the same.".formatted(fields.said(THETA)));
        }
        return settings(fields).partial();
    }

    private RopeSettings settings(JsonFields fields) {
        return RopeSettings.of(fields, fields.has(OLD_THETA) ? OLD_THETA : THETA, usualTheta());
    }

    @Override
    Optional<Integer> rotaryChannels(JsonFields fields, int headSize) {
        return Optional.of(settings(fields).channels(PART, USUAL_PART, headSize));
    }

    /** A missing {@code hidden_act} means {@code gelu}, the exact form. */
    @Override
    Activation activation(JsonFields fields) {
        return Gpt2Format.activation(fields, "hidden_act", "gelu");
    }

    @Override
    GptOptions own(JsonFields fields, GptOptions llama) {
        LayerTypes.requireFull(fields);
        boolean bias = fields.optionalBoolean(BIAS).orElse(true);
        return llama.with(o -> o.bias(true).qkvBias(bias).outBias(bias).mlpBias(true).norm(Norm.LAYER_NORM).normBias(true)
            .normEps(fields.optionalDouble(EPS).orElse(1e-5))
            .branches(fields.optionalBoolean(PARALLEL).orElse(true) ? Branches.PARALLEL : Branches.SERIAL));
    }

    @Override
    void writeOwn(GptConfig config, ObjectNode node) {
        node.put("hidden_act", Gpt2Format.name(config.mlp().activation()).orElse("gelu"));
        node.put(EPS, config.norm().eps());
        node.put(PARALLEL, config.branches() != Branches.SERIAL).put(PART, RopeSettings.part(config.attention()))
            .put(OLD_THETA, config.rope().theta());
    }

    @Override
    String embedding() {
        return "gpt_neox.embed_in.weight";
    }

    @Override
    String finalNorm() {
        return "gpt_neox.final_layer_norm";
    }

    @Override
    public String unembedding() {
        return "embed_out.weight";
    }

    @Override
    public String prefix() {
        return "gpt_neox.";
    }

    @Override
    List<Stored> tensors(Block block, Part part) {
        long c = block.config().nEmbd();
        return switch (part) {
            case QKV -> block.linear("attention.query_key_value", part, headByHead(block.ours(part), block.config()));
            case ATTENTION_OUT -> block.linear("attention.dense", part, 0, c);
            case MLP_UP -> block.linear("mlp.dense_h_to_4h", part, 0, block.config().mlp().nInner());
            case MLP_OUT -> block.linear("mlp.dense_4h_to_h", part, 0, c);
            case ATTENTION_NORM, MLP_NORM, ATTENTION_POST_NORM, MLP_POST_NORM, QUERY_NORM, KEY_NORM, MLP_GATE ->
                super.tensors(block, part);
        };
    }

    /** Rows (nh, 3, hs): for each head its query, key and value. */
    private static List<Piece> headByHead(Weights ours, GptConfig config) {
        long hs = config.attention().headSize();
        long width = config.attention().queryWidth();
        List<Piece> pieces = new ArrayList<>();
        for (int head = 0; head < config.attention().nHead(); head++) {
            for (int kind = 0; kind < 3; kind++) {
                pieces.add(new Piece(ours, kind * width + head * hs, hs));
            }
        }
        return pieces;
    }
}
