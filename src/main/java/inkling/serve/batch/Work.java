package inkling.serve.batch;

import inkling.generate.Prompts;
import inkling.generate.SamplingOptions;
import java.util.OptionalInt;

/**
 * One prompt that a model is asked to continue, in as many samples as {@code options} say.
 *
 * @param prompt at least one id; with the new tokens at most as long as the model's context
 * @param prompts says which ids end a sample
 * @param mode whether other requests may change the last bits of the logits
 * @param logprobs how many of the likeliest tokens to tell for each token; empty for no log-probabilities at all
 * @param receiver takes the results, on the model's thread
 */
public record Work(int[] prompt, Prompts prompts, SamplingOptions options, Mode mode, OptionalInt logprobs, Receiver receiver) {
    /**
     * {@link #SHARED}: steps together with others, and takes over what was read of an equal beginning. {@link #APART}: steps together, but
     * reads its whole prompt. {@link #EXACT}: neither; the very bits of a session of its own. It has one sample.
     */
    public enum Mode { SHARED, APART, EXACT }
}
