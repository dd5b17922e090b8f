package inkling.config;

import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import java.util.List;

/**
 * Where a value stands: in the file, and by its path of keys; what a message about it begins with.
 *
 * @param doc the key's line of the reference page, "" where there is none
 */
record Spot(String path, Place place, String doc) {
    Spot(String path, Place place) {
        this(path, place, "");
    }

    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    Spot at(String key, Place there) {
        return new Spot(path.isEmpty() ? key : path + "." + key, there);
    }

    Spot means(String meaning) {
        return new Spot(path, place, meaning);
    }

    /** {@code configs/tiny.yaml:7: model: n_head = 5 does not …}; the section is what stands before the last key of the path. */
    Problem problem(String message) {
        String section = path.contains(".") ? path.substring(0, path.lastIndexOf('.')) + ": " : "";
        return new Problem(path, Wording.clean(place.text() + ": " + section + message));
    }

    ConfigException refuse(String message) {
        return new ConfigException(List.of(problem(message)));
    }

    /** A rule that the section standing here breaks, told at the line of the key that it is about. */
    Problem rule(Mapping section, Problem broken) {
        Spot spot = this;
        Node node = section;
        for (String key : broken.field().isEmpty() ? new String[0] : broken.field().split("\\.")) {
            Entry entry = node instanceof Mapping mapping ? mapping.entries().get(key) : null;
            spot = spot.at(key, entry == null ? spot.place() : entry.place());
            node = entry == null ? null : entry.value();
        }
        return spot.problem(broken.message());
    }
}
