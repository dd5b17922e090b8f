package inkling.model.config;

/** Which rotary positions a block uses, in a model with rotary positions. */
public enum LayerRope {
    /** The rotary positions of {@link GptConfig#rope()}. */
    MAIN,
    /** The rotary positions of {@link GptConfig#localRope}; in Gemma 3, the blocks with a window use them. */
    LOCAL,
    /** No rotary positions, as in every fourth block of SmolLM 3. */
    NONE
}
