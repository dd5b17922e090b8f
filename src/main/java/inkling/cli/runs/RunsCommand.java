package inkling.cli.runs;

import inkling.cli.option.PageOption;
import inkling.cli.terminal.Amounts;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.run.folder.RunFolder;
import inkling.run.folder.RunSummary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runs}, {@code runs compare A B…}, {@code runs remove NAME…}. */
@Command(name = "runs", description = "The runs under checkpoints/: where each stands, its losses, its time, its size, what it began from.",
    synopsisSubcommandLabel = "[compare | remove]",
    footer = {"", "Examples:", "  inkling runs", "  inkling runs compare dickens wide"})
public final class RunsCommand implements Callable<Integer> {
    private final RunFolder folder = new RunFolder(CommandEnvironment.RUNS);

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
            Console.err().println(("There are no runs in %s yet: `./inkling train CONFIG.yaml` begins one, `./inkling new --data PATH` "
                + "writes a run file.")
                .formatted(CommandEnvironment.RUNS));
            return 0;
        }
        if (!listing.runs().isEmpty()) {
            RunTable.lines(listing.runs()).forEach(Console.out()::println);
        }
        listing.unreadable().forEach(fault -> Console.err().println("unreadable: " + Printable.text(fault)));
        return 0;
    }

    @Command(name = "compare", description =
        "Validation losses of several runs in one chart, and the keys in which their run files differ.",
        footer = {"", "Example:", "  inkling runs compare dickens wide --html comparison.html"})
    int compare(@Parameters(arity = "2..*", paramLabel = "RUN",
        description = "run directories, or names under checkpoints/") List<String> names,
                @Mixin PageOption page, @Option(names = "--json", description = "one JSON document on standard output") boolean asJson) {
        List<RunSummary> runs = names.stream().map(folder::run).toList();
        if (page.asked()) {
            page.write(RunOverlay.html(String.join(", ", names), runs));
        }
        if (asJson) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("runs", runs.stream().map(RunSummary::json).toList());
            document.put("differences", RunOverlay.differences(runs));
            Json.print(document);
        } else {
            RunOverlay.lines(runs).forEach(Console.out()::println);
        }
        return 0;
    }

    @Command(name = "remove", description = "Delete runs with all their checkpoints, and nothing else. If one of the runs is being"
        + " trained, none is deleted.",
        footer = {"", "Example:", "  inkling runs remove dickens wide --yes"})
    int remove(@Parameters(arity = "1..*", paramLabel = "NAME", description = "names under checkpoints/") List<String> names,
               @Option(names = "--yes", description = "do not ask") boolean yes) {
        List<Path> runs = folder.removable(names);
        if (!yes && !agreed(runs)) {
            Console.err().println("Nothing was removed.");
            return 0;
        }
        runs.forEach(run -> {
            folder.remove(run);
            Console.out().println("removed: " + run);
        });
        return 0;
    }

    private static boolean agreed(List<Path> runs) {
        String what = String.join(", ", runs.stream()
            .map(run -> "%s (%s)".formatted(run, Amounts.megabytes(RunFolder.bytes(run)))).toList());
        if (!Console.isTerminal()) {
            throw new ConfigException(("no terminal to ask whether to remove %s. To remove without a question, give --yes."
                + " Nothing was removed.").formatted(what));
        }
        String answer = System.console().readLine("Remove %s? [y/N] ", what);
        return answer != null && answer.strip().matches("(?i)y|yes");
    }
}
