package inkling.serve.batch;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.generate.SampleInProgress;
import inkling.model.Gpt;

/**
 * A text that is made as {@code inkling sample} makes it, whatever else is going on: the same operations in the same order, so the same
 * bits. Each {@link #step} makes one token; the first reads the whole prompt.
 */
final class ExactText implements AutoCloseable {
    private final Work work;
    private final Telling telling;
    private final NDManager manager;
    private final GptLogits logits;
    private final SampleInProgress sample;
    private boolean read;

    ExactText(Work work, Telling telling, Gpt gpt, ComputeContext context) {
        this.work = work;
        this.telling = telling;
        this.manager = context.manager();
        this.logits = new GptLogits(gpt, manager, context);
        this.sample = work.prompts().begin(0, work.prompt(), work.options(), telling);
        logits.keep(0, Math.min(work.prompt().length + work.options().maxTokens(), logits.contextLength()), 0);
        telling.prompt(work.prompt());
    }

    /** Returns whether there is more to do. */
    boolean step() {
        if (work.receiver().isCancelled()) {
            telling.complete(false, 0);
            return false;
        }
        try {
            sample.advance(logits.read(read ? new int[] {sample.lastId()} : work.prompt())[0]);
            read = true;
        } catch (RuntimeException e) {
            telling.failed(e);
            return false;
        }
        if (sample.isComplete()) {
            telling.complete(true, 0);
        }
        return !sample.isComplete();
    }

    void fail(RuntimeException why) {
        telling.failed(why);
    }

    @Override
    public void close() {
        logits.close();
        manager.close();
    }
}
