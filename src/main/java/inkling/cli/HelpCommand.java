package inkling.cli;

import inkling.cli.terminal.Console;
import inkling.errors.ConfigException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code help [COMMAND…]}. */
@Command(name = "help", description = "The help of a command, as COMMAND --help prints it.",
    footer = {"", "Examples:", "  inkling help train", "  inkling help embed neighbors"})
final class HelpCommand implements Callable<Integer> {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "a command, and one of its own commands if it has any")
    List<String> path = List.of();

    @Override
    public Integer call() {
        CommandLine command = spec.root().commandLine();
        for (String name : path) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw new ConfigException(Faults.unknownCommand(command, name));
            }
            command = next;
        }
        command.usage(Console.out());
        return 0;
    }
}
