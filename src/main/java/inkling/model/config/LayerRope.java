package inkling.model.config;

/** Which rotary positions a block uses, in a model with rotary positions. */
public enum LayerRope {
    /** Those of {@link GptConfig#rope}. */
    MAIN,
    /** Those of {@link GptConfig#localRope}; in Gemma 3, the blocks with a window use them. */
    LOCAL,
    /** None: every fourth block of SmolLM 3. */
    NONE
}
