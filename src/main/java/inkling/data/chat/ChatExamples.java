package inkling.data.chat;

import inkling.data.Batches;
import inkling.data.EvaluationWindows;
import inkling.data.source.DataConfig.Order;

/** Examples to fine-tune on: conversations, each of which is one window, or pairs of answers, each of which is two windows. */
public interface ChatExamples {
    /** How many examples there are: n. */
    int count();

    /** The user's word for the examples: {@code conversations}. */
    String kind();

    /**
     * The batches of a training run. Place r of micro-step k has example (k·B + r) mod n in sequential order; in random order, draw k·B + r
     * from the seed chooses one of the n examples.
     *
     * @param batch B, examples in a batch
     */
    Batches batches(Order order, int batch, long seed);

    /** Every example once, in batches of at most {@code batch} examples. */
    EvaluationWindows windows(int batch);

    /** {@code batches} full batches of examples that are drawn once from the seed. */
    EvaluationWindows windows(int batch, int batches, long seed);
}
