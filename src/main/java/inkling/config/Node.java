package inkling.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML or JSON document as a tree that remembers where each part was written. */
public sealed interface Node {
    /** Where a value was written, as messages name it: {@code configs/tiny.yaml:7}, a part of a JSON document, or a {@code --set}. */
    record Place(String text) {}

    Place place();

    /** @param plain whether the scalar has no quotes and is no block of lines; only then can it be a number, a boolean or null */
    record Scalar(String text, boolean plain, Place place) implements Node {
        public boolean isNull() {
            return plain && (text.equals("null") || text.equals("~"));
        }
    }

    record Sequence(List<Node> items, Place place) implements Node {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    record Mapping(Map<String, Entry> entries, Place place) implements Node {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        /** The mapping below {@code key}; an empty one if there is none. */
        public Mapping section(String key) {
            Entry entry = entries.get(key);
            return entry != null && entry.value() instanceof Mapping mapping ? mapping : new Mapping(Map.of(), place);
        }

        public boolean has(String key) {
            return entries.containsKey(key);
        }

        /** This mapping with {@code value} at {@code path}; mappings that are missing on the way are added. */
        public Mapping with(List<String> path, Node value) {
            String key = path.get(0);
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            if (path.size() == 1) {
                changed.put(key, new Entry(value.place(), value));
                return new Mapping(changed, place);
            }
            // A scalar or a list on the path is replaced by a mapping, too. If no mapping belongs there, RecordReader says so.
            boolean isMapping = entries.containsKey(key) && entries.get(key).value() instanceof Mapping;
            Entry old = isMapping ? entries.get(key) : new Entry(value.place(), new Mapping(Map.of(), value.place()));
            changed.put(key, new Entry(old.place(), ((Mapping) old.value()).with(path.subList(1, path.size()), value)));
            return new Mapping(changed, place);
        }

        public Mapping without(String key) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            changed.remove(key);
            return new Mapping(changed, place);
        }
    }

    /** What a mapping has for one key. {@code place} is the place of the key; {@code value} has a place of its own. */
    record Entry(Place place, Node value) {}
}
