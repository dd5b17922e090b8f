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
import inkling.run.folder.RunFolder;
import inkling.run.process.DesktopBrowser;
import inkling.serve.InklingServer;
import inkling.serve.ModelNames;
import inkling.serve.ServeOptions;
import inkling.serve.api.ServedModel;
import inkling.serve.batch.BatcherOptions;
import inkling.serve.http.Limits;
import inkling.serve.runs.BesideTraining;
import java.time.Duration;
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
@Command(name = "serve", description = "Answer requests of OpenAI's API over HTTP; show a playground at / and the runs of checkpoints/ at"
    + " /runs. Ctrl-C ends the server.",
    footer = {"", "Examples:", "  inkling serve checkpoints/dickens --port 8080", "  inkling serve --open"})
public final class ServeCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS_AT_A_RUN = Duration.ofMillis(500);

    /**
     * With {@code --beside}, once the training has ended, the server ends after this many looks in a row that find no connection. They take
     * 3 minutes, because a page in a hidden tab sends a request only once a minute.
     */
    private static final int QUIET_LOOKS = 36;
    private static final long MILLIS_BETWEEN_LOOKS_AT_CONNECTIONS = 5_000;

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "models as `sample` takes them; a request names a model by the name of"
        + " its directory or GGUF file (RUN/best as RUN-best); models of runs can also be opened at /runs")
    List<String> models = new ArrayList<>();

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1",
        description = "where to listen; an address that other machines reach needs an API key; default ${DEFAULT-VALUE}")
    String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "0 for any free port; default ${DEFAULT-VALUE}")
    int port;

    @Option(names = "--api-key", paramLabel = "KEY", defaultValue = "${env:INKLING_API_KEY}", showDefaultValue = Visibility.NEVER,
        description = "the key that each request must have; default: INKLING_API_KEY of the environment, or none")
    String apiKey;

    @Option(names = "--slots", paramLabel = "N", defaultValue = "8",
        description = "how many samples each model generates at the same time; default ${DEFAULT-VALUE}")
    int slots;

    @Option(names = "--cache-mb", paramLabel = "N", defaultValue = "1024",
        description = "MiB of memory for attention keys and values, for each model; default ${DEFAULT-VALUE}")
    int cacheMegabytes;

    @Option(names = "--allow-host", paramLabel = "NAME",
        description = "another name of this machine that requests may give in their Host header; may be repeated")
    List<String> hosts = new ArrayList<>();

    @Option(names = "--allow-origin", paramLabel = "ORIGIN",
        description = "let web pages of this origin send requests, e.g. http://localhost:3000; may be repeated")
    List<String> origins = new ArrayList<>();

    @Option(names = "--open", description = "open the first page in a browser, if there is a desktop")
    boolean openBrowser;

    /** Given by {@code train --dashboard}. */
    @Option(names = "--beside", paramLabel = "PID", hidden = true,
        description = "end when this process has ended and no page asks any more")
    Long beside;

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
        Optional<BesideTraining> training = Optional.ofNullable(beside).map(pid -> BesideTraining.of(pid, System.in));
        InklingServer.Runs runs = new InklingServer.Runs(new RunFolder(CommandEnvironment.RUNS), CommandEnvironment.LAUNCHER,
            run -> load(run.toString(), options), training, BETWEEN_LOOKS_AT_A_RUN);
        InklingServer server = InklingServer.start(List.of(), models.stream().map(ModelNames::of).toList(), Optional.of(runs),
            options, fault ->
            Console.err().println("inkling: a request failed: " + fault));
        // the hook runs at SIGTERM, after which the process exits with 143, and at SIGINT, after which it exits with 130
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        loadAll(server, options);
        server.models().all().forEach(model -> model.chatRemark().ifPresent(Console.err()::println));
        String page = server.uri() + (models.isEmpty() ? "/runs" : "") + (beside == null ? "" : "#process=" + beside);
        Console.out().println(models.isEmpty() ? "%s  shows %sthe runs of %s".formatted(page, beside == null ? "" : "this training and ",
            CommandEnvironment.RUNS)
            : "%s  %s".formatted(page, server.models().all().stream().map(ServedModel::name).collect(Collectors.joining(", "))));
        if (openBrowser) {
            DesktopBrowser.open(page);
        }
        if (training.isPresent()) {
            training.get().await();
            untilNobodyAsks(server);
            return 0;
        }
        new CountDownLatch(1).await();
        return 0;
    }

    /** Waits until the server has had no connection for three minutes. */
    private static void untilNobodyAsks(InklingServer server) throws InterruptedException {
        for (int quiet = 0; quiet < QUIET_LOOKS; quiet = server.connections() == 0 ? quiet + 1 : 0) {
            Thread.sleep(MILLIS_BETWEEN_LOOKS_AT_CONNECTIONS);
        }
    }

    /** Loads the models. The server listens already: a request for a model that is still being loaded is answered with status 503. */
    private void loadAll(InklingServer server, ServeOptions options) {
        try {
            models.forEach(model -> server.open(() -> load(model, options)));
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private ServedModel load(String model, ServeOptions options) {
        ModelLocation location = ModelLocation.findTrained(model, Optional.empty(), CommandEnvironment.RUNS);
        location.remark().ifPresent(Console.err()::println);
        LoadedModel loaded = LoadedModel.open(location, Optional.empty(), context());
        loaded.notFinite().ifPresent(what -> Console.err().println("warning: " + what + " What this model says is worth nothing."));
        return new ServedModel(ModelNames.of(model), loaded, options.batching());
    }

    private ComputeContext context() {
        return ComputeContext.of(new DeviceName(device), OptionalInt.empty(), Precision.storing(precision.storage()));
    }
}
