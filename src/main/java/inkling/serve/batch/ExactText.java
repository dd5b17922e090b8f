package inkling.serve.batch;

import inkling.engine.ComputeContext;
import inkling.generate.SampleByTokens;
import inkling.model.Gpt;

/**
 * A text that is generated alone, by the operations of {@code inkling sample} in the same order. So its logits have the same bits as
 * there, and other prompts do not change them. Each {@link #step} makes one token; the first step reads the whole prompt before that.
 */
final class ExactText implements AutoCloseable {
    private final Work work;
    private final WorkListener listener;
    private final SampleByTokens sample;

    ExactText(Work work, WorkListener listener, Gpt gpt, ComputeContext context) {
        this.work = work;
        this.listener = listener;
        this.sample = new SampleByTokens(gpt, context, work.prompts(), work.prompt(), work.options(), listener);
        listener.prompt(work.prompt());
    }

    /** Returns whether there is more to do. */
    boolean step() {
        if (work.receiver().isCancelled()) {
            listener.complete(false, 0);
            return false;
        }
        boolean more;
        try {
            more = sample.step();
        } catch (RuntimeException e) {
            listener.failed(e);
            return false;
        }
        if (!more) {
            listener.complete(true, 0);
        }
        return more;
    }

    void fail(RuntimeException why) {
        listener.failed(why);
    }

    @Override
    public void close() {
        sample.close();
    }
}
