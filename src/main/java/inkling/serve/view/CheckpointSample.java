package inkling.serve.view;

import inkling.generate.Generation;
import inkling.generate.Generator;
import inkling.generate.SampleByTokens;
import inkling.generate.SamplingOptions;
import inkling.serve.api.SamplingFields;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.Batcher;
import inkling.serve.batch.QueueFullException;
import inkling.serve.batch.ServerStoppingException;
import inkling.serve.http.Exchange;
import inkling.serve.http.RequestFields;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How a checkpoint continues a text. Up to the end of the context, the same sampling options give the same text as {@code inkling sample
 * --checkpoint STEP}, which goes on there; the defaults differ. Each token is a task of its own for the model's thread, so that other
 * requests need not wait for the whole text.
 */
final class CheckpointSample {
    private static final int MOST_TOKENS = 512;
    private static final int DEFAULT_TOKENS = 60;

    private CheckpointSample() {}

    /** Makes the text, and gives it as {@code {step, seed, ids, text, finish_reason}}. {@code step} is null for the served model itself. */
    static Map<String, Object> json(Exchange exchange, RequestFields fields, ServedModel served, Checkpoints checkpoints)
                                    throws IOException {
        int asked = (int) fields.whole("max_tokens", 1, MOST_TOKENS).orElse(DEFAULT_TOKENS);
        int[] ids = TextIds.of(fields, served);
        SamplingOptions options = SamplingFields.options(fields, served,
            SamplingFields.room("prompt", served, ids.length, asked), List.of());
        int[] prompt = served.prompts().checked(ids, options);
        OptionalLong step = fields.whole("step", 0, Long.MAX_VALUE);
        Batcher thread = served.batcher();
        SampleByTokens sample = thread.call(() -> checkpoints.with(step, model ->
            new SampleByTokens(model.gpt(), model.context(), served.prompts(), prompt, options, Generator.Listener.NONE)));
        Generation.Sample made;
        try {
            while (thread.call(sample::step)) {
                if (exchange.isAbandoned()) {
                    throw new IOException("the client has left");
                }
            }
            made = sample.result();
        } finally {
            close(sample, thread);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("step", step.isPresent() ? step.getAsLong() : null);
        json.put("seed", options.seed());
        json.put("ids", made.ids());
        json.put("text", made.text().orElse(""));
        json.put("finish_reason", made.finishReason().name().toLowerCase(Locale.ROOT));
        return json;
    }

    /**
     * Frees the sample's memory on the model's thread; on the calling thread if the model's thread takes no more tasks. No step of the
     * sample is under way then.
     */
    private static void close(SampleByTokens sample, Batcher thread) {
        try {
            thread.call(() -> {
                sample.close();
                return true;
            });
        } catch (QueueFullException | ServerStoppingException e) {
            sample.close();
        }
    }
}
