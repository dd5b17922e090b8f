package inkling.serve.api;

import inkling.serve.http.ApiFault;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The models that a server answers with, in the order of its command line; at least one. */
public record ServedModels(List<ServedModel> all) {
    public ServedModels {
        all = List.copyOf(all);
    }

    /**
     * The model of a request.
     *
     * @param name as the request has it; without one, a server of one model takes that
     * @throws ApiFault 404 for a name that is not served
     */
    public ServedModel find(Optional<String> name) {
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
