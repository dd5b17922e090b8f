package inkling.serve.batch;

import inkling.generate.Generation.FinishReason;

/** Takes the results of one {@link Work}. Its methods are called on the model's thread and must not wait. */
public interface Receiver {
    /** So many tokens of a long prompt have been read, and there are more. */
    void read(int tokens);

    /** A token was drawn; only where log-probabilities were asked for. */
    void token(int sample, TokenChances chances);

    /** More text of a sample, never half a character or what may begin a stop string. */
    void text(int sample, String text);

    /** @param tokens that were drawn, the one that ended it included */
    void finished(int sample, FinishReason reason, int tokens);

    /** All samples are finished; {@code cached} tokens of the prompt had been read for an earlier request. */
    void complete(int cached);

    /** There is no more: the model could not go on, or the server stops. */
    void failed(RuntimeException why);

    /** Whether nobody wants the rest. */
    boolean isCancelled();
}
