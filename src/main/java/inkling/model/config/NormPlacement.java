package inkling.model.config;

/** Where the norms of a block stand. Each constant shows what is added to the residual stream x; f is attention or the MLP. */
public enum NormPlacement {
    /** f(norm(x)): most models. */
    PRE,
    /** norm(f(x)): OLMo 2. */
    POST,
    /** norm(f(norm(x))): Gemma 2 and 3. */
    SANDWICH;

    /** Whether the input of attention and MLP is normalised. */
    public boolean before() {
        return this != POST;
    }

    /** Whether the output of attention and MLP is normalised. */
    public boolean after() {
        return this != PRE;
    }
}
