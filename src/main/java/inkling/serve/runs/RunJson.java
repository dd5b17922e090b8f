package inkling.serve.runs;

import inkling.checkpoint.CheckpointStore;
import inkling.inspect.RunHistory.Point;
import inkling.inspect.metrics.RunFigures;
import inkling.io.DurableFiles;
import inkling.run.ModelLocation;
import inkling.run.RunState;
import inkling.run.folder.RunStanding;
import inkling.train.SampleConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A run as JSON for the dashboard. Keys that {@code runs --json} also has mean the same there. */
final class RunJson {
    private static final Pattern MEMORY = Pattern.compile("^(VmRSS|VmHWM):\\s+([0-9]+) kB$", Pattern.MULTILINE);

    private final RunControl control;

    RunJson(RunControl control) {
        this.control = control;
    }

    /**
     * The JSON for a row in the list of all runs. {@code trainer} is the id of the process that trains the run. It is −1 if the id is not
     * known, and null if no process trains the run.
     */
    Map<String, Object> brief(WatchedRun watched) {
        return brief(watched.standing(), watched);
    }

    private Map<String, Object> brief(RunStanding run, WatchedRun watched) {
        DiskUse disk = watched.disk();
        return watched.metrics().figures(figures -> brief(run, figures, disk));
    }

    private Map<String, Object> brief(RunStanding run, RunFigures figures, DiskUse disk) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", run.name());
        json.put("state", run.state().word());
        json.put("trainer", run.trainer().isPresent() ? run.trainer().getAsLong() : null);
        json.put("starting", control.isStarting(run));
        json.put("stopping", control.isStopping(run));
        json.put("step", run.step(figures.step()));
        json.put("max_steps", run.config().train().maxSteps());
        json.put("tokens", figures.tokens());
        json.put("last_train_loss", json(figures.lastTrain()));
        json.put("last_val_loss", json(figures.lastValidation()));
        json.put("best_val_loss", json(figures.bestValidation()));
        json.put("seconds", figures.seconds());
        json.put("seconds_left", secondsLeft(run, figures));
        json.put("bytes", disk.runBytes());
        json.put("from", RunStanding.origin(run.config()));
        json.put("warnings", RunWarnings.of(run, figures, control.failure(run), disk));
        return json;
    }

    /**
     * The JSON for a page about this run:
     *
     * <ul>
     *   <li>All of {@link #brief}, and the memory of the process that trains the run.
     *   <li>Its checkpoints, and the first step after 0 at which its settings ask for one (a lowest loss or a stop may save earlier).
     *   <li>The prompt of its samples, their steps so far, when it writes samples, and how to get more of them.
     *   <li>The commands that stop and resume the run, or why it cannot be stopped from here.
     *   <li>Whether workers on Spark trained it.
     * </ul>
     */
    Map<String, Object> whole(WatchedRun watched) {
        RunStanding run = watched.standing();
        Map<String, Object> json = brief(run, watched);
        Optional<ProcessHandle> trainer = TrainerProcess.of(run);
        json.put("memory", trainer.map(RunJson::memory).orElse(null));
        json.put("sample_steps", watched.samples().steps());
        json.put("sample_prompt", run.config().train().sample().map(SampleConfig::prompt).orElse(null));
        json.put("sample_interval", RunSamples.interval(run).orElse(null));
        OptionalLong next = watched.samples().next(run);
        json.put("sample_next", next.isPresent() ? next.getAsLong() : null);
        json.put("sample_milestones", RunSamples.milestones(run));
        json.put("more_samples", RunSamples.more(run).orElse(null));
        json.put("checkpoints", checkpoints(run));
        json.put("first_checkpoint", run.byWorkers() ? run.stepThatDoes(1) : run.config().train().firstSavedUpdate());
        Optional<String> refusal = run.trainer().isPresent() ? RunControl.refusal(trainer) : Optional.empty();
        json.put("stop_command", trainer.filter(process -> refusal.isEmpty()).map(RunControl::stopCommand).orElse(null));
        json.put("stop_refusal", refusal.orElse(null));
        json.put("resume_command", RunControl.resumeCommand(run, RunControl.settings(run, OptionalLong.empty())));
        json.put("by_workers", run.byWorkers());
        return json;
    }

    private static Map<String, Object> json(Optional<Point> point) {
        return point.map(p -> Map.<String, Object>of("step", p.step(), "loss", p.value())).orElse(null);
    }

    private static Double secondsLeft(RunStanding run, RunFigures figures) {
        boolean known = run.state() == RunState.RUNNING && figures.secondsPerStep().isPresent();
        return known ? figures.secondsPerStep().getAsDouble() * Math.max(0, run.config().train().maxSteps() - figures.step()) : null;
    }

    private static List<Map<String, Object>> checkpoints(RunStanding run) {
        CheckpointStore store = new CheckpointStore(run.directory(), DurableFiles.SYSTEM);
        Optional<Path> last = store.last();
        Optional<Path> best = store.best().filter(ModelLocation::isTrained);
        return store.steps().stream().map(step -> Map.<String, Object>of("step", CheckpointStore.stepOf(step),
            "last", last.filter(step::equals).isPresent(), "best", best.filter(step::equals).isPresent())).toList();
    }

    /**
     * Bytes of memory of the training process: {@code now}, and the {@code most} so far. Null if it has ended, or without Linux's /proc.
     */
    private static Map<String, Object> memory(ProcessHandle trainer) {
        Path status = Path.of("/proc", Long.toString(trainer.pid()), "status");
        if (!Files.isReadable(status)) {
            return null;
        }
        try {
            Map<String, Object> memory = new LinkedHashMap<>();
            Matcher lines = MEMORY.matcher(Files.readString(status, StandardCharsets.ISO_8859_1));
            while (lines.find()) {
                memory.put(lines.group(1).equals("VmRSS") ? "now" : "most", Long.parseLong(lines.group(2)) << 10);
            }
            return memory.size() == 2 ? memory : null;
        } catch (IOException e) {
            return null;   // the process has just ended
        }
    }
}
