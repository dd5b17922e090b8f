package inkling.config;

import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import java.util.List;

/**
 * Where a value stands: its place in the file and its path of keys. A message about the value begins with its place, then its section
 * unless that is the top level.
 *
 * @param doc the key's line in the reference page, "" if there is none
 */
record ValueLocation(String path, Place place, String doc) {
    ValueLocation(String path, Place place) {
        this(path, place, "");
    }

    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    ValueLocation at(String key, Place there) {
        return new ValueLocation(path.isEmpty() ? key : path + "." + key, there);
    }

    ValueLocation withDoc(String line) {
        return new ValueLocation(path, place, line);
    }

    /** Puts place and section before a message: {@code configs/tiny.yaml:7: model: n_head = 5 does not …}. */
    Problem problem(String message) {
        String section = path.contains(".") ? path.substring(0, path.lastIndexOf('.')) + ": " : "";
        return new Problem(path, MessageText.clean(place.text() + ": " + section + message));
    }

    ConfigException refuse(String message) {
        return new ConfigException(List.of(problem(message)));
    }

    /**
     * The problem {@code broken} of the section at this location, with a place before its message: the place of the key that breaks the
     * rule, or the place of the section if that key is left out or the problem names no key.
     */
    Problem rule(Mapping section, Problem broken) {
        ValueLocation location = this;
        Node node = section;
        for (String key : broken.field().isEmpty() ? new String[0] : broken.field().split("\\.")) {
            Entry entry = node instanceof Mapping mapping ? mapping.entries().get(key) : null;
            location = location.at(key, entry == null ? location.place() : entry.place());
            node = entry == null ? null : entry.value();
        }
        return location.problem(broken.message());
    }
}
