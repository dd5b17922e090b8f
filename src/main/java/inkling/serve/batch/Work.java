package inkling.serve.batch;

import inkling.generate.Prompts;
import inkling.generate.SamplingOptions;
import java.util.OptionalInt;

/**
 * One prompt that a model is asked to continue, in as many samples as {@code options} say.
 *
 * @param prompt at least one id; with the new tokens at most as long as the model's context
 * @param prompts knows which ids end a sample
 * @param mode whether other requests may change the last bits of the logits
 * @param logprobs how many of the likeliest tokens to tell for each drawn token; empty for no log-probabilities at all
 * @param receiver takes the results, on the model's thread
 */
public record Work(int[] prompt, Prompts prompts, SamplingOptions options, Mode mode, OptionalInt logprobs, Receiver receiver) {
    /**
     * {@link #SHARED}: steps together with other prompts, and reuses the keys and values of an earlier prompt with the same beginning.
     * {@link #APART}: steps together with others, but reads its whole prompt. {@link #EXACT}: is computed alone, with the same bits as in a
     * session of its own, and has one sample.
     */
    public enum Mode { SHARED, APART, EXACT }
}
