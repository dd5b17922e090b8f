package inkling.cli.train;

import inkling.cli.terminal.Console;
import inkling.data.source.Dataset;
import inkling.io.DurableFiles;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code data fetch [NAME]}. */
@Command(name = "data", description = "Get the corpora that the shipped run files use.", synopsisSubcommandLabel = "fetch")
public final class DataCommand {
    @Command(name = "fetch", description = "Write corpora to datasets/, checked by sha256. Dickens and Macbeth are part of the build;"
        + " tinyshakespeare is downloaded.", footer = {"", "Example:", "  inkling data fetch dickens"})
    int fetch(@Parameters(arity = "0..1", paramLabel = "NAME",
        description = "dickens, macbeth or tinyshakespeare; default: dickens and macbeth")
              String name) {
        List<Dataset> wanted = name == null
            ? Dataset.ALL.stream().filter(d -> d.origin() instanceof Dataset.Origin.Shipped).toList() : List.of(Dataset.named(name));
        for (Dataset dataset : wanted) {
            Dataset.Fetched fetched = dataset.fetch(dataset.file(), DurableFiles.SYSTEM);
            Console.out().println("%s: %s".formatted(dataset.file(), fetched == Dataset.Fetched.WRITTEN ? "written" : "is there already"));
        }
        return 0;
    }
}
