package inkling.cli.train;

import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.cli.terminal.Surroundings;
import inkling.errors.Printable;
import inkling.run.folder.RunFolder;
import inkling.run.folder.RunSummary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runs}. */
@Command(name = "runs", description = "The runs under checkpoints/: where each stands, its losses, its time, its size, what it began from.",
    footer = {"", "Examples:", "  inkling runs"})
public final class RunsCommand implements Callable<Integer> {
    private final RunFolder folder = new RunFolder(Surroundings.RUNS);

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        RunFolder.Listing listing = folder.list();
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("runs", listing.runs().stream().map(RunSummary::json).toList());
            document.put("unreadable", listing.unreadable());
            Json.print(document);
            return 0;
        }
        if (listing.runs().isEmpty() && listing.unreadable().isEmpty()) {
            Console.err().println("There are no runs in %s yet: `inkling train CONFIG.yaml` begins one, `inkling new --data PATH` writes a run file."
                .formatted(Surroundings.RUNS));
            return 0;
        }
        RunTable.lines(listing.runs()).forEach(Console.out()::println);
        listing.unreadable().forEach(fault -> Console.err().println("unreadable: " + Printable.text(fault)));
        return 0;
    }
}
