package inkling.serve.batch;

import inkling.generate.Generation.FinishReason;

/** Takes the results of one {@link Work}. Its methods are called on the model's thread and must not wait. */
public interface Receiver {
    /** {@code tokens} tokens of a long prompt have been read so far; the prompt's other tokens are still to be read. */
    void read(int tokens);

    /** A token was drawn; called only if log-probabilities were asked for. */
    void token(int sample, TokenLogprobs logprobs);

    /** A sample has more text. Until the sample ends, a part of a character, or text that may begin a stop string, is held back. */
    void text(int sample, String text);

    /** A sample is complete. @param tokens how many tokens were drawn for it, including the token that ended it */
    void finished(int sample, FinishReason reason, int tokens);

    /** All samples are complete; {@code cached} tokens of the prompt had been read for an earlier prompt. */
    void complete(int cached);

    /** The work has ended early, because the model could not go on or is being closed. */
    void failed(RuntimeException why);

    /** Whether nobody wants the rest of the results. If so, the work ends. */
    boolean isCancelled();
}
