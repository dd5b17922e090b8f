package inkling.serve.runs;

import inkling.run.ModelLocation;
import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/**
 * The models that users opened from the dashboard. At most {@value #MOST} stay open, because each takes memory. Opening one more closes the
 * model that was opened first.
 */
public final class OpenedModels {
    private static final int MOST = 3;

    private final ServedModels served;
    private final Function<Path, ServedModel> opener;
    private final Deque<ServedModel> opened = new ArrayDeque<>();

    /** @param opener opens the checkpoint of a run that {@link ModelLocation#chosen} names */
    public OpenedModels(ServedModels served, Function<Path, ServedModel> opener) {
        this.served = served;
        this.opener = opener;
    }

    /**
     * Serves the present model of a run: the checkpoint that {@link ModelLocation#chosen} names. If another checkpoint of the run is
     * served, that is closed first.
     *
     * @return the model's name in requests
     * @throws inkling.errors.InklingException if the model cannot be opened
     */
    synchronized String open(Path run) {
        Optional<ServedModel> known = served.all().stream()
            .filter(model -> run.toAbsolutePath().normalize().equals(checkpoint(model).getParent()))
            .findFirst();
        if (known.isPresent()
            && ModelLocation.chosen(run).map(path -> path.toAbsolutePath().normalize()).equals(known.map(OpenedModels::checkpoint))) {
            return known.get().name();
        }
        known.ifPresent(old -> {
            opened.remove(old);
            served.close(old);   // before the new model is read, since memory may not hold both
        });
        ServedModel model = opener.apply(run);
        if (opened.size() == MOST) {
            served.close(opened.removeFirst());
        }
        opened.addLast(model);
        served.add(model);
        return model.name();
    }

    private static Path checkpoint(ServedModel model) {
        return model.model().directory().toAbsolutePath().normalize();
    }
}
