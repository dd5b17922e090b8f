package inkling.serve.runs;

import com.fasterxml.jackson.databind.JsonNode;
import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.inspect.page.ReportPage.Sample;
import inkling.io.text.TextFiles;
import inkling.run.TrainRun;
import inkling.run.folder.RunFolder;
import inkling.run.folder.RunStanding;
import inkling.run.process.TrainingLauncher;
import inkling.runfile.ConfigDifference;
import inkling.runfile.ResumeChanges;
import inkling.serve.http.ApiFault;
import inkling.serve.http.Endpoint;
import inkling.serve.http.Exchange;
import inkling.serve.http.RequestFields;
import inkling.serve.http.Routes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code /inkling/v1/runs}: the runs of a folder. It shows the status, curves and samples of each run as they grow, and it stops, resumes
 * and opens runs. It reads runs from their directories, so it shows a run whoever began it, and wherever it is trained.
 */
public final class RunEndpoints implements AutoCloseable {
    private static final String PREFIX = "/inkling/v1/runs";
    private static final int MOST_COMPARED = 8;

    private final WatchedRuns runs;
    private final RunControl control;
    private final RunJson status;
    private final RunEvents events;
    private final OpenedModels models;
    private final Optional<BesideTraining> beside;

    /**
     * @param launcher starts trainings
     * @param beside the training that this server was started for
     * @param look while a page follows a run, the time between two readings of the run's files
     */
    public RunEndpoints(RunFolder folder, TrainingLauncher launcher, OpenedModels models, Optional<BesideTraining> beside,
                        Duration look) {
        this.models = models;
        this.beside = beside;
        control = new RunControl(launcher, beside);
        status = new RunJson(control);
        runs = new WatchedRuns(folder, status, look);
        events = new RunEvents(runs, look);
    }

    public void addTo(Routes routes) {
        routes.get(PREFIX, told(this::list));
        routes.get(PREFIX + "/{name}", told(this::one));
        routes.get(PREFIX + "/{name}/metrics", told(this::metrics));
        routes.get(PREFIX + "/{name}/samples", told(this::sample));
        routes.get(PREFIX + "/{name}/events", told(events::answer));
        routes.post(PREFIX + "/{name}/stop", steering(this::stop));
        routes.post(PREFIX + "/{name}/resume", steering(this::resume));
        routes.post("/inkling/v1/compare-runs", told(this::compare));
        routes.post(PREFIX + "/{name}/open", steering(this::open));
    }

    /** Refuses pages of other servers: their origin may be allowed so that they can ask for texts, but they must not steer trainings. */
    private static Endpoint steering(Endpoint endpoint) {
        return told(exchange -> {
            exchange.requireNoOtherPage();
            endpoint.answer(exchange);
        });
    }

    /** Answers 409 with the reason for a fault such as a damaged file of a run, since that is not a fault of the server. */
    private static Endpoint told(Endpoint endpoint) {
        return exchange -> {
            try {
                endpoint.answer(exchange);
            } catch (ConfigException e) {
                throw e;
            } catch (InklingException e) {
                throw ApiFault.request(409, e.getMessage());
            }
        };
    }

    private void list(Exchange exchange) throws IOException {
        WatchedRuns.Listing listing = runs.list();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("folder", runs.folder().path().toString());
        json.put("runs", listing.runs());
        json.put("unreadable", listing.unreadable());
        beside.ifPresent(training -> json.put("beside", training.json()));
        exchange.json(json);
    }

    private void one(Exchange exchange) throws IOException {
        String name = exchange.segment();
        Map<String, Object> json = status.whole(runs.run(name));
        json.put("config", TextFiles.readAll(runs.directory(name).resolve(TrainRun.CONFIG_FILE)).content());
        exchange.json(json);
    }

    private void metrics(Exchange exchange) throws IOException {
        String name = exchange.segment();
        Map<String, Object> json = MetricsJson.asked(exchange).of(runs.run(name).metrics());
        runs.forgetOthers(name);
        exchange.json(json);
    }

    /** What the model wrote at {@code step}. */
    private void sample(Exchange exchange) throws IOException {
        WatchedRun run = runs.run(exchange.segment());
        long step = MetricsJson.whole(exchange, "step", 0);
        Sample sample = run.samples().at(step)
            .orElseThrow(() -> ApiFault.field("step", "step: this run has no sample of step %d.".formatted(step)));
        exchange.json(Map.of("step", sample.step(), "text", sample.text()));
    }

    /** Stops a run. The body is {@code {"trainer": N}}, the id of the process that the page shows. */
    private void stop(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("trainer"));
        RunStanding run = runs.run(exchange.segment()).standing();
        long trainer = fields.whole("trainer", 1, Long.MAX_VALUE)
            .orElseThrow(() -> fields.fault("trainer", "is missing: give the id of the process to stop."));
        control.stop(run, trainer);
        exchange.json(Map.of("command", "kill " + trainer));
    }

    /** Continues a run. The body is {@code {}}, or {@code {"max_steps": N}} to extend the run. */
    private void resume(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("max_steps"));
        RunStanding run = runs.run(exchange.segment()).standing();
        OptionalLong maxSteps = fields.whole("max_steps", 1, Long.MAX_VALUE);
        List<String> settings = RunControl.settings(run, maxSteps);
        // refuses a wrong setting now, not in the new process
        ResumeChanges.apply(run.config(), run.directory().toString(), run.command(), settings);
        if (maxSteps.isPresent() && maxSteps.getAsLong() <= run.saved()) {
            throw fields.fault("max_steps", "must be more than the %,d updates that the run has made.".formatted(run.saved()));
        }
        long process = control.resume(run, settings);
        exchange.json(Map.of("command", RunControl.resumeCommand(run, settings), "process", process));
    }

    /** Tells which keys of several run files differ. The body is {@code {"runs": [NAME, …]}}. */
    private void compare(Exchange exchange) throws IOException {
        RequestFields fields = exchange.fields();
        fields.refuseOthers(List.of("runs"));
        JsonNode names = Optional.of("runs").filter(fields::has).map(fields::value).filter(JsonNode::isArray)
            .orElseThrow(() -> fields.fault("runs", "must be a list of runs' names."));
        if (names.size() < 2 || names.size() > MOST_COMPARED) {
            throw fields.fault("runs", "must name 2 to %d runs.".formatted(MOST_COMPARED));
        }
        List<RunStanding> chosen = new ArrayList<>();
        names.forEach(name -> chosen.add(runs.run(name.asText()).standing()));
        exchange.json(Map.of("differences", ConfigDifference.among(chosen.stream().map(RunStanding::config).toList())));
    }

    /** Serves the run's model. The answer's {@code model} is the name that requests call it by. */
    private void open(Exchange exchange) throws IOException {
        exchange.fields().refuseOthers(List.of());
        exchange.json(Map.of("model", models.open(runs.directory(exchange.segment()))));
    }

    /** Ends the streams of events. Trainings go on. */
    @Override
    public void close() {
        events.close();
    }
}
