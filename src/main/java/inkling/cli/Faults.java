package inkling.cli;

import ai.djl.engine.EngineException;
import inkling.cli.terminal.Console;
import inkling.errors.DidYouMean;
import inkling.errors.ExitCode;
import inkling.errors.FileFaults;
import inkling.errors.InklingException;
import inkling.errors.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints what a user reads when something goes wrong: the message and the way out; a stack trace only with {@code --debug}. */
final class Faults {
    private Faults() {}

    /** Prints the fault and returns the exit code it maps to. */
    static int tell(Throwable fault, boolean debug) {
        ExitCode code = codeOf(fault);
        Console.out().flush();
        Console.err().println("inkling: " + message(fault, code));
        if (debug) {
            fault.printStackTrace(Console.err());
        }
        Console.err().flush();
        return code.code();
    }

    private static ExitCode codeOf(Throwable fault) {
        if (fault instanceof InklingException known) {
            return known.exitCode();
        }
        if (outOfMemory(fault) || fault instanceof InvalidPathException) {
            return ExitCode.USER_CAN_FIX;
        }
        return fault instanceof IOException || fault instanceof UncheckedIOException ? ExitCode.CANNOT_READ_OR_WRITE : ExitCode.OUR_FAULT;
    }

    private static boolean outOfMemory(Throwable fault) {
        return fault instanceof EngineException && String.valueOf(fault.getMessage()).contains("alloc");
    }

    static String message(Throwable fault, ExitCode code) {
        if (outOfMemory(fault)) {
            return "the engine ran out of memory. Try a smaller model or train.batch_size (and more grad_accum_steps), a shorter "
                + "context_length,"
                + " or train.recompute: true. [" + String.valueOf(fault.getMessage()).lines().findFirst().orElse("") + "]";
        }
        if (fault instanceof InvalidPathException path) {
            return "%s is not a valid path on this system: %s. Choose another name.".formatted(Printable.escape(path.getInput()),
                path.getReason());
        }
        if (code == ExitCode.OUR_FAULT) {
            return "this should not have happened: %s%nPlease report it, with what --debug prints.".formatted(fault);
        }
        return fault.getMessage() != null ? fault.getMessage()
            : "reading or writing failed: %s. --debug prints where.".formatted(FileFaults.messageOf(fault));
    }

    /**
     * Prints a fault of the command line and returns the exit code. For an unknown command, also prints a similar one, or else a hint at
     * {@code --help}. For any other fault, also prints a way on: a translation by {@link OtherPrograms}, similar options, or the command's
     * {@code --help}.
     */
    static int badCommandLine(ParameterException fault, String[] arguments) {
        CommandLine command = fault.getCommandLine();
        if (fault instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption() && !command.getSubcommands().isEmpty()) {
            String name = unmatched.getUnmatched().get(0);
            Console.err().println("inkling: " + unknownCommand(command, name));
            if (DidYouMean.hint(name, command.getSubcommands().keySet()).isEmpty()) {
                Console.err().println(tryHelp(command));
            }
            Console.err().flush();
            return ExitCode.USER_CAN_FIX.code();
        }
        Console.err().println("inkling: " + fault.getMessage().replaceFirst("^Error: ", "")
            .replaceFirst(" is not an? (int|long)$", " is not a whole number")
            .replaceFirst(" is not an? (double|float)$", " is not a number"));
        Optional<String> ours = fault instanceof UnmatchedArgumentException unmatched
            ? OtherPrograms.translated(unmatched.getUnmatched(), command.getCommandSpec()) : Optional.empty();
        if (ours.isPresent()) {
            Console.err().println("Here that is " + Printable.escape(ours.get()));
        } else if (!UnmatchedArgumentException.printSuggestions(fault, Console.err())) {
            Console.err().println(tryHelp(command));
        }
        Console.err().flush();
        return ExitCode.USER_CAN_FIX.code();
    }

    private static String tryHelp(CommandLine command) {
        return "Try '" + command.getCommandSpec().qualifiedName() + " --help'.";
    }

    /** The message for a {@code name} that is not one of {@code command}'s subcommands. */
    static String unknownCommand(CommandLine command, String name) {
        return "%s has no command %s.%s".formatted(command.getCommandSpec().qualifiedName(), Printable.escape(name),
            DidYouMean.hint(name, command.getSubcommands().keySet()));
    }
}
