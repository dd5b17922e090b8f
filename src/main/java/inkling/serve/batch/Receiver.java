package inkling.serve.batch;

import inkling.generate.Generation.FinishReason;

/** Takes the results of one {@link Work}. Its methods are called on the model's thread and must not wait. */
public interface Receiver {
    /** {@code tokens} tokens of a long prompt have been read so far; its other tokens are still to be read. */
    void read(int tokens);

    /** A token was drawn; called only if log-probabilities were asked for. */
    void token(int sample, TokenLogprobs logprobs);

    /** More text of a sample. It never ends in half a character, or in characters that may begin a stop string. */
    void text(int sample, String text);

    /** A sample has ended. @param tokens how many tokens were drawn for it, the one that ended it included */
    void finished(int sample, FinishReason reason, int tokens);

    /** All samples are finished; {@code cached} tokens of the prompt had been read for an earlier request. */
    void complete(int cached);

    /** The work has ended early, because the model could not go on or the server stops. */
    void failed(RuntimeException why);

    /** Whether the rest is no longer wanted; the work then ends. */
    boolean isCancelled();
}
