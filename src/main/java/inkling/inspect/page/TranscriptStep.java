package inkling.inspect.page;

import inkling.generate.Candidates;
import inkling.generate.Distribution;
import inkling.generate.DrawnToken;
import inkling.generate.Largest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The data of one drawn token in the page. Of the V logits, the page holds the 100 largest. For all other finite logits together, it
 * has two figures for each position of the temperature slider ({@link Rest}). From these, the page can compute an exact softmax and its
 * entropy. All logits are after bias and penalties, as in the distribution from which the token was drawn.
 *
 * @param ids the ids of the held logits, the largest logit first
 * @param logits the logits of {@code ids}, as float32; the most negative finite float stands for −∞
 * @param penalised index in {@code ids} -> logit, for each logit that {@code logits} does not hold exactly, because of bias or penalties;
 *     also for each −∞, which is the most negative finite float here, too
 * @param drawnLogit the drawn token's logit
 * @param kept how many tokens truncation or temperature 0 left: those with the largest logits
 * @param logProbability the natural logarithm of the probability of {@code ids[0]} in the distribution from which the token was drawn
 * @param tied how many of the other tokens have the same logit as the last of {@code ids}
 * @param rest the other tokens, without those whose logit is −∞
 */
record TranscriptStep(DrawnToken step, int[] ids, float[] logits, Map<Integer, Double> penalised, double drawnLogit, int kept,
                      double logProbability, int tied, Rest rest) {
    static final int HELD = 100;       // how many logits are held: so a token takes some 2 KB of the page

    /**
     * The tokens with finite logits that are not held, taken together. In float32, their probability is exact to 1e-7.
     *
     * @param logShare by slider position, the natural logarithm of their probability; −∞ if there are no such tokens, or at temperature 0
     * @param mean by slider position, the mean of their logits, weighted by their probabilities, minus the largest logit of all
     */
    record Rest(int count, float[] logShare, float[] mean) {}

    static TranscriptStep of(DrawnToken step, Candidates candidates, double[] stops) {
        double[] z = candidates.penalised();
        Distribution drawn = candidates.distribution();
        int[] ids = Largest.of(z, HELD);
        float[] logits = new float[ids.length];
        Map<Integer, Double> penalised = new LinkedHashMap<>();
        for (int i = 0; i < ids.length; i++) {
            logits[i] = (float) Math.max(z[ids[i]], -Float.MAX_VALUE);
            if (logits[i] != z[ids[i]]) {
                penalised.put(i, Math.max(z[ids[i]], -Float.MAX_VALUE));
            }
        }
        double[] others = others(z, ids);
        double last = z[ids[ids.length - 1]];
        int tied = (int) Arrays.stream(others).filter(v -> v == last).count();
        return new TranscriptStep(step, ids, logits, penalised, z[step.id()], drawn.keptCount(), drawn.logProbability(ids[0]), tied,
            rest(others, Arrays.stream(ids).mapToDouble(id -> z[id]).toArray(), stops));
    }

    /** The finite logits that are not held. */
    private static double[] others(double[] z, int[] ids) {
        boolean[] held = new boolean[z.length];
        for (int id : ids) {
            held[id] = true;
        }
        return IntStream.range(0, z.length).filter(id -> !held[id] && z[id] != Double.NEGATIVE_INFINITY).mapToDouble(id -> z[id]).toArray();
    }

    private static Rest rest(double[] others, double[] held, double[] stops) {
        float[] logShare = new float[stops.length];
        float[] mean = new float[stops.length];
        double largest = held[0];
        double top = Arrays.stream(others).max().orElse(largest);
        for (int s = 0; s < stops.length; s++) {
            double t = stops[s];
            if (others.length == 0 || t == 0) {
                logShare[s] = Float.NEGATIVE_INFINITY;
                continue;
            }
            double sum = 0;
            double weighted = 0;
            for (double z : others) {
                double x = (z - top) / t;
                if (x > -45) { // smaller terms are lost in rounding to float32, even 50,257 of them together
                    double weight = Math.exp(x);
                    sum += weight;
                    weighted += weight * z;
                }
            }
            double ofHeld = Math.log(Arrays.stream(held).map(z -> Math.exp((z - largest) / t)).sum());
            double ofOthers = (top - largest) / t + Math.log(sum);
            logShare[s] = (float) -softplus(ofHeld - ofOthers);
            mean[s] = (float) (weighted / sum - largest);
        }
        return new Rest(others.length, logShare, mean);
    }

    /** log(1 + eˣ), exact for small and for large eˣ. */
    private static double softplus(double x) {
        return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
    }

    /**
     * The step as transcript.js reads it. The ids, logits and figures by slider position are little-endian, in base 64.
     *
     * @param place id -> index in the page's names
     */
    Map<String, Object> json(Map<Integer, Integer> place) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", place.get(step.id()));
        json.put("p", step.probability());
        json.put("rank", step.rank());
        json.put("bits", step.entropyBits());
        json.put("logit", drawnLogit);
        json.put("removed", step.removals().stream().map(r -> List.of(r.tokens(), r.probability())).toList());
        json.put("kept", kept);
        json.put("logp", logProbability);
        json.put("ids", places(place));
        json.put("z", floats(logits));
        if (!penalised.isEmpty()) {
            json.put("penalised", penalised);
        }
        json.put("others", List.of(rest.count(), tied, floats(rest.logShare()), floats(rest.mean())));
        return json;
    }

    /** The place of each id, in 2 bytes if that is enough for all, else in 4. From the number of names, transcript.js knows which. */
    private String places(Map<Integer, Integer> place) {
        boolean small = place.size() <= 65_536;
        ByteBuffer bytes = ByteBuffer.allocate((small ? 2 : 4) * ids.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int id : ids) {
            if (small) {
                bytes.putShort((short) (int) place.get(id));
            } else {
                bytes.putInt(place.get(id));
            }
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** Float32, little-endian, in base 64. */
    static String floats(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
