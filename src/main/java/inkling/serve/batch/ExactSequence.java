package inkling.serve.batch;

import ai.djl.ndarray.NDManager;
import inkling.engine.ComputeContext;
import inkling.generate.GptLogits;
import inkling.model.Gpt;

/** A sequence that is read as {@code inkling sample} reads it, whatever else is going on: the same operations, so the same bits. */
final class ExactSequence implements Sequences.Sequence {
    private final NDManager manager;
    private final GptLogits logits;
    private int length;

    ExactSequence(Gpt gpt, ComputeContext context, int room) {
        manager = context.manager();
        logits = new GptLogits(gpt, manager, context);
        logits.keep(0, Math.min(room, logits.contextLength()), 0);
    }

    /** The first time the whole prompt, then one token at a time. */
    float[] read(int... ids) {
        length += ids.length;
        return logits.read(ids)[0];
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void close() {
        logits.close();
        manager.close();
    }
}
