package inkling.reference;

import inkling.model.config.RopeConfig;
import inkling.model.config.RopeConfig.LinearScaling;
import inkling.model.config.RopeConfig.Llama3Scaling;
import inkling.model.config.RopeConfig.LongRopeScaling;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021, arXiv:2104.09864). Of a head's d rotated channels, i and i + d/2 form pair i, as in
 * Hugging Face's Llama. Scalings follow {@code modeling_rope_utils.py} of Transformers.
 */
final class ReferenceRope {
    private ReferenceRope() {}

    /** Radians per position for pair i of d = {@code rotated} channels: theta^(-2i/d), with wavelengths stretched as configured. */
    static double[] frequencies(RopeConfig rope, int rotated) {
        double[] out = new double[rotated / 2];
        for (int i = 0; i < out.length; i++) {
            double frequency = Math.pow(rope.theta(), -2.0 * i / rotated);
            RopeConfig.Scaling scaling = rope.scaling().orElse(null);
            if (scaling instanceof Llama3Scaling llama3) {
                frequency = stretched(frequency, llama3);
            } else if (scaling instanceof LinearScaling linear) {
                frequency /= linear.factor();
            } else if (scaling instanceof LongRopeScaling longRope) {
                frequency /= longRope.factors().get(i);
            }
            out[i] = frequency;
        }
        return out;
    }

    /** The factor of cos and sin. */
    static double magnitude(RopeConfig rope) {
        return rope.scaling().orElse(null) instanceof LongRopeScaling scaling ? scaling.magnitude() : 1;
    }

    /**
     * Llama 3.1's rule (reference code of the release; Transformers' {@code rope_type: llama3}): wavelengths below
     * context/high stay, those above context/low are stretched by {@code factor}, and those between change smoothly from one to the other.
     */
    private static double stretched(double frequency, Llama3Scaling s) {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < s.originalContextLength() / s.highFreqFactor()) {
            return frequency;
        }
        if (wavelength > s.originalContextLength() / s.lowFreqFactor()) {
            return frequency / s.factor();
        }
        double smooth = (s.originalContextLength() / wavelength - s.lowFreqFactor()) / (s.highFreqFactor() - s.lowFreqFactor());
        return (1 - smooth) * frequency / s.factor() + smooth * frequency;
    }

    /** Rotates row t of a head's rotated channels (T, d) by position t, and multiplies it by {@code magnitude}. */
    static Matrix rotate(Tape tape, Matrix head, double[] frequencies, double magnitude) {
        int half = frequencies.length;
        Matrix cosine = new Matrix(head.rows, half);
        Matrix sine = new Matrix(head.rows, half);
        for (int t = 0; t < head.rows; t++) {
            for (int i = 0; i < half; i++) {
                cosine.value[t * half + i] = magnitude * Math.cos(t * frequencies[i]);
                sine.value[t * half + i] = magnitude * Math.sin(t * frequencies[i]);
            }
        }
        Matrix first = tape.columns(head, 0, half);
        Matrix second = tape.columns(head, half, half);
        Matrix minusSecond = tape.scale(second, -1);
        return tape.join(List.of(
            tape.add(tape.times(first, cosine), tape.times(minusSecond, sine)),
            tape.add(tape.times(second, cosine), tape.times(first, sine))));
    }
}
