package inkling.serve;

import inkling.errors.ConfigException;
import inkling.errors.Problems;
import inkling.model.KvCache;
import inkling.run.folder.RunFolder;
import inkling.run.process.TrainingLauncher;
import inkling.serve.api.GenerateEndpoint;
import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import inkling.serve.http.HttpServer;
import inkling.serve.http.Routes;
import inkling.serve.page.Pages;
import inkling.serve.runs.BesideTraining;
import inkling.serve.runs.OpenedModels;
import inkling.serve.runs.RunEndpoints;
import inkling.serve.status.Metrics;
import inkling.serve.status.StatusEndpoints;
import inkling.serve.status.TokenEndpoints;
import inkling.serve.view.ViewEndpoints;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A server that answers with trained models: {@code try (InklingServer server = InklingServer.start(models, options, log)) { … }}.
 * When the server closes, running texts end with an error, and the models are closed.
 */
public final class InklingServer implements AutoCloseable {
    private final ServedModels models;
    private final HttpServer http;
    private final Optional<RunEndpoints> runs;
    private final ServeOptions options;

    private InklingServer(ServedModels models, HttpServer http, Optional<RunEndpoints> runs, ServeOptions options) {
        this.models = models;
        this.options = options;
        this.http = http;
        this.runs = runs;
    }

    /**
     * Runs that a server shows and steers, on its dashboard.
     *
     * @param launcher starts trainings
     * @param opener opens the model of a run directory, to be served
     * @param beside the training that this server was started for; the pages show its run as soon as it has one
     * @param look while a page follows a run, the time between two readings of the run's files
     */
    public record Runs(RunFolder folder, TrainingLauncher launcher, Function<Path, ServedModel> opener, Optional<BesideTraining> beside,
                       Duration look) {}

    /** As {@link #start(List, List, Optional, ServeOptions, Consumer)}, for a server that gets no more models and shows no runs. */
    public static InklingServer start(List<ServedModel> models, ServeOptions options, Consumer<Throwable> log) {
        return start(models, List.of(), Optional.empty(), options, log);
    }

    /**
     * Starts a server.
     *
     * @param models closed with the server, and also if it cannot start
     * @param expected names of models that {@link #open} will bring; until then, a request for such a model gets status 503
     * @param log receives the server's own faults
     * @throws ConfigException if the server cannot listen on the address. Also if two models have the same name, or the cache cannot hold a
     *     whole context of a model
     */
    public static InklingServer start(List<ServedModel> models, List<String> expected, Optional<Runs> runs, ServeOptions options,
                                      Consumer<Throwable> log) {
        ServedModels served = new ServedModels(models, expected);
        try {
            check(served.all(), options);
            Routes routes = new Routes();
            HttpServer http = new HttpServer(options.host(), options.port(), options.guards(), routes, options.limits(), log);
            new StatusEndpoints(served).addTo(routes);
            new TokenEndpoints(served).addTo(routes);
            new ViewEndpoints(served).addTo(routes);
            new Pages().addTo(routes);
            routes.get("/metrics", new Metrics(served, http::connections)::answer);
            for (String prefix : List.of("/v1", "")) { // some clients leave the version out
                routes.post(prefix + "/completions", GenerateEndpoint.text(served));
                routes.post(prefix + "/chat/completions", GenerateEndpoint.chat(served));
            }
            Optional<RunEndpoints> watched = runs.map(r -> new RunEndpoints(r.folder(), r.launcher(),
                new OpenedModels(served, run -> checked(r.opener().apply(run), served, options)), r.beside(), r.look()));
            watched.ifPresent(endpoints -> endpoints.addTo(routes));
            http.start();
            return new InklingServer(served, http, watched, options);
        } catch (RuntimeException e) {
            models.forEach(ServedModel::close);
            throw e;
        }
    }

    /**
     * Serves one more model.
     *
     * @throws ConfigException if its name is taken, or the cache cannot hold one whole context of it; the model is then closed
     */
    public void open(Supplier<ServedModel> opener) {
        models.add(checked(opener.get(), models, options));
    }

    /** Checks whether a model can be served beside the others; closes it if not. */
    private static ServedModel checked(ServedModel opened, ServedModels served, ServeOptions options) {
        try {
            check(Stream.concat(served.all().stream(), Stream.of(opened)).toList(), options);
            return opened;
        } catch (ConfigException e) {
            opened.close();
            throw e;
        }
    }

    private static void check(List<ServedModel> served, ServeOptions options) {
        Problems problems = new Problems();
        Set<String> names = new HashSet<>();
        for (ServedModel model : served) {
            problems.check(names.add(model.name()), "model", "Two models are called %s: requests could not tell them apart. Give one of"
                + " their directories another name.", model.name());
            long context = KvCache.bytes(model.config(), model.config().contextLength());
            problems.check(context <= options.batching().cacheBytes(), "cache_mb", "--cache-mb: a text that fills %s's context of %,d"
                + " tokens takes %,d MB of keys and values; give at least that.",
                model.name(), model.config().contextLength(), (context >> 20) + 1);
        }
        problems.throwIfAny();
    }

    /** Where the server listens, e.g. {@code http://127.0.0.1:8080}. */
    public URI uri() {
        return http.uri();
    }

    /** Connections that are open now. */
    public int connections() {
        return http.connections();
    }

    public ServedModels models() {
        return models;
    }

    /** Takes no more connections, and frees everything. Running texts end with an error. */
    @Override
    public void close() {
        http.stopAccepting();
        runs.ifPresent(RunEndpoints::close);
        models.all().forEach(ServedModel::close);
        http.close();
    }
}
