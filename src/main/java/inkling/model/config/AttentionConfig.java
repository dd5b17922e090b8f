package inkling.model.config;

import inkling.errors.Problems;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The shape and options of attention.
 *
 * @param nHead nh, the number of query heads
 * @param nKvHead the number of key/value heads; divides {@code nHead} (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245)
 * @param headSize hs, channels of one head; nh · hs may differ from C
 * @param rotaryChannels the number of channels of a head that rope rotates, always the first ones; {@link GptConfig} requires an
 *     even number if rope is used
 * @param scale the factor of the scores q·k; hs^−½ in most models
 * @param scoreCap c in c·tanh(score / c), which keeps scores within ±c (Gemma 2); infinite for no cap
 * @param qkNorm whether and how queries and keys are normalised
 * @param qkvBias whether queries, keys and values have a bias
 * @param outBias whether the linear that writes to the residual stream has a bias
 */
@RecordBuilder
public record AttentionConfig(int nHead, int nKvHead, int headSize, int rotaryChannels, double scale, double scoreCap, QkNorm qkNorm,
                              boolean qkvBias, boolean outBias) implements AttentionConfigBuilder.With {
    /** Four heads of 32 channels; everything else as in GPT-2. */
    public static final AttentionConfig DEFAULT = new AttentionConfig(4, 4, 32, 32, usualScale(32), ScaleConfig.UNCAPPED, QkNorm.NONE,
        true, true);

    private static final int MOST_HEADS = 1 << 20;

    public AttentionConfig {
        new Problems()
            .check(nHead <= MOST_HEADS, "n_head", "n_head = %d must be at most %d.", nHead, MOST_HEADS)
            .check(headSize <= GptConfig.WIDEST, "head_size", "head_size = %d must be at most %d.", headSize, GptConfig.WIDEST)
            .check((long) nHead * headSize <= GptConfig.LONGEST, "head_size",
                "head_size = %d times n_head = %d must be at most %d.", headSize, nHead, GptConfig.LONGEST)
            .check(nHead > 0, "n_head", "n_head = %d must be positive.", nHead)
            .check(nKvHead > 0, "n_kv_head", "n_kv_head = %d must be positive.", nKvHead)
            .check(headSize > 0, "head_size", "head_size = %d must be positive.", headSize)
            .check(nHead <= 0 || nKvHead <= 0 || nHead % nKvHead == 0, "n_kv_head",
                "n_kv_head = %d does not divide n_head = %d: every key/value head serves n_head / n_kv_head query heads.", nKvHead, nHead)
            .check(rotaryChannels > 0 && rotaryChannels <= headSize, "rotary_channels",
                "rotary_channels = %d must be in 1 … %d, the head size.", rotaryChannels, headSize)
            .check(Double.isFinite(scale) && scale > 0, "attention_scale", "attention_scale = %s must be positive.", scale)
            .check(scoreCap > 0, "score_cap", "score_cap = %s must be positive.", scoreCap)
            .throwIfAny();
    }

    /** hs^−½ (Vaswani et al. 2017, arXiv:1706.03762). */
    public static double usualScale(int headSize) {
        return 1 / Math.sqrt(headSize);
    }

    /** Whether {@link #scale} is {@link #usualScale(int)} for this head size, hs^−½, as in most models. */
    public boolean usualScale() {
        return scale == usualScale(headSize);
    }

    /** {@link #scale} · √hs, 1 in most models. Queries are multiplied by this factor, because kernels always multiply q·k by hs^−½. */
    public double queryFactor() {
        return usualScale() ? 1 : scale * Math.sqrt(headSize);
    }

    /** nh · hs: the columns of the queries, and of the output of all heads. */
    public int queryWidth() {
        return nHead * headSize;
    }

    /** Columns of the keys, and of the values. */
    public int kvWidth() {
        return nKvHead * headSize;
    }

    /** Columns of queries, keys and values side by side. */
    public int qkvWidth() {
        return queryWidth() + 2 * kvWidth();
    }
}
