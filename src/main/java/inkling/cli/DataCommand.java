package inkling.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code data fetch [NAME]}. */
@Command(name = "data", description = "Bring the corpora that the shipped run files name.", synopsisSubcommandLabel = "fetch")
final class DataCommand {
    @Command(name = "fetch", description = "Bring corpora to datasets/, checked by sha256. Dickens and Macbeth come with the build;"
        + " tinyshakespeare is downloaded.", footer = {"", "Example:", "  inkling data fetch dickens"})
    int fetch(@Parameters(arity = "0..1", paramLabel = "NAME", description = "dickens, macbeth or tinyshakespeare; default: those of the build")
              String name) {
        inkling.data.Datasets.fetch(java.util.Optional.ofNullable(name)).forEach(Console.out()::println);
        return 0;
    }
}
