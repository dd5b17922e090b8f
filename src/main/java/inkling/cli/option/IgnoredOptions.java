package inkling.cli.option;

import inkling.errors.ConfigException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** Refuses options that the rest of the command line makes meaningless: to ignore them would answer another question than the user's. */
public final class IgnoredOptions {
    private IgnoredOptions() {}

    /**
     * If {@code applies}, refuses those of {@code options} that were given.
     *
     * @param rule says why they would be ignored, e.g. "Without --cluster, estimate is about this machine alone: add --cluster"; the
     *     message adds the other way out, to leave them out
     * @throws ConfigException if {@code applies} and one of them was given
     */
    public static void refuse(CommandSpec command, boolean applies, String rule, String... options) {
        List<String> given = Stream.of(options).filter(command.commandLine().getParseResult()::hasMatchedOption).toList();
        if (applies && !given.isEmpty()) {
            throw new ConfigException("%s, or leave out %s.".formatted(rule, String.join(", ", given)));
        }
    }
}
