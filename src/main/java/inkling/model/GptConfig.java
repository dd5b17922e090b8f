package inkling.model;

import inkling.io.Problems;

/**
 * The architecture of a decoder-only transformer; every value resolved (no "null means").
 *
 * @param vocabSize V, rows of the embedding
 * @param nLayer blocks
 * @param nHead nh, query heads; divides {@code nEmbd}
 * @param nKvHead key and value heads; divides {@code nHead} (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245)
 * @param nEmbd C, width of the residual stream
 * @param nInner width of the MLP
 * @param contextLength longest T
 * @param dropout probability in [0, 1) on embeddings, attention weights and residual branches, in training only
 * @param bias on every linear except the unembedding, and on LayerNorm
 * @param tieEmbeddings whether the unembedding is the embedding matrix
 * @param rope used where {@code positions} is {@link Positions#ROPE}
 * @param normEps added to the variance or mean square
 */
public record GptConfig(int vocabSize, int nLayer, int nHead, int nKvHead, int nEmbd, int nInner, int contextLength,
                        double dropout, boolean bias, boolean tieEmbeddings, Positions positions, RopeConfig rope,
                        Norm norm, double normEps, Activation activation) {

    private static final int MOST_LAYERS = 1 << 14;
    private static final int WIDEST = 1 << 20;
    private static final int LONGEST = 1 << 24;
    private static final long LARGEST_TABLE = 1 << 28;

    public GptConfig {
        new Problems()
            // Bounds far beyond any known model, within which no product of shapes leaves 64 bits.
            .check(nLayer <= MOST_LAYERS, "n_layer", "n_layer = %d must be at most %d.", nLayer, MOST_LAYERS)
            .check(nHead <= WIDEST, "n_head", "n_head = %d must be at most %d.", nHead, WIDEST)
            .check(nEmbd <= WIDEST, "n_embd", "n_embd = %d must be at most %d.", nEmbd, WIDEST)
            .check(nInner <= LONGEST, "n_inner", "n_inner = %d must be at most %d.", nInner, LONGEST)
            .check(contextLength <= LONGEST, "context_length", "context_length = %d must be at most %d.", contextLength, LONGEST)
            .check(positions != Positions.ROPE || nHead <= 0 || (long) contextLength * (nEmbd / nHead) <= LARGEST_TABLE, "context_length",
                "context_length = %d of heads of %d channels: the angles of rope would be %d numbers; at most %d are.", contextLength,
                nHead <= 0 ? 0 : nEmbd / nHead, nHead <= 0 ? 0 : (long) contextLength * (nEmbd / nHead), LARGEST_TABLE)
            .check(vocabSize > 0, "vocab_size", "vocab_size = %d must be positive.", vocabSize)
            .check(nLayer > 0, "n_layer", "n_layer = %d must be positive.", nLayer)
            .check(nHead > 0, "n_head", "n_head = %d must be positive.", nHead)
            .check(nKvHead > 0, "n_kv_head", "n_kv_head = %d must be positive.", nKvHead)
            .check(nEmbd > 0, "n_embd", "n_embd = %d must be positive.", nEmbd)
            .check(nInner > 0, "n_inner", "n_inner = %d must be positive.", nInner)
            .check(contextLength > 0, "context_length", "context_length = %d must be positive.", contextLength)
            .check(dropout >= 0 && dropout < 1, "dropout", "dropout = %s must be in [0, 1).", dropout)
            .check(Double.isFinite(normEps) && normEps > 0, "norm_eps", "norm_eps = %s must be positive.", normEps)
            .check(nHead <= 0 || nEmbd <= 0 || nEmbd % nHead == 0, "n_head",
                "n_head = %d does not divide n_embd = %d: every head gets n_embd / n_head channels. Change one of them, e.g. n_embd: %d.",
                nHead, nEmbd, nHead <= 0 ? 0 : (long) nHead * (nEmbd / nHead + 1))
            .check(nHead <= 0 || nKvHead <= 0 || nHead % nKvHead == 0, "n_kv_head",
                "n_kv_head = %d does not divide n_head = %d: every key/value head serves n_head / n_kv_head query heads.", nKvHead, nHead)
            .check(positions != Positions.ROPE || nHead <= 0 || nEmbd % nHead != 0 || nEmbd / nHead % 2 == 0, "positions",
                "positions: rope turns pairs of channels, but the head size n_embd / n_head = %d is odd.", nHead <= 0 ? 0 : nEmbd / nHead)
            .throwIfAny();
    }

    /** hs = C / nh, channels of one head. */
    public int headSize() {
        return nEmbd / nHead;
    }

    /** Columns of {@code attn.c_attn}: q, then k, then v. */
    public int qkvWidth() {
        return nEmbd + 2 * nKvHead * headSize();
    }

    public boolean gated() {
        return activation == Activation.SWIGLU;
    }

    /** Width of the MLP where the run file leaves {@code n_inner} out: 4·C, for SwiGLU 8·C/3 rounded up to a multiple of 64. */
    public static int defaultInner(int nEmbd, Activation activation) {
        return (int) Math.min(Integer.MAX_VALUE, activation == Activation.SWIGLU ? (8L * nEmbd + 191) / 192 * 64 : 4L * nEmbd);
    }

    /** This architecture with another dropout, as fine-tuning may ask. */
    public GptConfig withDropout(double p) {
        return new GptConfig(vocabSize, nLayer, nHead, nKvHead, nEmbd, nInner, contextLength, p, bias, tieEmbeddings,
            positions, rope, norm, normEps, activation);
    }
}
