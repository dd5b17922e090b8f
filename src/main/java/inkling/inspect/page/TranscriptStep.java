package inkling.inspect.page;

import inkling.generate.Candidates;
import inkling.generate.Distribution;
import inkling.generate.DrawnToken;
import inkling.generate.Largest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the page keeps of the V logits of one token: the largest ones, and, for each position of the temperature slider, sums over the
 * others that an exact softmax and its entropy need. All logits are after the repetition penalty, as in the distribution that was drawn
 * from.
 *
 * @param ids of the kept logits, largest first
 * @param logits of {@code ids}; float32 as the model gives them
 * @param penalised index in {@code ids} -> logit, where the repetition penalty made a double of it
 * @param drawnLogit of the drawn token
 * @param kept how many tokens truncation left, the first ones by rank
 * @param logProbability of {@code ids[0]} in the distribution drawn from
 * @param tied how many of the others equal the last kept logit
 * @param rest count, log-sum-exp of (z − z₀) / T and mean logit of the others, for each slider position
 */
record TranscriptStep(DrawnToken step, int[] ids, float[] logits, Map<Integer, Double> penalised, double drawnLogit, int kept,
                      double logProbability, int tied, Rest rest) {
    static final int HELD = 200;
    private static final double NOTHING = -1e9; // exp of it is 0, and JSON knows it, unlike −∞

    /** @param logSumExp relative to the largest logit of all, by slider position; the one for temperature 0 has no meaning */
    record Rest(int count, double[] logSumExp, double[] mean) {}

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
            rest(others, z[ids[0]], stops));
    }

    /** The finite logits that are not kept. */
    private static double[] others(double[] z, int[] ids) {
        boolean[] held = new boolean[z.length];
        for (int id : ids) {
            held[id] = true;
        }
        return IntStream.range(0, z.length).filter(id -> !held[id] && z[id] != Double.NEGATIVE_INFINITY).mapToDouble(id -> z[id]).toArray();
    }

    private static Rest rest(double[] others, double largest, double[] stops) {
        double[] logSumExp = new double[stops.length];
        double[] mean = new double[stops.length];
        double top = Arrays.stream(others).max().orElse(largest);
        for (int s = 0; s < stops.length; s++) {
            double sum = 0;
            double weighted = 0;
            for (double z : others) {
                double x = (z - top) / stops[s];
                if (x > -45) { // smaller ones, even 50,257 of them together, are lost in rounding
                    double weight = Math.exp(x);
                    sum += weight;
                    weighted += weight * z;
                }
            }
            logSumExp[s] = sum == 0 ? NOTHING : rounded((top - largest) / stops[s] + Math.log(sum));
            mean[s] = sum == 0 ? rounded(top) : rounded(weighted / sum);
        }
        return new Rest(others.length, logSumExp, mean);
    }

    /** To 1e-8: a probability is then right to 1e-8 of itself. */
    private static double rounded(double value) {
        return Math.rint(Math.max(value, NOTHING) * 1e8) / 1e8;
    }

    /** As the page's script reads it. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", step.id());
        json.put("p", step.probability());
        json.put("rank", step.rank());
        json.put("bits", step.entropyBits());
        json.put("logit", drawnLogit);
        json.put("removed", step.removals().stream().map(r -> List.of(r.tokens(), r.probability())).toList());
        json.put("kept", kept);
        json.put("logp", logProbability);
        json.put("ids", ids);
        json.put("z", logits);
        json.put("penalised", penalised);
        json.put("rest", Map.of("count", rest.count(), "tied", tied, "lse", rest.logSumExp(), "mean", rest.mean()));
        return json;
    }
}
