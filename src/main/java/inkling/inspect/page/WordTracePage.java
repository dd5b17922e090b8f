package inkling.inspect.page;

import inkling.errors.Printable;
import inkling.inspect.WordTrace;
import inkling.inspect.embedding.PrincipalComponents;
import inkling.model.config.GptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A {@link WordTrace} as a page: the paths of both vectors in the plane where they vary most, a step chart of their angle, a table. */
public final class WordTracePage {
    private WordTracePage() {}

    /** The page, as text; to be written in UTF-8. @param model the model's name, plain text */
    public static String html(String model, WordTrace trace) {
        return new HtmlPage("The word “%s” in two contexts: %s".formatted(trace.word(), model),
            "One word enters in two contexts as (nearly) the same"
            + " vector. Layer by layer, attention brings in what stands before it, and the MLP works on that: what the two vectors say"
            + " becomes different. That shows in the angle between them. " + lengths(trace.a().trace().config()))
            .style(HtmlPage.resource("flow.css")).style(HtmlPage.resource("word-trace.css"))
            .body(HtmlPage.resource("word-trace.html")).data("trace", data(trace))
            .module("word-trace.js").script("drawWordTrace(document, inkling.data('trace'));\n")
            .render();
    }

    /** What the page says about the vectors' lengths, which it does not show. */
    private static String lengths(GptConfig config) {
        return config.norm().placement().before()
            ? "Their lengths do not count: each part of the model reads a vector through a norm, which takes its length away."
            : "Their lengths are left out here. In this architecture they count, too: its parts read a vector as it is, without a norm.";
    }

    /**
     * What word-trace.js draws. For the paths, each vector is scaled to length 1; {@code explained} is the plane's share of the variance of
     * these scaled vectors.
     */
    public static Map<String, Object> data(WordTrace trace) {
        int count = trace.layers().size();
        float[][] vectors = Stream.of(trace.a(), trace.b())
            .flatMap(place -> IntStream.range(0, count).mapToObj(layer -> direction(place.vector(layer)))).toArray(float[][]::new);
        PrincipalComponents plane = PrincipalComponents.of(vectors, 2);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("contexts", Stream.of(trace.a(), trace.b())
            .map(place -> Map.of("labels", place.trace().labels(), "position", place.position())).toList());
        data.put("names", IntStream.range(0, count).mapToObj(l -> l == 0 ? "embedding" : "block " + l).toList());
        data.put("paths", List.of(points(plane, 0, count), points(plane, count, 2 * count)));
        data.put("explained", plane.explained()[0] + plane.explained()[1]);
        data.put("remarks", trace.remarks().stream().map(Printable::text).toList());
        data.put("summary", trace.summary());
        data.put("same_token", trace.isSameToken());
        data.put("layers", trace.layers().stream().map(layer -> Map.of("cosine", LensPage.rounded(layer.cosine()),
            "angle", LensPage.rounded(layer.angle()), "attention", LensPage.rounded(layer.byAngle().attention()),
            "mlp", LensPage.rounded(layer.byAngle().mlp()))).toList());
        return data;
    }

    private static float[] direction(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        double length = Math.max(Math.sqrt(squares), Float.MIN_NORMAL);
        float[] direction = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            direction[i] = (float) (vector[i] / length);
        }
        return direction;
    }

    private static List<double[]> points(PrincipalComponents plane, int from, int to) {
        List<double[]> points = new ArrayList<>();
        for (int i = from; i < to; i++) {
            points.add(Arrays.stream(plane.coordinates()[i]).map(LensPage::rounded).toArray());
        }
        return points;
    }
}
