package inkling.tasks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A figure of a task.
 *
 * @param metric {@code acc}: the share of right answers; {@code acc_norm}: the same where an ending's log-probability is divided by its
 *     bytes; {@code perplexity} of a last word
 * @param stderr the standard error of {@code value}; empty of a single item
 * @param chance what guessing gives, where that is known
 */
public record TaskResult(String name, String file, String metric, double value, OptionalDouble stderr, long items, OptionalDouble chance) {
    /** As a document of {@code eval --json} has it. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("metric", metric);
        document.put("value", value);
        document.put("stderr", stderr.isPresent() ? stderr.getAsDouble() : null);
        document.put("items", items);
        document.put("file", file);
        chance.ifPresent(guess -> document.put("chance", guess));
        return document;
    }
}
