package inkling.serve.batch;

import inkling.generate.Generation.FinishReason;

/** Takes the results of one {@link Work}. Its methods are called on the model's thread and must not wait. */
public interface Receiver {
    /** {@code tokens} tokens of a long prompt have been read so far; the prompt's other tokens are still to be read. */
    void read(int tokens);

    /** A token was drawn; called only if log-probabilities were asked for. */
    void token(int sample, TokenLogprobs logprobs);

    /** A sample has more text. The text never ends within a character, or with characters that may begin a stop string. */
    void text(int sample, String text);

    /** A sample has ended. @param tokens how many tokens were drawn for it, including the token that ended it */
    void finished(int sample, FinishReason reason, int tokens);

    /** All samples are finished; {@code cached} tokens of the prompt had been read for an earlier request. */
    void complete(int cached);

    /** The work has ended early, because the model could not go on or the server stops. */
    void failed(RuntimeException why);

    /** Whether nobody wants the rest of the results. If so, the work ends. */
    boolean isCancelled();
}
