package inkling.run;

import inkling.checkpoint.Progress;
import inkling.data.source.DataConfig;
import inkling.train.Ending;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * How a training ended.
 *
 * @param run its directory
 * @param progress where the run stands, with the lowest loss that was measured, at a stop too
 * @param bestBitsPerByte the lowest validation loss in bits per UTF-8 byte of the predicted tokens
 * @param tokensPerSecond of the median step of this session; NaN if there was none
 * @param mfu model FLOPs utilisation in [0, 1] of that step; empty for sessions that are too short to measure the machine's peak for
 * @param precision of products, and of the peak that {@code mfu} is a share of, e.g. {@code bf16}
 * @param sample the sample prompt and its continuation by the final weights; "" if samples are turned off
 * @param format what the run learned from
 * @param command that goes on with it: {@code train} or {@code cluster train}
 * @param words up to three of its text, which a sample may continue; "" for conversations, and if there are none
 */
public record TrainOutcome(Path run, Ending ending, Progress progress, OptionalDouble bestBitsPerByte, double tokensPerSecond,
                           OptionalDouble mfu, String precision, String sample, DataConfig.Format format, String command, String words) {}
