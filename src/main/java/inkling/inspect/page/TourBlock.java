package inkling.inspect.page;

import inkling.inspect.BlockArithmetic;
import inkling.inspect.NextToken;
import inkling.model.config.Norm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The inside of one block as the tour shows it: the norm, one head's arithmetic, the neurons of the MLP. */
final class TourBlock {
    private TourBlock() {}

    /** The data that tour-block.js draws for block {@code layer}, from 0. */
    static Map<String, Object> data(TourPage.Subject subject, int layer) {
        BlockArithmetic block = subject.arithmetic().get(layer);
        float[][] stream = subject.trace().stream(layer);
        float[][] pattern = subject.trace().blocks().get(layer).pattern()[block.head()];
        int t = stream.length;
        Norm norm = subject.trace().config().norm().kind();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("head", block.head());
        data.put("center", Arrays.stream(stream).mapToDouble(row -> norm == Norm.LAYER_NORM ? LensPage.rounded(mean(row)) : 0).toArray());
        data.put("spread", Arrays.stream(stream).mapToDouble(row -> LensPage.rounded(spread(row, norm == Norm.LAYER_NORM ? mean(row) : 0)))
            .toArray());
        data.put("input", strips(block.input()));
        data.put("query", strips(block.query()));
        data.put("key", strips(block.key()));
        data.put("value", strips(block.value()));
        data.put("scores", IntStream.range(0, t).mapToObj(at -> Arrays.stream(block.scores(at)).map(LensPage::rounded).toArray()).toList());
        data.put("mix", IntStream.range(0, t).mapToObj(at -> TourPage.strip(block.mix(pattern[at], at))).toList());
        data.put("active", Arrays.stream(block.neurons()).mapToLong(row -> IntStream.range(0, row.length).filter(i -> row[i] > 0).count())
            .toArray());
        data.put("neurons", subject.neurons().get(layer).stream().map(row -> row.stream().map(neuron -> List.of(neuron.index(),
            LensPage.rounded(neuron.activation()),
            neuron.tokens().stream().map(id -> NextToken.label(subject.trace().tokenText(), id)).toList()))
            .toList()).toList());
        data.put("hidden", strips(block.neurons()));
        return data;
    }

    private static List<Map<String, Object>> strips(float[][] rows) {
        return Arrays.stream(rows).map(TourPage::strip).toList();
    }

    private static double mean(float[] row) {
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]).average().orElse(0);
    }

    /** Root of the mean squared distance of the numbers from {@code center}. */
    private static double spread(float[] row, double center) {
        return Math.sqrt(IntStream.range(0, row.length).mapToDouble(i -> (row[i] - center) * (row[i] - center)).average().orElse(0));
    }
}
