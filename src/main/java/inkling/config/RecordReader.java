package inkling.config;

import inkling.config.Keys.Of;
import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A tree to a record, by the record's own components and their {@link inkling.config.Key} annotations.
 *
 * <p>Rules: a key is the component's name in snake_case; an enum is its constant in lower case; an {@code Optional} may be null;
 * a list of one may be written without brackets; a sealed interface is chosen by {@code type:}, or by the kind of scalar where
 * its records have no type names. All problems come in one exception, each with its place and section.
 */
public final class RecordReader {
    /** Of one kind in one place, so that a hostile file costs little. */
    private static final int MOST_PROBLEMS = 20;

    private final Class<?> root;
    private final boolean complete;

    private RecordReader(Class<?> root, boolean complete) {
        this.root = root;
        this.complete = complete;
    }

    /** What a user wrote: a key that is left out has its default. @throws ConfigException with every problem of the tree */
    public static <T> T read(Mapping tree, Class<T> type) {
        return type.cast(new RecordReader(type, false).value(type, tree, new Spot("", tree.place())));
    }

    /** What {@link RecordWriter} wrote: only what it leaves out may be missing. @throws ConfigException with every problem of the tree */
    public static <T> T readComplete(Mapping tree, Class<T> type) {
        return type.cast(new RecordReader(type, true).value(type, tree, new Spot("", tree.place())));
    }

