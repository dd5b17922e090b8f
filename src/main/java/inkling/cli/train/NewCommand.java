package inkling.cli.train;

import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.data.source.CorpusFiles;
import inkling.data.source.DataConfig;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.engine.Precision;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.io.DurableFiles;
import inkling.run.starter.StarterFile;
import inkling.run.starter.StarterText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code new [NAME] --data PATH}. */
@Command(name = "new", description = "Write a first run file for a text of yours, with values that suit the text and this machine.",
    footer = {"", "Examples:", "  inkling new --data my-book.txt", "  inkling new letters --data letters/ --minutes 30"})
public final class NewCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME",
        description = "name of the run and of its file NAME.yaml; default: the text's file name")
    String name;

    @Option(names = "--data", required = true, paramLabel = "PATH", description = "a text file, a folder or a glob; may be repeated")
    List<String> data;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "text",
        description = "text, jsonl_text or messages; default ${DEFAULT-VALUE}")
    String format;

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "10",
        description = "about how long the training may take; default ${DEFAULT-VALUE}")
    double minutes;

    @Override
    public Integer call() {
        if (!(minutes > 0 && minutes <= 100_000)) {
            throw new ConfigException("--minutes %s must be above 0 and at most 100000.".formatted(minutes));
        }
        String chosen = name == null ? nameAfter(data.get(0)) : name;
        Path file = Path.of(chosen + ".yaml");
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new ConfigException("%s exists already; nothing was changed. Give another name: `new OTHER %s`."
                .formatted(file, asTyped()));
        }
        CommandEnvironment.tellMissingSettings();
        StarterText text = StarterText.read(data, DataConfig.Format.of(format), Console.err()::println);
        ComputeContext context = ComputeContext.of(DeviceName.AUTO, OptionalInt.empty(), Precision.computing(Precision.Compute.FLOAT32));
        StarterFile starter = StarterFile.of(chosen, text, minutes, context);
        DurableFiles.SYSTEM.write(file, starter.yaml().getBytes(StandardCharsets.UTF_8));
        EstimateText.lines(starter.estimate()).forEach(Console.out()::println);
        Console.out().println("\nwritten: %s. Check it, then: ./inkling train %s".formatted(file, file));
        return 0;
    }

    /** The name derived from a path: {@code The-old-shop} for {@code books/The old shop.txt}, {@code books} for {@code books/*.txt}. */
    private String nameAfter(String path) {
        Path named = Path.of(path).toAbsolutePath().normalize();
        while (named.getFileName() != null && CorpusFiles.isGlob(named.toString())) {
            named = named.getParent();
        }
        Path last = named.getFileName();
        String stem = last == null ? "" : last.toString().replaceFirst("(?<=.)\\..*", "");
        String safe = stem.replaceAll("[^A-Za-z0-9_]+", "-").replaceAll("^-+|-+$", "");
        if (safe.isEmpty()) {
            throw new ConfigException("%s gives no usable name for a run: give one, `new NAME %s`.".formatted(path, asTyped()));
        }
        return safe.substring(0, Math.min(64, safe.length()));
    }

    /** The {@code --data} options, quoted for a shell. */
    private String asTyped() {
        return data.stream().map(path -> "--data " + Printable.shellWord(path)).collect(Collectors.joining(" "));
    }
}
