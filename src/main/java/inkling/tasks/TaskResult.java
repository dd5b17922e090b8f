package inkling.tasks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One figure of a model at a task.
 *
 * @param name the task's name
 * @param file the task's file
 * @param metric {@code acc}: the share of right answers. {@code acc_norm}: the same, but each ending's log-probability is divided by the
 *     ending's number of bytes. {@code perplexity}: the perplexity of the last words
 * @param stderr the standard error of {@code value}; empty if the task has a single item
 * @param items how many items the task has
 * @param chance the share of right answers that guessing would give; empty for last words
 */
public record TaskResult(String name, String file, String metric, double value, OptionalDouble stderr, long items, OptionalDouble chance) {
    /** What a list of the figures {@code all} calls this figure's task: its name, and its file if a task of this name has several there. */
    public String nameAmong(List<TaskResult> all) {
        boolean alone = all.stream().filter(other -> other.name.equals(name)).allMatch(other -> other.file.equals(file));
        return alone ? name : "%s (%s)".formatted(name, file);
    }

    /** The figure as {@code eval --json} writes it. */
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
