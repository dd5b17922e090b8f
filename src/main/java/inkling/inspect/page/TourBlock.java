package inkling.inspect.page;

import inkling.inspect.BlockArithmetic;
import inkling.inspect.NextToken;
import inkling.model.config.Norm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The inside of one block as the tour shows it: the norm, each head's arithmetic, the neurons of the MLP. */
final class TourBlock {
    private TourBlock() {}

    /**
     * The data that tour-block.js draws for block {@code layer}, from 0.
     *
     * @param first the head shown first, from 0
     */
    static Map<String, Object> data(TourPage.Subject subject, int layer, int first) {
        BlockArithmetic block = subject.arithmetic().get(layer);
        float[][] stream = subject.trace().stream(layer);
        float[][][] patterns = subject.trace().blocks().get(layer).pattern();
        Norm norm = subject.trace().config().norm().kind();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("head", first);
        data.put("window", subject.trace().config().window(layer));
        data.put("read", figures(stream, norm));
        data.put("normed", figures(block.input(), norm));
        data.put("input", strips(block.input()));
        data.put("heads", IntStream.range(0, block.heads().size()).mapToObj(h -> head(block.heads().get(h), patterns[h])).toList());
        data.put("active", Arrays.stream(block.neurons()).mapToLong(row -> IntStream.range(0, row.length).filter(i -> row[i] > 0).count())
            .toArray());
        data.put("neurons", subject.neurons().get(layer).stream().map(row -> row.stream().map(neuron -> List.of(neuron.index(),
            LensPage.rounded(neuron.activation()),
            neuron.tokens().stream().map(id -> NextToken.label(subject.trace().tokenText(), id)).toList()))
            .toList()).toList());
        data.put("hidden", strips(block.neurons()));
        return data;
    }

    private static Map<String, Object> head(BlockArithmetic.Head head, float[][] pattern) {
        int t = pattern.length;
        return Map.of("query", strips(head.query()), "key", strips(head.key()), "value", strips(head.value()),
            "scores", IntStream.range(0, t).mapToObj(at -> Arrays.stream(head.scores(at)).map(LensPage::rounded).toArray()).toList(),
            "mix", IntStream.range(0, t).mapToObj(at -> TourPage.strip(head.mix(pattern[at], at))).toList());
    }

    /**
     * The figures of each row by which a norm of this kind divides or shifts: for LayerNorm the row's mean and standard deviation, for
     * RMSNorm its root mean square.
     */
    private static List<double[]> figures(float[][] rows, Norm norm) {
        return Arrays.stream(rows).map(row -> norm == Norm.LAYER_NORM
            ? new double[] {LensPage.rounded(mean(row)), LensPage.rounded(spread(row, mean(row)))}
            : new double[] {LensPage.rounded(spread(row, 0))}).toList();
    }

    private static List<Map<String, Object>> strips(float[][] rows) {
        return Arrays.stream(rows).map(TourPage::strip).toList();
    }

    private static double mean(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]).average().orElse(0);
    }

    /** The root of the mean squared distance of the numbers from {@code center}. */
    private static double spread(float[] row, double center) {
        return Math.sqrt(IntStream.range(0, row.length).mapToDouble(i -> (row[i] - center) * (row[i] - center)).average().orElse(0));
    }
}
