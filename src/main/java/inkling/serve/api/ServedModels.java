package inkling.serve.api;

import inkling.serve.http.ApiFault;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** The models of a server, in the order in which they were added. For any number of threads. */
public final class ServedModels {
    private final CopyOnWriteArrayList<ServedModel> models;
    private final CopyOnWriteArrayList<String> expected;

    public ServedModels(List<ServedModel> models) {
        this(models, List.of());
    }

    /** @param expected names of models that are being loaded and will be {@linkplain #add added} */
    public ServedModels(List<ServedModel> models, List<String> expected) {
        this.models = new CopyOnWriteArrayList<>(models);
        this.expected = new CopyOnWriteArrayList<>(expected);
    }

    /** The models as they are now. */
    public List<ServedModel> all() {
        return List.copyOf(models);
    }

    /** Serves one more model. @param model its name must differ from those of the models here */
    public void add(ServedModel model) {
        models.add(model);
        expected.remove(model.name());
    }

    /** Checks that all expected models are loaded. @throws ApiFault 503 while models are being loaded */
    public void requireLoaded() {
        if (!expected.isEmpty()) {
            throw loading(String.join(", ", expected));
        }
    }

    private static ApiFault loading(String name) {
        return ApiFault.unavailable(name + " is being loaded. Try again in a second.");
    }

    /** Stops serving {@code model}, and closes it. Its running texts end with an error. */
    public void close(ServedModel model) {
        models.remove(model);
        model.close();
    }

    /**
     * The model of a request.
     *
     * @param name the name in the request; if it is empty, the server's only model is taken
     * @throws ApiFault 404 if the server has no such model, or no model at all. 400 if the name is missing and there are several models.
     *     503 while the model is being loaded, or, if the name is missing, while any model is being loaded
     */
    public ServedModel find(Optional<String> name) {
        List<String> loading = expected.stream().filter(model -> name.map(model::equals).orElse(true)).toList();
        List<ServedModel> all = all();                                             // after loading: a model may be added in between
        List<String> loaded = all.stream().map(ServedModel::name).toList();
        if (!loaded.containsAll(loading)) {
            throw loading(String.join(", ", loading));
        }
        if (all.isEmpty()) {
            throw ApiFault.noSuchModel("This server has no model yet: the page /runs opens models of runs.");
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
