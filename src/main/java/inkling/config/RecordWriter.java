package inkling.config;

import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a record as a tree, which {@link RecordReader} reads back as an equal record. Defaults are written too, except those of keys that
 * are written only if set ({@link Key#onlyIfSet}).
 */
public final class RecordWriter {
    private static final Place WRITTEN = new Place("config.yaml of the run");

    private RecordWriter() {}

    public static Mapping tree(Record section) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        TypeName type = section.getClass().getAnnotation(TypeName.class);
        if (type != null) {
            entries.put(Keys.TYPE, new Entry(WRITTEN, text(type.value())));
        }
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            if (component.isAnnotationPresent(Inlined.class)) {
                entries.putAll(tree((Record) component(section, component)).entries());
            } else if (component.isAnnotationPresent(Key.class)) {
                put(entries, component, node(component(section, component)));
            }
        }
        return new Mapping(entries, WRITTEN);
    }

    private static void put(Map<String, Entry> entries, RecordComponent component, Node value) {
        Key key = component.getAnnotation(Key.class);
        if (!key.onlyIfSet() || !YamlWriter.flow(value).equals(key.def())) {
            entries.put(Keys.snake(component.getName()), new Entry(WRITTEN, value));
        }
    }

    private static Node node(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.map(RecordWriter::node).orElseGet(() -> plain("null"));
        } else if (value instanceof List<?> list) {
            return new Sequence(list.stream().map(RecordWriter::node).toList(), WRITTEN);
        } else if (value instanceof Record section && !Keys.scalar(section.getClass())) {
            return tree(section);
        } else if (value instanceof Record scalar) {
            RecordComponent[] components = scalar.getClass().getRecordComponents();
            return components.length == 0 ? plain(Keys.snake(scalar.getClass().getSimpleName())) : node(component(scalar, components[0]));
        } else if (value instanceof Enum<?> constant) {
            return plain(Keys.word(constant));
        } else if (value instanceof Double number) {
            return plain(decimal(number));
        } else if (value instanceof Number || value instanceof Boolean) {
            return plain(value.toString());
        }
        return text(value.toString());
    }

    private static Object component(Object section, RecordComponent component) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(section.getClass() + " cannot be read", e);
        }
    }

    /** Digits that read back as the same double, in a form that every version of YAML takes for a number: 1.0e-4. */
    static String decimal(double value) {
        String digits = Double.toString(value).toLowerCase(Locale.ROOT);
        return digits.contains("e-") ? digits : digits.replace("e", "e+");
    }

    private static Scalar plain(String word) {
        return new Scalar(word, true, WRITTEN);
    }

    private static Scalar text(String text) {
        return new Scalar(text, Scalars.safePlain(text), WRITTEN);
    }
}
