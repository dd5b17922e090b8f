package inkling.serve.view;

import inkling.engine.ComputeContext;
import inkling.errors.InklingException;
import inkling.io.Manifest;
import inkling.model.config.GptConfig;
import inkling.perf.ParameterTally;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.serve.http.ApiFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Keeps the most recently used checkpoints of one run open: at most {@value #MOST}, with at most {@value #MOST_MEBIBYTES} MiB of weights in
 * all. Only the thread that owns the served model uses them. Those that are still open are closed after that thread has ended.
 */
final class OpenCheckpoints implements AutoCloseable {
    static final int MOST = 8;
    static final long MOST_MEBIBYTES = 512;

    /** @param manifest the sha256 of each file; it changes if the run was resumed from an earlier step and has saved this step again */
    private record Opened(Optional<Manifest> manifest, LoadedModel model) {}

    private final LinkedHashMap<Path, Opened> stillOpen = new LinkedHashMap<>(MOST, 0.75f, true);   // the least recently used first
    private final int most;

    OpenCheckpoints(GptConfig config) {
        long bytes = Math.max(1, Float.BYTES * ParameterTally.of(config).parameters());
        this.most = (int) Math.min(MOST, (MOST_MEBIBYTES << 20) / bytes);
    }

    /**
     * Does {@code work} with the checkpoint. Afterwards, a checkpoint that is too large to stay open is closed.
     *
     * @throws ApiFault if the run has deleted the checkpoint meanwhile (see {@code train.keep_checkpoints})
     */
    <T> T with(Path checkpoint, ComputeContext context, Function<LoadedModel, T> work) {
        LoadedModel model = opened(checkpoint, context);
        try {
            return work.apply(model);
        } finally {
            if (most == 0) {
                model.close();
            }
        }
    }

    private LoadedModel opened(Path checkpoint, ComputeContext context) {
        try {
            return most == 0 ? open(checkpoint, context) : kept(checkpoint, context);
        } catch (InklingException e) {
            if (Files.isDirectory(checkpoint)) {
                throw e;
            }
            throw ApiFault.field("step", "step: the run has deleted this checkpoint meanwhile."
                + " With `train.keep_checkpoints: all`, a run deletes none.");
        }
    }

    private LoadedModel kept(Path checkpoint, ComputeContext context) {
        Optional<Manifest> manifest = Manifest.read(checkpoint);
        Opened known = stillOpen.get(checkpoint);
        if (known != null && known.manifest().equals(manifest)) {
            return known.model();
        }
        Optional.ofNullable(stillOpen.remove(checkpoint)).ifPresent(old -> old.model().close());
        while (stillOpen.size() >= most) {
            Iterator<Map.Entry<Path, Opened>> oldest = stillOpen.entrySet().iterator();
            oldest.next().getValue().model().close();
            oldest.remove();
        }
        LoadedModel model = open(checkpoint, context);
        stillOpen.put(checkpoint, new Opened(manifest, model));
        return model;
    }

    private static LoadedModel open(Path checkpoint, ComputeContext context) {
        return LoadedModel.open(ModelLocation.of(checkpoint, Optional.empty()), Optional.empty(), context);
    }

    /** How many checkpoints are open. */
    int size() {
        return stillOpen.size();
    }

    @Override
    public void close() {
        stillOpen.values().forEach(opened -> opened.model().close());
        stillOpen.clear();
    }
}
