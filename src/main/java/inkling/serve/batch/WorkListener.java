package inkling.serve.batch;

import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Generation;
import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator;
import inkling.generate.batch.BatchResult;
import java.util.Optional;

/** Follows the generation of one {@link Work}: passes its results on to the receiver, and counts them in the figures. */
final class WorkListener implements Generator.Listener {
    private final Work work;
    private final BatchFigures figures;
    private final long arrived = System.nanoTime();
    private boolean running;
    private boolean hasToken;

    WorkListener(Work work, BatchFigures figures) {
        this.work = work;
        this.figures = figures;
    }

    /** The work begins. */
    @Override
    public void prompt(int[] ids) {
        running = true;
        figures.begun(work.options().samples());
    }

    @Override
    public void promptRead(int tokens) {
        work.receiver().read(tokens);
    }

    @Override
    public void token(int sample, DrawnToken step, Candidates candidates) {
        if (!hasToken) {
            hasToken = true;
            figures.firstToken(System.nanoTime() - arrived);
        }
        figures.drawn();
        work.logprobs().ifPresent(n -> work.receiver().token(sample, TokenLogprobs.of(candidates.logits(), step.id(), n)));
    }

    @Override
    public void text(int sample, String text) {
        work.receiver().text(sample, text);
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        if (result.finishReason() != FinishReason.CANCELLED) {
            work.receiver().finished(sample, result.finishReason(), result.ids().length);
        }
    }

    /**
     * The session has ended the work.
     *
     * @param closing the reason that the receiver gets if the session was closed before the work was complete
     */
    void ended(Optional<BatchResult> result, Optional<Throwable> fault, RuntimeException closing) {
        if (fault.isPresent()) {
            failed(fault.get() instanceof RuntimeException known ? known : new IllegalStateException(fault.get()));
        } else if (result.get().generation().samples().stream().noneMatch(s -> s.finishReason() == FinishReason.CANCELLED)) {
            complete(true, result.get().reusedTokens());
        } else if (isCancelled()) {
            complete(false, 0);
        } else {
            failed(closing);
        }
    }

    /**
     * The work has ended without a fault.
     *
     * @param whole whether the work is complete; false if its receiver cancelled it
     * @param cached how many tokens of the prompt had been read for an earlier prompt
     */
    void complete(boolean whole, int cached) {
        figures.ended(running ? work.options().samples() : 0, whole);
        if (whole) {
            figures.promptFinished(work.prompt().length, cached);
            work.receiver().complete(cached);
        }
    }

    boolean isCancelled() {
        return work.receiver().isCancelled();
    }

    void failed(RuntimeException why) {
        figures.ended(running ? work.options().samples() : 0, false);
        work.receiver().failed(why);
    }
}
