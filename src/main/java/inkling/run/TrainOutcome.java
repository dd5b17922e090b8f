package inkling.run;

import inkling.checkpoint.Progress;
import inkling.data.source.DataConfig;
import inkling.train.Ending;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * How a training ended.
 *
 * @param run the directory of the run
 * @param progress the step that the run has reached, with the lowest validation loss that was measured
 * @param bestBitsPerByte the lowest validation loss in bits per UTF-8 byte of the predicted tokens. It is empty if the user stopped the
 *     run, if nothing was evaluated, or if the run learned preferences
 * @param tokensPerSecond of the median step of this session; NaN if there was no step
 * @param mfu model FLOPs utilisation of the median step, in [0, 1]. It is empty if the user stopped the run, if several workers trained, or
 *     if the session was too short to measure the peak
 * @param precision of matrix products, e.g. {@code bf16}; the machine's peak for {@code mfu} is measured in this precision
 * @param sample the sample prompt and its continuation by the final weights; "" if the user stopped the run or turned samples off
 * @param format of the data that the run learned from
 * @param command that continues the run: {@code train} or {@code cluster train}
 * @param words up to three words from the beginning of the training text, as a prompt; "" for conversations and pairs, or if there are none
 */
public record TrainOutcome(Path run, Ending ending, Progress progress, OptionalDouble bestBitsPerByte, double tokensPerSecond,
                           OptionalDouble mfu, String precision, String sample, DataConfig.Format format, String command, String words) {}
