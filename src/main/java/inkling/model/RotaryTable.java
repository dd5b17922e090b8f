package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.model.config.GptConfig;
import inkling.model.config.RopeConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The cosines and sines of rotary positions, (context, d) each, for the d channels of a head that are rotated. The angle is position ·
 * frequency. The frequency of pair i is theta^(−2i/d) (Su et al. 2021, arXiv:2104.09864). Channels i and i + d/2 form pair i, so both
 * halves of a row are the same. A {@link RopeConfig.Scaling} changes the frequencies, and its magnitude multiplies cos and sin.
 */
record RotaryTable(NDArray cos, NDArray sin) {

    /** One entry per block; it is empty for a block without rotary positions. Blocks with the same {@link RopeConfig} share one table. */
    static List<Optional<RotaryTable>> ofBlocks(NDManager manager, GptConfig config) {
        Map<RopeConfig, RotaryTable> tables = new HashMap<>();
        return IntStream.range(0, config.nLayer()).mapToObj(config::rope).map(turned -> turned.map(rope ->
            tables.computeIfAbsent(rope, r -> of(manager, r, config.contextLength(), config.attention().rotaryChannels())))).toList();
    }

    static RotaryTable of(NDManager manager, RopeConfig rope, int contextLength, int channels) {
        int half = channels / 2;
        double magnitude = rope.scaling().map(RopeConfig.Scaling::magnitude).orElse(1.0);
        float[] cos = new float[Math.multiplyExact(contextLength, channels)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < half; i++) {
            double frequency = frequency(rope, i, channels);
            for (int position = 0; position < contextLength; position++) {
                int at = position * channels + i;
                cos[at] = cos[at + half] = (float) (magnitude * Math.cos(position * frequency));
                sin[at] = sin[at + half] = (float) (magnitude * Math.sin(position * frequency));
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
