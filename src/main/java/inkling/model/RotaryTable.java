package inkling.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * cos and sin of position · frequency, (context, hs) each, both halves alike, for half-split pairs.
 * Frequencies theta^(−2i/hs) (Su et al. 2021, arXiv:2104.09864); Llama 3's scaling as its reference code computes it.
 */
record RotaryTable(NDArray cos, NDArray sin) {

    static RotaryTable of(NDManager manager, RopeConfig rope, int contextLength, int headSize) {
        int half = headSize / 2;
        float[] cos = new float[Math.multiplyExact(contextLength, headSize)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < half; i++) {
            double frequency = frequency(rope, i, headSize);
            for (int position = 0; position < contextLength; position++) {
                int at = position * headSize + i;
                cos[at] = cos[at + half] = (float) Math.cos(position * frequency);
                sin[at] = sin[at + half] = (float) Math.sin(position * frequency);
            }
        }
        Shape shape = new Shape(contextLength, headSize);
        return new RotaryTable(manager.create(cos, shape), manager.create(sin, shape));
    }

    static double frequency(RopeConfig rope, int pair, int headSize) {
        double frequency = Math.pow(rope.theta(), -2.0 * pair / headSize);
        return rope.scaling().map(scaling -> scaled(frequency, scaling)).orElse(frequency);
    }

    private static double scaled(double frequency, RopeConfig.Llama3Scaling scaling) {
        double wavelength = 2 * Math.PI / frequency;
        double turns = scaling.originalContextLength() / wavelength; // within the context the model was first trained on
        if (turns < scaling.lowFreqFactor()) {
            return frequency / scaling.factor();
        }
        if (turns > scaling.highFreqFactor()) {
            return frequency;
        }
        double smooth = (turns - scaling.lowFreqFactor()) / (scaling.highFreqFactor() - scaling.lowFreqFactor());
        return (1 - smooth) * frequency / scaling.factor() + smooth * frequency;
    }
}
