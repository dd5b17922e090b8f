package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import inkling.engine.Matrix;
import inkling.engine.Precision.Storage;
import inkling.model.ParameterSpec.Role;
import inkling.model.config.AttentionConfig;
import inkling.model.config.Branches;
import inkling.model.config.GptConfig;
import inkling.model.config.NormPlacement;
import inkling.model.config.Positions;
import inkling.model.config.QkNorm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The arrays that a model of a given architecture stores: their names, shapes and order. The names are GPT-2's, or similar if GPT-2 lacks
 * the array. Other code takes names and shapes from this description, e.g. for initial values, checks, adapters, optimizers, file formats
 * and the single-token pass.
 *
 * <p>Example: {@code GptLayout.of(config).weights(3, Part.QKV).weight()} is {@code h.3.attn.c_attn.weight}.
 */
public final class GptLayout {
    private static final String TOKENS = "wte.weight";
    private static final String POSITIONS = "wpe.weight";
    private static final String FINAL_NORM = "ln_f";
    private static final String HEAD = "lm_head.weight";

    private final GptConfig config;
    private final Map<String, ParameterSpec> specs = new LinkedHashMap<>();

    /**
     * The names of a linear's or a norm's parameters: the weight, and the bias if there is one.
     *
     * @param name the prefix that both names share, e.g. {@code h.3.attn.c_attn}
     */
    public record Weights(String name, String weight, Optional<String> bias) {
        static Weights of(String name, boolean biased) {
            return new Weights(name, name + ".weight", biased ? Optional.of(name + ".bias") : Optional.empty());
        }
    }

    private GptLayout(GptConfig config) {
        this.config = config;
    }

    /** The layout of {@code config}, without adapters. */
    public static GptLayout of(GptConfig config) {
        GptLayout layout = new GptLayout(config);
        long c = config.nEmbd();
        layout.add(table(TOKENS, config.vocabSize(), c, Role.TOKEN_EMBEDDING));
        if (config.positions() == Positions.LEARNED) {
            layout.add(table(POSITIONS, config.contextLength(), c, Role.POSITION_EMBEDDING));
        }
        for (int block = 0; block < config.nLayer(); block++) {
            for (Part part : layout.parts()) {
                layout.add(block, part);
            }
        }
        layout.addNorm(layout.finalNorm(), new Shape(c), OptionalInt.empty());
        if (!config.tieEmbeddings()) {
            layout.add(table(HEAD, config.vocabSize(), c, Role.UNEMBEDDING));
        }
        return layout;
    }

    /**
     * As {@link #of(GptConfig)}, followed by the arrays of the adapters.
     *
     * @throws inkling.errors.ConfigException if an adapter's target is not a weight of this architecture
     */
    public static GptLayout of(GptConfig config, Optional<Lora> lora) {
        GptLayout layout = of(config);
        lora.ifPresent(adapters -> adapters.specs(config).forEach(layout::add));
        return layout;
    }

    private static ParameterSpec table(String name, long rows, long columns, Role role) {
        return new ParameterSpec(name, new Shape(rows, columns), role, OptionalInt.empty(), false);
    }

    private void add(ParameterSpec spec) {
        specs.put(spec.name(), spec);
    }

    private void add(int block, Part part) {
        Weights weights = weights(block, part);
        if (part.isNorm()) {
            addNorm(weights, new Shape(width(part)), OptionalInt.of(block));
            return;
        }
        Shape shape = shape(part);
        add(new ParameterSpec(weights.weight(), shape, Role.LINEAR, OptionalInt.of(block), part.toResidual()));
        weights.bias().ifPresent(bias ->
            add(new ParameterSpec(bias, new Shape(shape.get(1)), Role.LINEAR_BIAS, OptionalInt.of(block), false)));
    }

    private void addNorm(Weights norm, Shape shape, OptionalInt block) {
        add(new ParameterSpec(norm.weight(), shape, Role.NORM_GAIN, block, false));
        norm.bias().ifPresent(bias -> add(new ParameterSpec(bias, shape, Role.NORM_BIAS, block, false)));
    }

    /** The norms and linears that each block has, in order. */
    public List<Part> parts() {
        return Arrays.stream(Part.values()).filter(this::has).toList();
    }

    /** Whether each block has this norm or linear. */
    public boolean has(Part part) {
        NormPlacement placement = config.norm().placement();
        return switch (part) {
            case QKV, ATTENTION_OUT, MLP_UP, MLP_OUT -> true;
            case MLP_GATE -> config.mlp().gated();
            case QUERY_NORM, KEY_NORM -> config.attention().qkNorm() != QkNorm.NONE;
            case ATTENTION_NORM -> placement.before();
            case MLP_NORM -> placement.before() && config.branches() != Branches.PARALLEL_ONE_NORM;
            case ATTENTION_POST_NORM, MLP_POST_NORM -> placement.after();
        };
    }

