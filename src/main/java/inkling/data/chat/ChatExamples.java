package inkling.data.chat;

import inkling.data.Batches;
import inkling.data.EvaluationWindows;
import inkling.data.source.DataConfig.Order;

/** Examples to fine-tune on: conversations or pairs of answers. A conversation is one window, a pair is two windows. */
public interface ChatExamples {
    /** The number of examples: n. */
    int count();

    /** How messages name the examples: {@code conversations} or {@code pairs}. */
    String kind();

    /**
     * The batches of a training run. A batch has B examples, at places 0 … B − 1. In sequential order, place r of micro-step k has example
     * (k·B + r) mod n. In random order, draw k·B + r from the seed chooses the example at that place.
     *
     * @param batch B
     */
    Batches batches(Order order, int batch, long seed);

    /** Every example once, in batches of at most {@code batch} examples. */
    EvaluationWindows windows(int batch);

    /** {@code batches} full batches of examples. The same seed draws the same examples. */
    EvaluationWindows windows(int batch, int batches, long seed);
}
