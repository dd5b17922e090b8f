package inkling.tasks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One figure of a model at a task.
 *
 * @param name the task's name
 * @param file the whole path of the task's file; in figures that an earlier version wrote, the path as the user typed it
 * @param metric {@code acc}: the share of right answers. {@code acc_norm}: the same, but each ending's log-probability is divided by the
 *     ending's number of bytes. {@code perplexity}: the perplexity of the last words
 * @param stderr the standard error of {@code value}; empty if the task has a single item
 * @param items how many items the task has
 * @param chance the share of right answers that guessing would give; empty for last words
 */
public record TaskResult(String name, Path file, String metric, double value, OptionalDouble stderr, long items, OptionalDouble chance)
    implements TaskFile {
    /** The figure as {@code eval --json} writes it. */
    public Map<String, Object> json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("metric", metric);
        document.put("value", value);
        document.put("stderr", stderr.isPresent() ? stderr.getAsDouble() : null);
        document.put("items", items);
        document.put("file", file.toString());
        chance.ifPresent(guess -> document.put("chance", guess));
        return document;
    }
}
