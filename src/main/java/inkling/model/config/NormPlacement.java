package inkling.model.config;

/** Where the norms of a block stand. What attention and MLP add to the residual stream x is, with f for either of them: */
public enum NormPlacement {
    /** f(norm(x)): most models. */
    PRE,
    /** norm(f(x)): OLMo 2. */
    POST,
    /** norm(f(norm(x))): Gemma 2 and 3. */
    SANDWICH;

    /** Whether what attention and MLP read is normalised. */
    public boolean before() {
        return this != POST;
    }

    /** Whether what they give is. */
    public boolean after() {
        return this != PRE;
    }
}
