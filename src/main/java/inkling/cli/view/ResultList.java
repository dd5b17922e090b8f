package inkling.cli.view;

import inkling.cli.terminal.Console;
import inkling.cli.terminal.Counts;
import inkling.cli.terminal.Json;
import inkling.errors.Printable;
import inkling.inspect.embedding.EmbeddingSpace.Neighbor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Option;

/** The options and the output of commands that list tokens, each with a number: a list with bars, or JSON. */
final class ResultList {
    private static final int BAR_CELLS = 30;

    @Option(names = "--top", paramLabel = "N", defaultValue = "10", description = "how many results; default ${DEFAULT-VALUE}")
    int top;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    int top() {
        Counts.requireAtLeastOne("--top", top);
        return top;
    }

    /** @param label gives the readable text of a row, for the list; the JSON has the vocabulary's own string */
    int print(List<Neighbor> neighbors, IntFunction<String> label) {
        return print(json, neighbors, "similarity", Neighbor::token, neighbor -> Printable.spaced(label.apply(neighbor.row())),
            Neighbor::similarity);
    }

    /**
     * Prints JSON {@code {"results": [{"token": …, key: …}]}}, or one line with a bar for each result. If there are negative values, all
     * bars start in the middle.
     *
     * @param key the number's key in JSON
     */
    static <T> int print(boolean json, List<T> found, String key, Function<T, String> token, Function<T, String> label,
                         ToDoubleFunction<T> value) {
        if (json) {
            List<Map<String, Object>> results = new ArrayList<>();
            for (T one : found) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("token", token.apply(one));
                result.put(key, value.applyAsDouble(one));
                results.add(result);
            }
            Json.print(Map.of("results", results));
            return 0;
        }
        double most = found.stream().mapToDouble(one -> Math.abs(value.applyAsDouble(one))).max().orElse(1);
        boolean signed = found.stream().anyMatch(one -> value.applyAsDouble(one) < 0);
        for (T one : found) {
            double size = value.applyAsDouble(one);
            String bar = signed ? signedBar(size / Math.max(most, 1e-12)) : "█".repeat(cells(BAR_CELLS, size / Math.max(most, 1e-12)));
            Console.out().println(String.format(Locale.ROOT, "%-20s %8.4f  %s", label.apply(one), size, bar));
        }
        return 0;
    }

    private static String signedBar(double share) {
        String bar = "█".repeat(cells(BAR_CELLS / 2, Math.abs(share)));
        return share < 0 ? " ".repeat(BAR_CELLS / 2 - bar.length()) + bar + "│" : " ".repeat(BAR_CELLS / 2) + "│" + bar;
    }

    private static int cells(int width, double share) {
        return (int) Math.round(width * share);
    }
}
