package inkling.cli;

import inkling.cli.model.ChatCommand;
import inkling.cli.model.ExportCommand;
import inkling.cli.model.MergeCommand;
import inkling.cli.model.SampleCommand;
import inkling.cli.model.ScoreCommand;
import inkling.cli.model.ServeCommand;
import inkling.cli.runs.ReportCommand;
import inkling.cli.runs.RunsCommand;
import inkling.cli.terminal.Console;
import inkling.cli.train.BenchCommand;
import inkling.cli.train.DataCommand;
import inkling.cli.train.EstimateCommand;
import inkling.cli.train.EvalCommand;
import inkling.cli.train.NewCommand;
import inkling.cli.train.SweepCommand;
import inkling.cli.train.TokenizerCommand;
import inkling.cli.train.TrainCommand;
import inkling.cli.view.AttentionCommand;
import inkling.cli.view.CompareCommand;
import inkling.cli.view.ContextCommand;
import inkling.cli.view.EmbedCommand;
import inkling.cli.view.LensCommand;
import inkling.cli.view.ParamsCommand;
import inkling.cli.view.TokenizeCommand;
import inkling.cli.view.TourCommand;
import inkling.cli.view.TraceCommand;
import inkling.cli.view.ViewsCommand;
import inkling.errors.ExitCode;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code inkling COMMAND}: the command line. */
@Command(name = "inkling", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT,
    description = {"A GPT you can train, resume, sample and see into.",
        "To train on several machines with Apache Spark: inkling cluster --help"},
    sortOptions = false,
    usageHelpWidth = 110,
    subcommands = {TrainCommand.class, SampleCommand.class, ScoreCommand.class, EvalCommand.class, ParamsCommand.class,
        TokenizeCommand.class, TokenizerCommand.class, DataCommand.class, BenchCommand.class, ExportCommand.class, MergeCommand.class,
        ChatCommand.class, ServeCommand.class, EstimateCommand.class, AttentionCommand.class, LensCommand.class, TraceCommand.class,
        ContextCommand.class, CompareCommand.class, EmbedCommand.class, ReportCommand.class, TourCommand.class, ViewsCommand.class,
        RunsCommand.class, NewCommand.class, SweepCommand.class, HelpCommand.class})
public final class Main {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "print stack traces")
    boolean debug;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command and returns its exit code; prints to {@link Console}'s streams. */
    static int run(String... arguments) {
        return run(commandLine(), arguments);
    }

    /** Runs one command as {@code main} does. From then on the process writes numbers alike in every locale: 1,024 and 0.5. */
    public static int run(CommandLine line, String... arguments) {
        Locale.setDefault(Locale.ROOT);
        int code = line.execute(arguments);
        Console.out().flush();
        return code;
    }

    static CommandLine commandLine() {
        Main main = new Main();
        return commandLine(main, () -> main.debug);
    }

    /**
     * A command line with Inkling's streams, messages and exit codes, for a module with commands of its own.
     *
     * @param command an object whose class has picocli's annotations
     * @param debug tells whether to print stack traces; it is asked only after the options were read
     */
    public static CommandLine commandLine(Object command, BooleanSupplier debug) {
        CommandLine line = new CommandLine(command);
        giveVersion(line, new Version());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(Console.out());
        line.setErr(Console.err());
        line.setParameterExceptionHandler(Faults::badCommandLine);
        line.setExecutionExceptionHandler((e, failed, result) -> Faults.tell(e, debug.getAsBoolean()));
        line.setExitCodeExceptionMapper(e -> ExitCode.OUR_FAULT.code());
        return line;
    }

    /**
     * Gives the version to {@code line} and all its subcommands. An annotation could do so too, but then picocli would ask for the
     * version whenever it makes a command line, and a version loads the engine.
     */
    private static void giveVersion(CommandLine line, Version version) {
        line.getCommandSpec().versionProvider(version);
        line.getSubcommands().values().forEach(subcommand -> giveVersion(subcommand, version));
    }
}
