package inkling.spark;

import ai.djl.ndarray.NDArray;
import inkling.checkpoint.CheckpointStore;
import inkling.checkpoint.Progress;
import inkling.checkpoint.TrainingState;
import inkling.checkpoint.WorkerStates;
import inkling.data.TokenLocation;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import inkling.io.Content;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.model.Gpt;
import inkling.optim.OptimizerState;
import inkling.run.TrainingMethod;
import inkling.run.WorkerTraining;
import inkling.runfile.ClusterConfig;
import inkling.spark.settings.ClusterSettings;
import inkling.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The driver's part of a training in rounds, which {@link Rounds} describes. */
final class RoundSession implements TrainingMethod.Session {
    private final TrainingMethod.Parts parts;
    private final ClusterConfig cluster;
    private final WorkerTraining.Setting setting;
    private final OuterStep outer;
    private final WorkersCsv rows;
    private final SparkRound spark;
    private final RoundLog log;
    private List<Manifest.Entry> states;
    private long savingBegan;   // System.nanoTime(); set by files(), which is called when a checkpoint begins

    RoundSession(ClusterSettings settings, TrainingMethod.Parts parts) {
        this.parts = parts;
        cluster = parts.config().cluster();
        TokenLocation examples = parts.data().forWorkers(parts.run(), cluster.workers(), parts.columns())
            .orElseThrow(() -> new IllegalStateException("pairs of answers are refused before this"));
        setting = new WorkerTraining.Setting(parts.config().toYaml(), parts.run().toAbsolutePath().toString(), examples, parts.columns(),
            parts.context().threads());
        outer = new OuterStep((ClusterConfig.Nesterov) cluster.outer(), cluster.deltas(), cluster.workers(), parameters(parts),
            parts.manager());
        parts.checkpoint().ifPresent(path -> TrainingState.load(path, outer, parts.manager()));
        states = parts.checkpoint().map(path -> WorkerStates.read(path).files()).orElse(List.of());
        long step = parts.progress().step();
        rows = WorkersCsv.open(parts.run(), step, parts.listener()::remark);
        log = new RoundLog(cluster, outer.weights().count(), rows.processors(), parts.listener()::remark);
        spark = new SparkRound(settings, parts.config().name().text(), cluster.workers(), log);
        tidy(new CheckpointStore(parts.run(), DurableFiles.SYSTEM).steps().stream().map(CheckpointStore::stepOf).toList());
    }

    private static Map<String, NDArray> parameters(TrainingMethod.Parts parts) {
        Gpt gpt = parts.gpt();
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        parts.trainable().forEach(name -> arrays.put(name, gpt.parameters().get(name)));
        return arrays;
    }

    @Override
    public boolean inRounds() {
        return true;
    }

    @Override
    public long previous(long step) {
        return (step - 1) / cluster.innerSteps() * cluster.innerSteps();
    }

    @Override
    public StepMetrics next(Progress before) {
        long began = System.nanoTime();
        long from = before.step();
        long to = cluster.roundEnd(from, parts.config().train().maxSteps());
        log.begin(from, to, parts.config().train().maxSteps());
        float[][] weights = outer.weights().read();
        SparkRound.Job job = new SparkRound.Job(setting, CheckpointStore.nameOf(from), from, to, stateFiles(states), cluster);
        List<WorkerReport.Trained> reports = spark.run(job, weights, outer);
        parts.gpt().parameters().refreshCopies(parts.trainable());
        states = reports.stream().map(report -> new Manifest.Entry(report.stateSha256(), report.stateBytes())).toList();
        double seconds = (System.nanoTime() - began) / 1e9;
        rows.append(to, reports);
        log.ended(reports, seconds);
        long tokens = reports.stream().mapToLong(WorkerReport.Trained::tokens).sum();
        return new StepMetrics(to, before.tokens() + tokens, mean(reports, WorkerReport.Trained::lastLoss),
            mean(reports, WorkerReport.Trained::lastGradNorm), reports.get(0).lastRate(), tokens / seconds, seconds * 1e3 / (to - from));
    }

    private interface Figure {
        double of(WorkerReport.Trained report);
    }

    private static double mean(List<WorkerReport.Trained> reports, Figure figure) {
        return reports.stream().mapToDouble(figure::of).average().orElseThrow();
    }

    private static ArrayList<WorkerTask.StateFile> stateFiles(List<Manifest.Entry> states) {
        return states.stream().map(state -> new WorkerTask.StateFile(state.sha256(), state.bytes()))
            .collect(Collectors.toCollection(ArrayList::new));
    }

    @Override
    public OptimizerState optimizer() {
        return outer;
    }

    @Override
    public Map<String, Content> files() {
        savingBegan = System.nanoTime();
        return Map.of(WorkerStates.FILE_NAME, new WorkerStates(cluster.workers(), cluster.innerSteps(), states).content());
    }

    @Override
    public void saved(List<Long> steps) {
        log.saved((System.nanoTime() - savingBegan) / 1e9);
        tidy(steps);
    }

    /**
     * Removes the workers' files of all rounds without a checkpoint. Also removes temporary files that killed workers left beside the
     * workers' files of the newest checkpoint.
     *
     * @param steps the steps of all checkpoints
     */
    private void tidy(List<Long> steps) {
        Path all = parts.run().resolve(WorkerStates.DIRECTORY);
        if (!Files.isDirectory(all)) {
            return;
        }
        Set<String> kept = steps.stream().map(CheckpointStore::nameOf).collect(Collectors.toSet());
        try {
            DurableFiles.SYSTEM.sweep(all);
            for (Path round : list(all)) {
                if (CheckpointStore.isStep(round) && !kept.contains(round.getFileName().toString())) {
                    DurableFiles.SYSTEM.deleteDirectory(round);
                }
            }
            for (Path file : steps.isEmpty() ? List.<Path>of() : list(WorkerStates.directory(parts.run(), Collections.max(steps)))) {
                if (DurableFiles.isTemporary(file)) {   // its writer may be on another machine, so nobody can ask whether it still runs
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | StorageException e) {
            parts.listener().remark("%s: old files of workers could not be removed (%s); training goes on."
                .formatted(all, FileFaults.messageOf(e)));
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    @Override
    public void close() {
        spark.close();
        OpenTraining.close();
    }
}
