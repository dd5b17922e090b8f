package inkling.serve.api;

import inkling.generate.Prompts;
import inkling.generate.SamplingOptions;
import inkling.serve.batch.Work;
import java.util.List;
import java.util.OptionalInt;

/**
 * A request for text, read and checked.
 *
 * @param prompts at least one
 * @param reading knows which ids end a text
 * @param options with {@code samples} as the request's {@code n}; {@code maxTokens} has no effect unless {@code generates}
 * @param generates false if only the prompt is asked for ({@code max_tokens: 0} with {@code echo})
 * @param logprobs how many of the likeliest tokens to tell for each token; empty for no log-probabilities
 * @param detail whether the answer also has token ids and progress, which OpenAI's API lacks
 * @param echo whether the prompt stands before its continuation
 */
record GenerateRequest(ServedModel model, List<Prompt> prompts, Prompts reading, SamplingOptions options, boolean generates, Work.Mode mode,
                       OptionalInt logprobs, Detail detail, boolean echo, Streaming streaming) {
    /** @param text as it was sent, or what the ids decode to */
    record Prompt(int[] ids, String text) {}

    /** {@link #WITH_USAGE}: the stream's last chunk tells the numbers of tokens. */
    enum Streaming { NONE, PLAIN, WITH_USAGE }

    /** {@code inkling.tokens} of a request. */
    enum Detail { NONE, TOKENS }

    /** {@code logprobs}, but 0 instead of empty if {@code detail} is asked for, which tells each drawn token's own log-probability. */
    OptionalInt neededLogprobs() {
        return logprobs.isEmpty() && detail == Detail.TOKENS ? OptionalInt.of(0) : logprobs;
    }

    /** How many choices the answer has: the samples of each prompt, one prompt after the other. */
    int choices() {
        return prompts.size() * options.samples();
    }
}
