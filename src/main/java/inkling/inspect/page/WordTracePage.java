package inkling.inspect.page;

import inkling.inspect.WordTrace;
import inkling.inspect.embedding.PrincipalComponents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A {@link WordTrace} as a page: the two paths in the plane in which they vary most, the distance as a step chart, a table. */
public final class WordTracePage {
    private static final String BODY = """
        <div class="contexts">
        <section><h2>First context</h2><p class="strip" id="context-0"></p></section>
        <section><h2>Second context</h2><p class="strip" id="context-1"></p></section>
        </div>
        %s
        <div class="word-trace">
        <figure><svg id="paths" viewBox="0 0 500 360" role="img" aria-label="The path of the word's vector in both contexts"></svg>
        <figcaption class="note">The word's vector after each block, in the plane in which all of them spread most (across, up: the two
         directions in which they differ most, %s of their variance). Thin lines join what it is after the same block.</figcaption></figure>
        <figure><svg id="stairs" viewBox="0 0 500 345" role="img" aria-label="Distance of the two vectors: %s"></svg>
        <figcaption class="note"><span class="keys"><span class="key start">at the embedding</span>
        <span class="key">attention brings</span> <span class="key mlp">the MLP makes</span></span>
        Distance of the two vectors after each block (0: the embedding). Each step is what one part of a block adds to it (or takes from
         it); the steps add up to the distance.</figcaption></figure>
        </div>
        <div class="scroll"><table class="table" id="layers"><thead><tr><th scope="col">after</th><th scope="col" class="number">cosine</th>
        <th scope="col" class="number">distance</th><th scope="col" class="number">attention</th><th scope="col"
         class="number">MLP</th></tr></thead>
        <tbody id="rows"></tbody></table></div>
        <p class="note">distance = |a − b| of the residual stream a and b at the word's last token. attention = by how much the distance
         changed when
         the block's attention was added, MLP = by how much when its MLP was added after that.</p>""";

    private WordTracePage() {}

    /** The page, UTF-8. @param model its name, plain text */
    public static String html(String model, WordTrace trace) {
        int count = trace.layers().size();
        float[][] vectors = Stream.of(trace.a(), trace.b())
            .flatMap(place -> IntStream.range(0, count).mapToObj(place::vector)).toArray(float[][]::new);
        PrincipalComponents plane = PrincipalComponents.of(vectors, 2);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("contexts", Stream.of(trace.a(), trace.b())
            .map(place -> Map.of("labels", place.trace().labels(), "position", place.position())).toList());
        data.put("names", IntStream.range(0, count).mapToObj(l -> l == 0 ? "embedding" : "block " + l).toList());
        data.put("paths", List.of(points(plane, 0, count), points(plane, count, 2 * count)));
        data.put("layers", trace.layers().stream().map(layer -> Map.of("cosine", LensPage.rounded(layer.cosine()),
            "distance", LensPage.rounded(layer.distance()), "attention", LensPage.rounded(layer.attentionDelta()),
            "mlp", LensPage.rounded(layer.mlpDelta()))).toList());
        WordTrace.Layer last = trace.layers().get(count - 1);
        StringBuilder remarks = new StringBuilder();
        trace.remarks().forEach(remark -> remarks.append("<p class=\"note\">").append(HtmlPage.escape(remark)).append("</p>"));
        return new HtmlPage("The word “%s” in two contexts: %s".formatted(trace.word(), model),
            "One word enters in two contexts as (nearly) the same"
            + " vector. Layer by layer, attention brings in what stands before it, and the two vectors move apart.")
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("word-trace.css"))
            .body(BODY.formatted(remarks, percent(plane.explained()[0] + plane.explained()[1]),
                String.format(Locale.ROOT, "%.3f at the embedding, %.3f at the end", trace.layers().get(0).distance(), last.distance())))
            .data("trace", data)
            .script(HtmlPage.resource("flow.js")).script(HtmlPage.resource("word-trace.js"))
            .render();
    }

    private static List<double[]> points(PrincipalComponents plane, int from, int to) {
        List<double[]> points = new ArrayList<>();
        for (int i = from; i < to; i++) {
            points.add(Arrays.stream(plane.coordinates()[i]).map(LensPage::rounded).toArray());
        }
        return points;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
