package inkling.serve.api;

import inkling.serve.http.ApiFault;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** The models that a server answers with: those of its command line, in their order, then those that were opened since. For any thread. */
public final class ServedModels {
    private final CopyOnWriteArrayList<ServedModel> models;

    public ServedModels(List<ServedModel> models) {
        this.models = new CopyOnWriteArrayList<>(models);
    }

    /** As they are now. */
    public List<ServedModel> all() {
        return List.copyOf(models);
    }

    /** Serves one more. @param model of a name that no other has */
    public void add(ServedModel model) {
        models.add(model);
    }

    /** Serves it no longer; texts that are under way in it end with an error. */
    public void close(ServedModel model) {
        models.remove(model);
        model.close();
    }

    /**
     * The model of a request.
     *
     * @param name as the request has it; without one, a server of one model takes that
     * @throws ApiFault 404 for a name that is not served
     */
    public ServedModel find(Optional<String> name) {
        List<ServedModel> all = all();
        if (all.isEmpty()) {
            throw ApiFault.noSuchModel("This server has no model yet: /runs opens those of runs.");
        }
        if (name.isEmpty() && all.size() == 1) {
            return all.get(0);
        }
        String served = all.stream().map(ServedModel::name).collect(Collectors.joining(", "));
        if (name.isEmpty()) {
            throw ApiFault.field("model", "model is missing: this server has " + served + ".");
        }
        return all.stream().filter(model -> model.name().equals(name.get())).findFirst()
            .orElseThrow(() -> ApiFault.noSuchModel("There is no model of this name: this server has " + served + "."));
    }
}