    /** How many numbers a norm's weight holds. */
    private long width(Part norm) {
        AttentionConfig attention = config.attention();
        boolean shared = attention.qkNorm() == QkNorm.HEAD;
        return switch (norm) {
            case QUERY_NORM -> shared ? attention.headSize() : attention.queryWidth();
            case KEY_NORM -> shared ? attention.headSize() : attention.kvWidth();
            case ATTENTION_NORM, ATTENTION_POST_NORM, MLP_NORM, MLP_POST_NORM -> config.nEmbd();
            case QKV, ATTENTION_OUT, MLP_GATE, MLP_UP, MLP_OUT -> throw new IllegalArgumentException(norm + " is no norm");
        };
    }

    /** The linears of each block, in order. */
    public List<Part> linears() {
        return parts().stream().filter(part -> !part.isNorm()).toList();
    }

    /** The shape (in, out) of a linear's weight, even for a linear that this architecture lacks. */
    public Shape shape(Part linear) {
        long c = config.nEmbd();
        return switch (linear) {
            case QKV -> new Shape(c, config.attention().qkvWidth());
            case ATTENTION_OUT -> new Shape(config.attention().queryWidth(), c);
            case MLP_GATE, MLP_UP -> new Shape(c, config.mlp().nInner());
            case MLP_OUT -> new Shape(config.mlp().nInner(), c);
            case ATTENTION_NORM, QUERY_NORM, KEY_NORM, ATTENTION_POST_NORM, MLP_NORM, MLP_POST_NORM ->
                throw new IllegalArgumentException(linear + " is no linear");
        };
    }

    private boolean biased(Part part) {
        return switch (part) {
            case ATTENTION_NORM, ATTENTION_POST_NORM, MLP_NORM, MLP_POST_NORM -> config.norm().bias();
            case QUERY_NORM, KEY_NORM -> false;
            case QKV -> config.attention().qkvBias();
            case ATTENTION_OUT -> config.attention().outBias();
            case MLP_GATE, MLP_UP, MLP_OUT -> config.mlp().bias();
        };
    }

    /** The parameter names of a norm or linear of a block. */
    public Weights weights(int block, Part part) {
        return Weights.of("h." + block + "." + part.path(), biased(part));
    }

    /** The norm after the last block. */
    public Weights finalNorm() {
        return Weights.of(FINAL_NORM, config.norm().bias());
    }

    /** The name of the table of token vectors, (V, C). */
    public String tokenEmbedding() {
        return TOKENS;
    }

    /** The name of the table of learned position vectors, (context, C); empty if the model has none. */
    public Optional<String> positionEmbedding() {
        return specs.containsKey(POSITIONS) ? Optional.of(POSITIONS) : Optional.empty();
    }

    /** The name of the matrix (V, C) that turns vectors into logits. With tied embeddings this is the token embedding. */
    public String unembedding() {
        return config.tieEmbeddings() ? TOKENS : HEAD;
    }

    /** All arrays, in order. */
    public List<ParameterSpec> specs() {
        return List.copyOf(specs.values());
    }

    /** All names, in order. */
    public List<String> names() {
        return List.copyOf(specs.keySet());
    }

    public boolean has(String name) {
        return specs.containsKey(name);
    }

    /** The names of the matrices in matrix products, without adapters: the weights of the linear layers, and the unembedding. */
    public List<String> ofProducts() {
        return specs.values().stream().filter(spec -> spec.role() == Role.LINEAR || spec.name().equals(unembedding()))
            .map(ParameterSpec::name).toList();
    }

    /** Converts a float32 parameter for a model with matrices in {@code storage}; vectors and the position table stay in float32. */
    public Matrix stored(String name, NDArray array, Storage storage) {
        if (spec(name).shape().dimension() != 2 || positionEmbedding().filter(name::equals).isPresent()) {
            return new Matrix(array);
        }
        boolean table = name.equals(tokenEmbedding()) || name.equals(unembedding());
        return table ? Matrix.ofTable(array, storage) : Matrix.ofLayer(array, storage);
    }

    /** @throws IllegalArgumentException if an array is missing or has another shape */
    void requireShapes(Parameters parameters) {
        specs.values().forEach(spec -> {
            Shape shape = parameters.shape(spec.name());
            if (!shape.equals(spec.shape())) {
                throw new IllegalArgumentException("%s is %s, expected %s".formatted(spec.name(), shape, spec.shape()));
            }
        });
    }

    /** @throws IllegalArgumentException if nothing is called {@code name} */
    public ParameterSpec spec(String name) {
        ParameterSpec spec = specs.get(name);
        if (spec == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return spec;
    }
}
