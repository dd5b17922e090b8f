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
 * @param options {@code samples} is the request's {@code n}; {@code maxTokens} has no effect if {@code generates} is false
 * @param generates false if only the prompt is asked for ({@code max_tokens: 0} with {@code echo})
 * @param logprobs how many of the likeliest tokens to tell for each token; empty for no log-probabilities
 * @param detail whether the answer also has token ids and, in a stream, progress, which OpenAI's API lacks
 * @param echo whether the answer repeats the prompt before its continuation
 */
record GenerateRequest(ServedModel model, List<Prompt> prompts, Prompts reading, SamplingOptions options, boolean generates, Work.Mode mode,
                       OptionalInt logprobs, Detail detail, boolean echo, Streaming streaming) {
    /** @param text as the client sent it, or decoded from the client's ids; "" for a conversation and for an empty prompt */
    record Prompt(int[] ids, String text) {}

    /** {@link #WITH_USAGE}: the stream's last chunk tells the numbers of tokens. */
    enum Streaming { NONE, PLAIN, WITH_USAGE }

    /** {@code inkling.tokens} of a request. */
    enum Detail { NONE, TOKENS }

    /**
     * {@link #logprobs}; or 0 if that is empty and the request asks for {@link Detail#TOKENS}, since the detail tells the log-probability
     * of each drawn token.
     */
    OptionalInt neededLogprobs() {
        return logprobs.isEmpty() && detail == Detail.TOKENS ? OptionalInt.of(0) : logprobs;
    }

    /** How many choices the answer has: the samples of the first prompt, then those of the second, and so on. */
    int choices() {
        return prompts.size() * options.samples();
    }
}
