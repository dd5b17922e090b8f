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
 * @param progress where it stands, with the lowest loss that was measured, at a stop too
 * @param bestBitsPerByte of the lowest validation loss, over the UTF-8 bytes of the predicted tokens
 * @param tokensPerSecond of the median step of this session; NaN if there was none
 * @param mfu model FLOPs utilisation in [0, 1] of that step; empty for sessions too short to measure the machine's peak beside them
 * @param sample the sample prompt and its continuation by the final weights; "" where samples are turned off
 * @param format what it learned from
 * @param words of its text, which a sample may continue; "" for conversations and where there are none
 */
public record TrainOutcome(Path run, Ending ending, Progress progress, OptionalDouble bestBitsPerByte, double tokensPerSecond,
                           OptionalDouble mfu, String sample, DataConfig.Format format, String words) {}
