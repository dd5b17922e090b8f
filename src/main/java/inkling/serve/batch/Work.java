package inkling.serve.batch;

import inkling.generate.Prompts;
import inkling.generate.SamplingOptions;
import java.util.OptionalInt;

/**
 * One prompt for a model to continue, in as many samples as {@code options} say.
 *
 * @param prompt at least one id; prompt and new tokens together are at most as long as the model's context
 * @param prompts knows which ids end a sample
 * @param logprobs how many of the likeliest tokens to tell for each drawn token; empty for no log-probabilities at all
 * @param receiver takes the results, on the model's thread
 */
public record Work(int[] prompt, Prompts prompts, SamplingOptions options, Mode mode, OptionalInt logprobs, Receiver receiver) {
    /**
     * How much the work shares with other requests.
     *
     * <ul>
     *   <li>{@link #SHARED}: it is computed together with other prompts, and may reuse keys and values of an earlier text with the same
     *       beginning. Both may change the last bits of the logits.
     *   <li>{@link #APART}: it is computed together with other prompts, but the model reads its whole prompt.
     *   <li>{@link #EXACT}: it is computed alone, with the same bits as in a session of its own. It has one sample.
     * </ul>
     */
    public enum Mode { SHARED, APART, EXACT }
}
