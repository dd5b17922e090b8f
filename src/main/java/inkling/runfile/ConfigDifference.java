package inkling.runfile;

import inkling.config.Node;
import inkling.config.Node.Mapping;
import inkling.config.YamlWriter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A key that some runs set differently.
 *
 * @param key as {@code --set} names it: {@code schedule.learning_rate}
 * @param values one for each run, as the run file writes them; {@link #ABSENT} if a run has no such key
 */
public record ConfigDifference(String key, List<String> values) {
    public static final String ABSENT = "-";

    public ConfigDifference {
        values = List.copyOf(values);
    }

    /**
     * The keys whose values are not the same in all of {@code runs}, without {@code name}. The keys of the first run come first, in
     * the order of its config.yaml.
     */
    public static List<ConfigDifference> among(List<RunConfig> runs) {
        List<Map<String, String>> all = runs.stream().map(run -> {
            Map<String, String> values = new LinkedHashMap<>();
            flatten("", run.tree().without("name"), values);
            return values;
        }).toList();
        Set<String> keys = new LinkedHashSet<>();
        all.forEach(values -> keys.addAll(values.keySet()));
        return keys.stream().map(key -> new ConfigDifference(key, all.stream().map(values -> values.getOrDefault(key, ABSENT)).toList()))
            .filter(difference -> difference.values.stream().distinct().count() > 1).toList();
    }

    private static void flatten(String path, Mapping section, Map<String, String> values) {
        section.entries().forEach((key, entry) -> {
            String full = path.isEmpty() ? key : path + "." + key;
            Node value = entry.value();
            if (value instanceof Mapping inner && !inner.entries().isEmpty()) {
                flatten(full, inner, values);
            } else {
                values.put(full, YamlWriter.flow(value));
            }
        });
    }
}
