package inkling.cli.model;

import inkling.cli.option.PrecisionOption;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Counts;
import inkling.engine.ComputeContext;
import inkling.engine.DeviceName;
import inkling.engine.Precision;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.serve.InklingServer;
import inkling.serve.ModelNames;
import inkling.serve.ServeOptions;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serve MODEL…}. */
@Command(name = "serve", description = "Answer requests over HTTP, as programs for OpenAI's API send them. Ctrl-C ends it.",
    footer = {"", "Example:", "  inkling serve checkpoints/dickens --port 8080"})
public final class ServeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", arity = "1..*", description = "models as `sample` takes them; each answers to its directory's name")
    List<String> models;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1",
        description = "where to listen; an address that other machines reach needs an API key; default ${DEFAULT-VALUE}")
    String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "0 for any that is free; default ${DEFAULT-VALUE}")
    int port;

    @Option(names = "--api-key", paramLabel = "KEY", defaultValue = "${env:INKLING_API_KEY}", showDefaultValue = Visibility.NEVER,
        description = "what requests must bring; default: INKLING_API_KEY of the environment, or none")
    String apiKey;

    @Option(names = "--slots", paramLabel = "N", defaultValue = "8",
        description = "samples that are generated side by side, for each model; default ${DEFAULT-VALUE}")
    int slots;

    @Option(names = "--cache-mb", paramLabel = "N", defaultValue = "1024",
        description = "memory for keys and values, for each model; default ${DEFAULT-VALUE}")
    int cacheMegabytes;

    @Option(names = "--allow-host", paramLabel = "NAME", description = "another name of this machine in requests; may be repeated")
    List<String> hosts = new ArrayList<>();

    @Option(names = "--allow-origin", paramLabel = "ORIGIN",
        description = "web pages of this origin may ask, e.g. http://localhost:3000; may be repeated")
    List<String> origins = new ArrayList<>();

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "auto",
        description = DeviceName.FORMS + "; default ${DEFAULT-VALUE}")
    String device;

    @Mixin
    PrecisionOption precision;

    @Override
    public Integer call() throws InterruptedException {
        Counts.requireAtLeastOne("--slots", slots);
        Counts.requireAtLeastOne("--cache-mb", cacheMegabytes);
        CommandEnvironment.tellMissingSettings();
        ServeOptions options = new ServeOptions(host, port, Optional.ofNullable(apiKey).filter(key -> !key.isEmpty()), Set.copyOf(hosts),
            Set.copyOf(origins), new BatcherOptions(slots, (long) cacheMegabytes << 20, BatcherOptions.WAITING), Limits.DEFAULT);
        InklingServer server = InklingServer.start(open(options), options, fault ->
            Console.err().println("inkling: a request failed: " + fault));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop")); // SIGTERM and SIGINT end in this, then with 143 and 130
        server.models().all().forEach(model -> model.chatRemark().ifPresent(Console.err()::println));
        Console.out().println("%s  %s".formatted(server.uri(),
            server.models().all().stream().map(ServedModel::name).collect(Collectors.joining(", "))));
        new CountDownLatch(1).await();
        return 0;
    }

    /** All of them, or none is left open. */
    private List<ServedModel> open(ServeOptions options) {
        List<ServedModel> opened = new ArrayList<>();
        ComputeContext context = ComputeContext.of(new DeviceName(device), OptionalInt.empty(), Precision.storing(precision.storage()));
        try {
            for (String model : models) {
                ModelLocation location = ModelLocation.findTrained(model, Optional.empty(), CommandEnvironment.RUNS);
                location.remark().ifPresent(Console.err()::println);
                LoadedModel loaded = LoadedModel.open(location, Optional.empty(), context);
                loaded.notFinite().ifPresent(what -> Console.err().println("warning: " + what + " What this model says is worth nothing."));
                opened.add(new ServedModel(ModelNames.of(model), loaded, options.batching()));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.forEach(ServedModel::close);
            throw e;
        }
    }
}
