package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The architecture of a decoder-only transformer. It states every value, even a value that would follow from others. To make a GptConfig,
 * use {@link GptOptions}, where most values have a default, or change an existing GptConfig: {@code config.with(c -> c.dropout(0.1))}.
 *
 * @param vocabSize V, rows of the embedding
 * @param contextLength the most tokens of a sequence: the largest T
 * @param nLayer number of blocks
 * @param nEmbd C, width of the residual stream
 * @param dropout probability of dropout, in [0, 1), on embeddings, attention weights and residual branches; in training only
 * @param tieEmbeddings whether the unembedding is the embedding matrix; an unembedding never has a bias
 * @param rope rotary positions; used if {@code positions} is {@link Positions#ROPE}
 * @param localRope the rotary positions of blocks whose {@link LayerConfig} says {@link LayerRope#LOCAL}
 * @param branches whether the MLP runs after attention or beside it
 * @param layers what differs between blocks: block i has entry i modulo the length of the list. The constructor replaces the list by the
 *     shortest one with the same meaning
 */
@RecordBuilder
public record GptConfig(int vocabSize, int contextLength, int nLayer, int nEmbd, double dropout, boolean tieEmbeddings,
                        Positions positions, RopeConfig rope, RopeConfig localRope, Branches branches, List<LayerConfig> layers,
                        AttentionConfig attention, MlpConfig mlp, NormConfig norm, ScaleConfig scales) implements GptConfigBuilder.With {
    // The first three limits are above those of the models that we know, and so low that the size of all weights in bytes fits into 64
    // bits. The last one bounds the memory of rope's table: a gigabyte each for its cosines and its sines.
    static final int WIDEST = 1 << 20;
    static final int LONGEST = 1 << 24;
    private static final int MOST_LAYERS = 1 << 14;
    private static final long LARGEST_TABLE = 1 << 28;

    public GptConfig {
        boolean turned = positions == Positions.ROPE;
        int channels = attention.rotaryChannels();
        long angles = (long) contextLength * channels;
        layers = List.copyOf(LayerConfig.shortest(layers, Math.min(nLayer, MOST_LAYERS)));
        new Problems()
            .check(nLayer <= MOST_LAYERS, "n_layer", "n_layer = %d must be at most %d.", nLayer, MOST_LAYERS)
            .check(nEmbd <= WIDEST, "n_embd", "n_embd = %d must be at most %d.", nEmbd, WIDEST)
            .check(contextLength <= LONGEST, "context_length", "context_length = %d must be at most %d.", contextLength, LONGEST)
            .check(!turned || angles <= LARGEST_TABLE, "context_length",
                "context_length = %d times the %d channels that rope turns in a head is a table of %d angles; at most %d are allowed.",
                contextLength, channels, angles, LARGEST_TABLE)
            .check(vocabSize > 0, "vocab_size", "vocab_size = %d must be positive.", vocabSize)
            .check(nLayer > 0, "n_layer", "n_layer = %d must be positive.", nLayer)
            .check(nEmbd > 0, "n_embd", "n_embd = %d must be positive.", nEmbd)
            .check(contextLength > 0, "context_length", "context_length = %d must be positive.", contextLength)
            .check(dropout >= 0 && dropout < 1, "dropout", "dropout = %s must be in [0, 1).", dropout)
            .check(!turned || channels % 2 == 0, channels == attention.headSize() ? "positions" : "rotary_channels",
                "positions: rope turns pairs of channels, but %s = %d is odd.",
                channels != attention.headSize() ? "rotary_channels" : attention.queryWidth() == nEmbd ? "the head size n_embd / n_head"
                    : "head_size", channels)
            .check(!layers.isEmpty(), "layers", "layers = [] describes no block; leave it out for blocks that are all alike.")
            .check(turned || layers.stream().allMatch(layer -> layer.rope() == LayerRope.MAIN), "layers",
                "layers: rope: blocks may differ in rope only if positions = rope, but positions = %s.",
                positions.name().toLowerCase(Locale.ROOT))
            .check(branches != Branches.PARALLEL_ONE_NORM || norm.placement().before(), "branches",
                "branches = parallel_one_norm needs a norm before attention; norm_placement = post has none.")
            .throwIfAny();
        requireFactors("rope", rope, channels);
        requireFactors("local_rope", localRope, channels);
    }

    private static void requireFactors(String key, RopeConfig rope, int channels) {
        if (rope.scaling().orElse(null) instanceof RopeConfig.LongRopeScaling scaling) {
            new Problems().check(2 * scaling.factors().size() == channels, key,
                "%s: scaling: factors: there are %d, but one is needed for each of the %d / 2 pairs of channels that rope turns.", key,
                scaling.factors().size(), channels).throwIfAny();
        }
    }

    /** The options of one block. */
    public LayerConfig layer(int block) {
        return layers.get(block % layers.size());
    }

    /** How many tokens a token attends to in this block, itself included: the block's window, at most the context length. */
    public int window(int block) {
        return Math.min(contextLength, layer(block).window().orElse(contextLength));
    }

    /** @throws IllegalArgumentException if {@code tokens} is more than {@link #contextLength} */
    public void requireContextFor(int tokens) {
        if (tokens > contextLength) {
            throw new IllegalArgumentException("%d tokens do not fit a context of %d".formatted(tokens, contextLength));
        }
    }

    /** The rotary positions of a block; empty if it has none. */
    public Optional<RopeConfig> rope(int block) {
        return positions != Positions.ROPE ? Optional.empty() : switch (layer(block).rope()) {
            case MAIN -> Optional.of(rope);
            case LOCAL -> Optional.of(localRope);
            case NONE -> Optional.empty();
        };
    }
}
