package inkling.runfile;

import inkling.config.Node;
import inkling.config.Node.Place;
import inkling.config.Node.Sequence;
import inkling.config.YamlReader;
import inkling.config.YamlWriter;
import inkling.errors.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One run file with several values of some keys: a run for each combination of values.
 *
 * @param runs in the order of nested loops over the keys: the last key's values change fastest
 */
public record Sweep(List<RunConfig> runs) {
    private static final int LONGEST_NAME = 64;
    private static final int MOST_RUNS = 1_000;

    /** A combination of values as {@code --set} options, and a name for its run. */
    private record Combination(List<String> settings, String name) {
        Combination and(String key, String value) {
            List<String> all = new ArrayList<>(settings);
            all.add(key + "=" + value);
            String word = value.replaceAll("[^A-Za-z0-9._]+", "-").replaceAll("^-+|[-.]+$", "");
            return new Combination(all, name + "-" + key.substring(key.lastIndexOf('.') + 1) + "-" + word);
        }
    }

    public Sweep {
        runs = List.copyOf(runs);
    }

    /**
     * Reads a run file for each combination of values.
     *
     * <p>Example: {@code Sweep.of(Path.of("tiny.yaml"), List.of(), List.of("seed=1,2", "model.n_layer=2,4"))} has the runs
     * {@code tiny-seed-1-n_layer-2}, {@code tiny-seed-1-n_layer-4}, {@code tiny-seed-2-n_layer-2}, {@code tiny-seed-2-n_layer-4}. If one of
     * these names is too long, or two are the same, all runs are called {@code tiny-1}, {@code tiny-2} …
     *
     * @param overrides {@code --set} options for all runs; {@code name=…} sets the beginning of their names
     * @param over {@code key=v1,v2,…}; the values are the items of a YAML list
     * @throws ConfigException if an option is malformed, or there are too many combinations. Also if the run file is wrong, without
     *     {@code over} or with one of the combinations
     */
    public static Sweep of(Path file, List<String> overrides, List<String> over) {
        String base = ConfigFile.read(file, overrides).name().text();
        List<Combination> combinations = List.of(new Combination(List.of(), base));
        for (String option : over) {
            List<String> values = values(option);
            String key = option.substring(0, option.indexOf('='));
            combinations = combinations.stream().flatMap(c -> values.stream().map(value -> c.and(key, value))).toList();
            if (combinations.size() > MOST_RUNS) {
                throw new ConfigException("these are more than %,d runs; give --over fewer values.".formatted(MOST_RUNS));
            }
        }
        List<String> names = names(base, combinations);
        List<RunConfig> runs = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            List<String> all = new ArrayList<>(overrides);
            all.addAll(combinations.get(i).settings);
            all.add("name=" + names.get(i));
            runs.add(ConfigFile.read(file, all));
        }
        return new Sweep(runs);
    }

    /** The values of {@code key=v1,v2,…}, each as {@code --set} takes it. */
    private static List<String> values(String option) {
        String shown = "--over " + option;
        int equals = option.indexOf('=');
        if (equals < 0 || !option.substring(0, equals).matches("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*") || option.startsWith("name=")) {
            throw new ConfigException(shown + ": write a key and its values, e.g. --over schedule.learning_rate=1e-3,3e-3.");
        }
        Node list = YamlReader.read("[" + option.substring(equals + 1) + "]", line -> new Place(shown)).orElseThrow();
        List<String> values = list instanceof Sequence items ? items.items().stream().map(YamlWriter::flow).toList() : List.of();
        if (values.isEmpty() || new HashSet<>(values).size() < values.size()) {
            throw new ConfigException("%s: %s. Give each value once, with commas between them.".formatted(shown,
                values.isEmpty() ? "there is no value" : "a value is there twice"));
        }
        return values;
    }

    private static List<String> names(String base, List<Combination> combinations) {
        List<String> names = combinations.stream().map(Combination::name).toList();
        boolean good = names.stream().allMatch(name -> name.length() <= LONGEST_NAME) && new HashSet<>(names).size() == names.size();
        return good ? names : IntStream.rangeClosed(1, names.size()).mapToObj(i -> base + "-" + i).toList();
    }
}
