package inkling.model.config;

/** Which rotary positions a block has, in a model that has any. */
public enum LayerRope {
    /** Those of {@link GptConfig#rope}. */
    MAIN,
    /** Those of {@link GptConfig#localRope}: blocks with a window, in Gemma 3. */
    LOCAL,
    /** None: every fourth block of SmolLM 3. */
    NONE
}