    private Object value(Type type, Node node, Spot spot) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            if (generic.getRawType() != Optional.class) {
                return list(inner, node, spot);
            }
            return node instanceof Scalar scalar && scalar.isNull() ? Optional.empty() : Optional.of(value(inner, node, spot));
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isSealed()) {
            return Keys.types(raw).isEmpty() ? union(raw, node, spot) : tagged(raw, mapping(node, spot), spot);
        } else if (raw.isRecord() && Keys.scalar(raw)) {
            return wrapped(raw, node, spot);
        } else if (raw.isRecord()) {
            return section(raw, mapping(node, spot), spot);
        }
        return Scalars.value(raw, node, spot);
    }

    private List<?> list(Type inner, Node node, Spot spot) {
        if (node instanceof Scalar) {
            return List.of(value(inner, node, spot));
        } else if (!(node instanceof Sequence sequence)) {
            throw spot.refuse("%s = {…} is a mapping, a list is expected.".formatted(spot.key()));
        } else {
            List<Object> items = new ArrayList<>();
            List<Problem> problems = new ArrayList<>();
            for (Node item : sequence.items()) {
                if (problems.size() >= MOST_PROBLEMS) {
                    break;
                }
                attempt(problems, () -> value(inner, item, new Spot(spot.path(), item.place()))).ifPresent(items::add);
            }
            if (!problems.isEmpty()) {
                throw new ConfigException(problems);
            }
            return items;
        }
    }

    private static Mapping mapping(Node node, Spot spot) {
        if (node instanceof Mapping mapping) {
            return mapping;
        }
        throw spot.refuse(spot.key() + " = " + Wording.of(node) + " must be a mapping of keys to values; leave it out for the defaults.");
    }

    /** A value that stands for one scalar: the record checks it. */
    private Object wrapped(Class<?> record, Node node, Spot spot) {
        Object inner = Scalars.value(record.getRecordComponents()[0].getType(), node, spot);
        return construct(record, new Object[] {inner}, p -> spot.problem(p.message()));
    }

    /** A number, a text, or the word of a record without components, whichever the scalar is. */
    private Object union(Class<?> sealed, Node node, Spot spot) {
        List<String> expected = new ArrayList<>();
        for (Class<?> member : sealed.getPermittedSubclasses()) {
            RecordComponent[] components = member.getRecordComponents();
            if (components.length == 0) {
                String word = Keys.snake(member.getSimpleName());
                expected.add(word);
                if (node instanceof Scalar scalar && scalar.text().equals(word)) {
                    return construct(member, new Object[0], p -> p);
                }
            } else {
                expected.add(Scalars.noun(components[0].getType()));
                if (Scalars.fits(components[0].getType(), node)) {
                    return wrapped(member, node, spot);
                }
            }
        }
        throw spot.refuse("%s = %s must be %s.".formatted(spot.key(), Wording.of(node), String.join(" or ", expected)));
    }

    private Object tagged(Class<?> sealed, Mapping mapping, Spot spot) {
        Map<String, Class<?>> types = Keys.types(sealed);
        Optional<TypeName> usual = Optional.ofNullable(sealed.getAnnotation(TypeName.class));
        Entry given = mapping.entries().get(Keys.TYPE);
        String name = given != null ? typeName(given, spot, List.copyOf(types.keySet()))
            : usual.map(TypeName::value).orElseThrow(() -> new ConfigException(typeMissing(types, mapping, spot)));
        return section(types.get(name), mapping, spot);
    }

    /** Of the keys that are there, those that no type has: one of them may be a misspelled {@code type}. */
    private List<Problem> typeMissing(Map<String, Class<?>> types, Mapping mapping, Spot spot) {
        List<String> allowed = Stream.concat(Stream.of(Keys.TYPE), types.values().stream().flatMap(type -> Keys.of(type).stream())
            .map(Of::name)).distinct().toList();
        List<Problem> problems = new ArrayList<>(unknownKeys(allowed, "", mapping, spot));
        problems.add(spot.at(Keys.TYPE, spot.place()).problem("type is missing. Allowed: %s.".formatted(String.join(", ", types.keySet()))));
        return problems;
    }

    private static String typeName(Entry given, Spot spot, List<String> types) {
        String word = given.value() instanceof Scalar scalar ? scalar.text() : "";
        if (types.contains(word)) {
            return word;
        }
        String hint = Wording.nearest(word, types).map(near -> " Did you mean " + near + "?").orElse("");
        throw spot.at(Keys.TYPE, given.place()).refuse("type = %s is unknown.%s Allowed: %s."
            .formatted(Wording.of(given.value()), hint, String.join(", ", types)));
    }

    private Object section(Class<?> record, Mapping mapping, Spot spot) {
        List<Problem> problems = new ArrayList<>(unknownKeys(record, mapping, spot));
        Map<String, Object> values = new LinkedHashMap<>();
        for (Of key : Keys.of(record)) {
            Entry entry = mapping.entries().get(key.name());
            if (entry == null && (key.required() || complete && !key.key().onlyIfSet())) {
                problems.add(spot.at(key.name(), spot.place()).problem("%s is missing: %s.".formatted(key.name(), key.key().doc())));
            } else {
                Spot there = spot.at(key.name(), entry == null ? spot.place() : entry.place()).means(key.key().doc());
                Node node = entry == null ? fallback(key, there) : entry.value();
                attempt(problems, () -> value(key.component().getGenericType(), node, there)).ifPresent(v -> values.put(key.name(), v));
            }
        }
        if (problems.isEmpty()) {
            return make(record, values, p -> spot.rule(mapping, p));
        }
        problems.addAll(rulesBroken(record, values, mapping, spot));
        throw new ConfigException(problems);
    }

    /** A section's own rules where some of its values could not be read: those that speak only of values that could. */
    private List<Problem> rulesBroken(Class<?> record, Map<String, Object> read, Mapping mapping, Spot spot) {
        List<Of> keys = Keys.of(record);
        List<Of> lost = keys.stream().filter(k -> !read.containsKey(k.name())).toList();
        if (spot.path().isEmpty() || lost.stream().anyMatch(Of::required)) {
            return List.of();
        }
        Map<String, Object> values = new LinkedHashMap<>(read);
        lost.forEach(k -> values.put(k.name(), value(k.component().getGenericType(), fallback(k, spot), spot)));
        try {
            make(record, values, p -> p);
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream().filter(p -> lost.stream().noneMatch(k -> p.message().contains(k.name())))
                .map(p -> spot.rule(mapping, p)).toList();
        }
    }

    private static Node fallback(Of key, Spot spot) {
        return YamlReader.read(key.key().def(), line -> spot.place()).orElseThrow();
    }

    private List<Problem> unknownKeys(Class<?> record, Mapping mapping, Spot spot) {
        TypeName type = record.getAnnotation(TypeName.class);
        List<String> allowed = new ArrayList<>(Keys.of(record).stream().map(Of::name).toList());
        if (type != null) {
            allowed.add(0, Keys.TYPE);
        }
        return unknownKeys(allowed, type == null ? "" : " with type " + type.value(), mapping, spot);
    }

    private List<Problem> unknownKeys(List<String> allowed, String where, Mapping mapping, Spot spot) {
        return mapping.entries().entrySet().stream().filter(e -> !allowed.contains(e.getKey())).limit(MOST_PROBLEMS)
            .map(e -> spot.at(e.getKey(), e.getValue().place()).problem("unknown key %s.%s Allowed%s: %s.".formatted(
                Wording.of(new Scalar(e.getKey(), true, spot.place())), hint(e.getKey(), spot.path(), allowed), where,
                String.join(", ", allowed))))
            .toList();
    }

    /** A near key of this section, else the section where a key of this very name is at home. */
    private String hint(String key, String path, List<String> allowed) {
        return Wording.nearest(key, allowed).map(near -> " Did you mean " + near + "?")
            .or(() -> Keys.sections(root).entrySet().stream()
                .filter(section -> !section.getKey().equals(path) && section.getValue().contains(key)).findFirst()
                .map(section -> " It belongs " + (section.getKey().isEmpty() ? "to the top level." : "into " + section.getKey() + ".")))
            .orElse("");
    }

    private static Optional<Object> attempt(List<Problem> problems, Supplier<Object> reading) {
        try {
            return Optional.of(reading.get());
        } catch (ConfigException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    /** A section of these values by key; an inlined record takes its own from among them. */
    private static Object make(Class<?> record, Map<String, Object> values, UnaryOperator<Problem> locate) {
        Object[] components = Arrays.stream(record.getRecordComponents()).map(c -> c.isAnnotationPresent(Inlined.class)
            ? make(c.getType(), values, locate) : values.get(Keys.snake(c.getName()))).toArray();
        return construct(record, components, locate);
    }

    private static Object construct(Class<?> record, Object[] values, UnaryOperator<Problem> locate) {
        try {
            Class<?>[] types = Arrays.stream(record.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = record.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof ConfigException broken) {
                throw new ConfigException(broken.problems().stream().map(locate).toList());
            }
            throw new IllegalStateException(record + " refused " + Arrays.toString(values), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(record + " cannot be made", e);
        }
    }
}
