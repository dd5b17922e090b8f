package inkling.cli;

import inkling.config.Keys;
import inkling.errors.Printable;
import inkling.runfile.RunConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Translates options that users of nanoGPT and Transformers type, e.g. {@code --max_iters=60}, to this program's options. */
final class OtherPrograms {
    private static final Pattern OPTION = Pattern.compile("--([A-Za-z0-9_.]+)(?:=(.*))?", Pattern.DOTALL);
    /** Another program's option name → Inkling's. The option's value stays as it is. */
    private static final Map<String, String> NAMES = Map.of("start", "prompt", "num_samples", "samples", "num_return_sequences", "samples",
        "max_new_tokens", "max-tokens");

    private OtherPrograms() {}

    /** Translates {@code unknown} options to options of {@code command}, without those that have no translation; empty if none has one. */
    static Optional<String> translated(List<String> unknown, CommandSpec command) {
        String known = unknown.stream().map(OPTION::matcher).filter(Matcher::matches)
            .flatMap(option -> translated(option.group(1), Optional.ofNullable(option.group(2)), command).stream())
            .collect(Collectors.joining(" "));
        return known.isEmpty() ? Optional.empty() : Optional.of(known);
    }

    private static Optional<String> translated(String name, Optional<String> value, CommandSpec command) {
        String own = "--" + NAMES.getOrDefault(name, name.replace('_', '-'));
        if (command.optionsMap().containsKey(own)) {
            return Optional.of(own + value.map(v -> " " + Printable.shellWord(v)).orElse(""));
        }
        if (command.optionsMap().containsKey("--resume") && name.equals("init_from") && value.filter("resume"::equals).isPresent()) {
            return Optional.of("--resume RUN");
        }
        return value.filter(v -> command.optionsMap().containsKey("--set"))
            .flatMap(v -> path(name).map(path -> "--set " + Printable.shellWord(path + "=" + v)));
    }

    /** The path of the run file's key that has this name, here or in another program; empty if there is no such key. */
    private static Optional<String> path(String name) {
        return Optional.ofNullable(Keys.elsewhere(RunConfig.class).get(name))
            .or(() -> Keys.sections(RunConfig.class).entrySet().stream().filter(section -> section.getValue().contains(name)).findFirst()
                .map(section -> section.getKey().isEmpty() ? name : section.getKey() + "." + name));
    }
}
