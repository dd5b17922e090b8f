package inkling.spark;

import inkling.spark.tokenize.TokenizeCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code inkling cluster}. */
@Command(name = "inkling cluster", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, sortOptions = false, usageHelpWidth = 110,
    description = "Train, and tokenize a text, on several machines with Apache Spark; docs/cluster.md says how.",
    subcommands = {ClusterTrainCommand.class, TokenizeCommand.class, DaemonCommands.MasterCommand.class,
        DaemonCommands.WorkerCommand.class})
public final class ClusterCommand {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "print stack traces")
    boolean debug;
}
