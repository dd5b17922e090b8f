package inkling.serve.batch;

import inkling.engine.ComputeContext;
import inkling.generate.SampleByTokens;
import inkling.model.Gpt;

/**
 * A text that is made as {@code inkling sample} makes it, whatever else is going on: the same operations in the same order, so the same
 * bits. Each {@link #step} makes one token; the first reads the whole prompt.
 */
final class ExactText implements AutoCloseable {
    private final Work work;
    private final Telling telling;
    private final SampleByTokens sample;

    ExactText(Work work, Telling telling, Gpt gpt, ComputeContext context) {
        this.work = work;
        this.telling = telling;
        this.sample = new SampleByTokens(gpt, context, work.prompts(), work.prompt(), work.options(), telling);
        telling.prompt(work.prompt());
    }

    /** Returns whether there is more to do. */
    boolean step() {
        if (work.receiver().isCancelled()) {
            telling.complete(false, 0);
            return false;
        }
        boolean more;
        try {
            more = sample.step();
        } catch (RuntimeException e) {
            telling.failed(e);
            return false;
        }
        if (!more) {
            telling.complete(true, 0);
        }
        return more;
    }

    void fail(RuntimeException why) {
        telling.failed(why);
    }

    @Override
    public void close() {
        sample.close();
    }
}
