package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.model.config.GptConfig;
import inkling.model.config.Positions;
import inkling.model.config.RopeConfig;
import java.util.Optional;

/**
 * cos and sin of position · frequency, (context, d) each, both halves alike, for half-split pairs of the d channels that are turned.
 * Frequencies theta^(−2i/d) (Su et al. 2021, arXiv:2104.09864); Llama 3's scaling as its reference code computes it.
 */
record RotaryTable(NDArray cos, NDArray sin) {

    /** Empty where the model has no rope. */
    static Optional<RotaryTable> of(NDManager manager, GptConfig config) {
        return config.positions() != Positions.ROPE ? Optional.empty()
            : Optional.of(of(manager, config.rope(), config.contextLength(), config.attention().rotaryChannels()));
    }

    static RotaryTable of(NDManager manager, RopeConfig rope, int contextLength, int channels) {
        int half = channels / 2;
        float[] cos = new float[Math.multiplyExact(contextLength, channels)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < half; i++) {
            double frequency = frequency(rope, i, channels);
            for (int position = 0; position < contextLength; position++) {
                int at = position * channels + i;
                cos[at] = cos[at + half] = (float) Math.cos(position * frequency);
                sin[at] = sin[at + half] = (float) Math.sin(position * frequency);
            }
        }
        Shape shape = new Shape(contextLength, channels);
        return new RotaryTable(manager.create(cos, shape), manager.create(sin, shape));
    }

    static double frequency(RopeConfig rope, int pair, int channels) {
        double frequency = Math.pow(rope.theta(), -2.0 * pair / channels);
        return rope.scaling().map(scaling -> scaling.frequency(frequency, pair)).orElse(frequency);
    }
}
