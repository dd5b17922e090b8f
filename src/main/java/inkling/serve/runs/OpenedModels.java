package inkling.serve.runs;

import inkling.serve.api.ServedModel;
import inkling.serve.api.ServedModels;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/** The models of runs that were opened from the dashboard. Each takes memory, so there are few: opening one more closes the first. */
public final class OpenedModels {
    private static final int MOST = 3;

    private final ServedModels served;
    private final Function<Path, ServedModel> opener;
    private final Deque<ServedModel> opened = new ArrayDeque<>();

    /** @param opener of a run's best checkpoint, else its last */
    public OpenedModels(ServedModels served, Function<Path, ServedModel> opener) {
        this.served = served;
        this.opener = opener;
    }

    /**
     * Serves the model of a run, if that is not served already.
     *
     * @return the name that it answers to
     * @throws inkling.errors.InklingException if it cannot be opened
     */
    synchronized String open(Path run) {
        for (ServedModel model : served.all()) {
            if (run.toAbsolutePath().normalize().equals(model.model().directory().toAbsolutePath().normalize().getParent())) {
                return model.name();
            }
        }
        ServedModel model = opener.apply(run);
        if (opened.size() == MOST) {
            served.close(opened.removeFirst());
        }
        opened.addLast(model);
        served.add(model);
        return model.name();
    }
}
