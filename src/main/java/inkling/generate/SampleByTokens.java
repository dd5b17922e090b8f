package inkling.generate;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;

/**
 * One sample that is made one token at a time, for a thread that does other things between two tokens. The operations are those of a
 * new {@link GenerationSession}, in the same order, so the bits are the same. {@link Generator.Listener#prompt} is not called. The caller
 * closes this object when no step is under way. Any thread may do so: {@link #close} frees memory, and gives the calling thread all of the
 * context's threads again.
 */
public final class SampleByTokens implements AutoCloseable {
    private final int[] prompt;
    private final NDManager manager;
    private final GptLogits logits;
    private final SampleInProgress sample;
    private boolean read;

    /**
     * @param gpt may be closed before this is
     * @param prompt as {@link Prompts#checked} returned it; together with the new tokens, at most as long as the model's context
     * @param options for the one sample, whose number is 0; their number of samples is not used
     */
    public SampleByTokens(Gpt gpt, ComputeContext context, Prompts prompts, int[] prompt, SamplingOptions options,
                          Generator.Listener listener) {
        this.prompt = prompt;
        this.manager = context.manager();
        try {
            this.logits = new GptLogits(gpt.view(manager), manager, context);
            this.sample = prompts.begin(0, prompt, options, listener);
            logits.keep(0, Math.min(prompt.length + options.maxTokens(), logits.contextLength()), 0);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Makes one token; the first call reads the whole prompt before that. Returns whether there is more to do. */
    public boolean step() {
        sample.advance(logits.read(read ? new int[] {sample.lastId()} : prompt)[0]);
        read = true;
        return !sample.isComplete();
    }

    /** The whole sample, after {@link #step} has returned false. */
    public Generation.Sample result() {
        return sample.result();
    }

    @Override
    public void close() {
        logits.close();
        manager.close();
    }
}
