package inkling.runfile;

import inkling.config.Node;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.config.YamlReader;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import java.util.ArrayList;
import java.util.List;

/** One {@code --set a.b=value}: a key by its path, and the value as YAML. */
record SetOption(List<String> path, Node value) {
    static SetOption parse(String argument) {
        String shown = "--set " + argument;
        int equals = argument.indexOf('=');
        String key = equals < 0 ? argument : argument.substring(0, equals);
        if (equals < 0 || !key.matches("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*")) {
            throw new ConfigException(shown + ": write a key and a value, e.g. --set train.max_steps=100.");
        }
        Node value = YamlReader.read(argument.substring(equals + 1), line -> new Place(shown))
            .orElseThrow(() -> new ConfigException(shown + ": the value is missing. Write null for none, \"\" for an empty text."));
        return new SetOption(List.of(key.split("\\.")), value);
    }

    String key() {
        return String.join(".", path);
    }

    /** {@code tree} with every option applied, later ones over earlier ones. */
    static Mapping apply(Mapping tree, List<String> arguments) {
        Mapping changed = tree;
        for (SetOption option : parse(arguments)) {
            changed = changed.with(option.path, option.value);
        }
        return changed;
    }

    static List<SetOption> parse(List<String> arguments) {
        List<SetOption> options = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (String argument : arguments) {
            try {
                options.add(parse(argument));
            } catch (ConfigException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return options;
    }
}
