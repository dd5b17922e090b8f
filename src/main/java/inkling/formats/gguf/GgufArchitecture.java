package inkling.formats.gguf;

import inkling.formats.family.ModelFormat;
import inkling.formats.family.ModelFormat.Piece;
import inkling.formats.family.ModelFormat.Stored;
import inkling.model.GptLayout;
import inkling.model.GptLayout.Weights;
import inkling.model.Part;
import inkling.model.config.GptConfig;
import inkling.model.config.QkNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One of llama.cpp's architectures: the names of its tensors and the order of their rows. Source: {@code gguf-py/gguf/constants.py} and
 * {@code llama-model.cpp} of llama.cpp.
 */
public enum GgufArchitecture {
    GPT2("gpt2", Set.of("gpt2"), Trait.FUSED_QKV, Trait.ALL_BIASES, Trait.ALWAYS_OUTPUT),
    LLAMA("llama", Set.of("llama", "mistral"), Trait.INTERLEAVED, Trait.MAY_HAVE_BIASES),
    QWEN2("qwen2", Set.of("qwen2"), Trait.SQUARE),
    QWEN3("qwen3", Set.of("qwen3")),
    SMOLLM3("smollm3", Set.of("smollm3"), Trait.INTERLEAVED),
    GEMMA("gemma", Set.of("gemma"), Trait.ONE_PLUS, Trait.NO_OUTPUT),
    GEMMA2("gemma2", Set.of("gemma2"), Trait.ONE_PLUS, Trait.NO_OUTPUT),
    GEMMA3("gemma3", Set.of("gemma3_text"), Trait.ONE_PLUS),
    GPT_NEOX("gptneox", Set.of("gpt_neox"), Trait.FUSED_QKV, Trait.ALL_BIASES, Trait.ALWAYS_OUTPUT),
    PHI3("phi3", Set.of("phi3"), Trait.FUSED_QKV, Trait.FUSED_GATE, Trait.SQUARE),
    GRANITE("granite", Set.of("granite"), Trait.INTERLEAVED, Trait.MAY_HAVE_BIASES),
    OLMO2("olmo2", Set.of("olmo2"), Trait.ALWAYS_OUTPUT, Trait.SQUARE),
    STABLELM("stablelm", Set.of("stablelm"), Trait.ALWAYS_OUTPUT, Trait.MAY_HAVE_BIASES);

    enum Trait {
        /** Queries, keys and values are one tensor. */
        FUSED_QKV,
        /** The MLP's gate and up projection are one tensor, the gate's rows first. */
        FUSED_GATE,
        /** In each head of queries and keys, rotary pair i is rows 2i and 2i + 1, instead of i and i + hs/2. */
        INTERLEAVED,
        /** Every linear and norm has a bias; zeros where the model has none. */
        ALL_BIASES,
        /** Linears of attention and MLP may have biases. */
        MAY_HAVE_BIASES,
        /** The weight w of a norm is stored as 1 + w. */
        ONE_PLUS,
        /** A written file always has the unembedding; if the model ties it to the embedding, it is a copy of the embedding. */
        ALWAYS_OUTPUT,
        /** llama.cpp ties the unembedding to the embedding, so a written file never has it. */
        NO_OUTPUT,
        /** The heads together are as wide as the residual stream: nh · hs = C. */
        SQUARE
    }

    static final String OUTPUT = "output.weight";
    static final String EMBEDDING = "token_embd.weight";

    private final String word;
    private final Set<String> families;
    private final Set<Trait> traits;

    GgufArchitecture(String word, Set<String> families, Trait... traits) {
        this.word = word;
        this.families = families;
        this.traits = Set.of(traits);
    }

    /** The value of {@code general.architecture}, with which the architecture's other keys begin, e.g. {@code llama}. */
    public String word() {
        return word;
    }

    /** The architecture whose {@link #word} this is. */
    public static Optional<GgufArchitecture> named(String word) {
        return Arrays.stream(values()).filter(architecture -> architecture.word.equals(word)).findFirst();
    }

    /** The architecture in which llama.cpp computes models of {@code family}; empty if llama.cpp has none. */
    public static Optional<GgufArchitecture> of(ModelFormat family) {
        return Arrays.stream(values()).filter(architecture -> architecture.families.contains(family.modelType())).findFirst();
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** 1 if the file stores the weight w of a norm as 1 + w, else 0. */
    public float addedToGains() {
        return has(Trait.ONE_PLUS) ? 1 : 0;
    }

    /** Every tensor that holds parameters, in the order of writing; with {@link Trait#ALL_BIASES} also biases that the model lacks. */
    public List<Stored> tensors(GptConfig config) {
        GptConfig full = has(Trait.ALL_BIASES) ? config.with(c -> c.attention(config.attention().with(a -> a.qkvBias(true).outBias(true)))
            .mlp(config.mlp().withBias(true)).norm(config.norm().withBias(true))) : config;
        GptLayout layout = GptLayout.of(full);
        List<Stored> tensors = new ArrayList<>();
        tensors.add(same(EMBEDDING, layout.tokenEmbedding(), layout));
        layout.positionEmbedding().ifPresent(positions -> tensors.add(same("position_embd.weight", positions, layout)));
        for (int block = 0; block < config.nLayer(); block++) {
            for (Part part : layout.parts()) {
                tensors.addAll(new Block("blk." + block + ".", block, layout, full).tensors(part));
            }
        }
        tensors.addAll(norm("output_norm", layout.finalNorm(), config.nEmbd()));
        if (!config.tieEmbeddings() || has(Trait.ALWAYS_OUTPUT)) {
            tensors.add(same(OUTPUT, layout.unembedding(), layout));
        }
        return tensors;
    }

    /** The dimensions that a tensor has in the file, row-major. Norms that differ from head to head are a matrix (nh, hs) there. */
    public static List<Long> shape(Stored stored, GptConfig config) {
        long[] shape = stored.shape().getShape();
        boolean each = config.attention().qkNorm() == QkNorm.HEAD_EACH && stored.name().matches(".*\\.attn_[qk]_norm\\.weight");
        return each ? List.of(shape[0] / config.attention().headSize(), (long) config.attention().headSize())
            : Arrays.stream(shape).boxed().toList();
    }

    private static Stored same(String theirs, String ours, GptLayout layout) {
        return Stored.same(theirs, layout.spec(ours).shape(), ours);
    }

    private static List<Stored> norm(String theirs, Weights ours, long width) {
        List<Stored> stored = new ArrayList<>(List.of(Stored.part(theirs + ".weight", ours.weight(), 0, width)));
        ours.bias().ifPresent(bias -> stored.add(Stored.part(theirs + ".bias", bias, 0, width)));
        return stored;
    }

    /** One block's tensors; their names begin with {@code name}. */
    private final class Block {
        private final String name;
        private final int index;
        private final GptLayout layout;
        private final GptConfig config;

        Block(String name, int index, GptLayout layout, GptConfig config) {
            this.name = name;
            this.index = index;
            this.layout = layout;
            this.config = config;
        }

        List<Stored> tensors(Part part) {
            long c = config.nEmbd();
            long inner = config.mlp().nInner();
            Weights ours = layout.weights(index, part);
            return switch (part) {
                case ATTENTION_NORM -> norm(name + "attn_norm", ours, c);
                case ATTENTION_POST_NORM -> norm(name + "post_attention_norm", ours, c);
                case MLP_NORM -> norm(name + "ffn_norm", ours, c);
                case MLP_POST_NORM -> norm(name + "post_ffw_norm", ours, c);
                case QUERY_NORM -> norm(name + "attn_q_norm", ours, layout.spec(ours.weight()).shape().get(0));
                case KEY_NORM -> norm(name + "attn_k_norm", ours, layout.spec(ours.weight()).shape().get(0));
                case QKV -> attention(ours);
                case ATTENTION_OUT -> linear("attn_output", part, List.of(new Piece(ours, 0, c)));
                case MLP_GATE -> has(Trait.FUSED_GATE) ? List.of() : linear("ffn_gate", part, List.of(new Piece(ours, 0, inner)));
                case MLP_UP -> linear("ffn_up", part, has(Trait.FUSED_GATE)
                    ? List.of(new Piece(layout.weights(index, Part.MLP_GATE), 0, inner), new Piece(ours, 0, inner))
                    : List.of(new Piece(ours, 0, inner)));
                case MLP_OUT -> linear("ffn_down", part, List.of(new Piece(ours, 0, c)));
            };
        }

        private List<Stored> attention(Weights ours) {
            long q = config.attention().queryWidth();
            long kv = config.attention().kvWidth();
            if (has(Trait.FUSED_QKV)) {
                return linear("attn_qkv", Part.QKV, List.of(new Piece(ours, 0, q + 2 * kv)));
            }
            List<Stored> three = new ArrayList<>(linear("attn_q", Part.QKV, rows(ours, 0, config.attention().nHead())));
            three.addAll(linear("attn_k", Part.QKV, rows(ours, q, config.attention().nKvHead())));
            three.addAll(linear("attn_v", Part.QKV, List.of(new Piece(ours, q + kv, kv))));
            return three;
        }

        /** The channels of {@code heads} heads, in the order of the file's rows. In {@code ours} these heads begin at {@code column}. */
        private List<Piece> rows(Weights ours, long column, int heads) {
            int hs = config.attention().headSize();
            if (!has(Trait.INTERLEAVED)) {
                return List.of(new Piece(ours, column, (long) heads * hs));
            }
            List<Piece> rows = new ArrayList<>();
            for (int head = 0; head < heads; head++) {
                for (int pair = 0; pair < hs / 2; pair++) {
                    rows.add(new Piece(ours, column + (long) head * hs + pair, 1));
                    rows.add(new Piece(ours, column + (long) head * hs + pair + hs / 2, 1));
                }
            }
            return rows;
        }

        private List<Stored> linear(String theirs, Part part, List<Piece> pieces) {
            return Stored.linear(name + theirs, layout.shape(part).get(0), pieces);
        }
    }

}
