package inkling.config;

import inkling.config.Keys.SectionKey;
import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Scalar;
import inkling.config.Node.Sequence;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import inkling.errors.DidYouMean;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes a record from a tree, guided by the record's components and their {@link inkling.config.Key} annotations.
 *
 * <p>The rules:
 * <ul>
 * <li>A key is the component's name in snake_case.</li>
 * <li>An enum is written as the constant in lower case.</li>
 * <li>An {@code Optional} may be null.</li>
 * <li>A list of one scalar may be written without brackets.</li>
 * <li>For a sealed interface, {@code type:} says which of its records is read. If the records have no {@link TypeName}, the
 * scalar itself decides: it is the name of a record, or its kind is that of a record's value.</li>
 * </ul>
 * The problems of all sections come in one exception, each with its place and section.
 */
public final class RecordReader {
    /**
     * After this many problems, the rest of a list is not read. After this many unknown keys of a section, its other unknown keys are not
     * reported. So a hostile file costs little.
     */
    private static final int MOST_PROBLEMS = 20;

    private final Class<?> root;
    private final boolean complete;

    private RecordReader(Class<?> root, boolean complete) {
        this.root = root;
        this.complete = complete;
    }

    /**
     * Reads what a user wrote. A key that is left out has its default.
     *
     * @throws ConfigException with the problems of the tree
     */
    public static <T> T read(Mapping tree, Class<T> type) {
        return type.cast(new RecordReader(type, false).value(type, tree, new ValueLocation("", tree.place())));
    }

    /**
     * Reads what {@link RecordWriter} wrote. Only keys with {@link Key#onlyIfSet}, and a {@code type:} with a default, may be missing.
     *
     * @throws ConfigException with the problems of the tree
     */
    public static <T> T readComplete(Mapping tree, Class<T> type) {
        return type.cast(new RecordReader(type, true).value(type, tree, new ValueLocation("", tree.place())));
    }

    private Object value(Type type, Node node, ValueLocation location) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            if (generic.getRawType() != Optional.class) {
                return list(inner, node, location);
            }
            return node instanceof Scalar scalar && scalar.isNull() ? Optional.empty() : Optional.of(value(inner, node, location));
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isSealed()) {
            return Keys.types(raw).isEmpty() ? union(raw, node, location) : tagged(raw, mapping(node, location), location);
        } else if (raw.isRecord() && Keys.scalar(raw)) {
            return wrapped(raw, node, location);
        } else if (raw.isRecord()) {
            return section(raw, mapping(node, location), location);
        }
        return Scalars.value(raw, node, location);
    }

    private List<?> list(Type inner, Node node, ValueLocation location) {
        if (node instanceof Scalar) {
            return List.of(value(inner, node, location));
        } else if (!(node instanceof Sequence sequence)) {
            throw location.refuse("%s = {…} is a mapping, a list is expected.".formatted(location.key()));
        } else {
            List<Object> items = new ArrayList<>();
            List<Problem> problems = new ArrayList<>();
            for (Node item : sequence.items()) {
                if (problems.size() >= MOST_PROBLEMS) {
                    break;
                }
                attempt(problems, () -> value(inner, item, new ValueLocation(location.path(), item.place()))).ifPresent(items::add);
            }
            if (!problems.isEmpty()) {
                throw new ConfigException(problems);
            }
            return items;
        }
    }

    private static Mapping mapping(Node node, ValueLocation location) {
        if (node instanceof Mapping mapping) {
            return mapping;
        }
        throw location.refuse(location.key() + " = " + MessageText.of(node)
            + " must be a mapping of keys to values; leave it out for the defaults.");
    }

    /** A record that is written as one scalar; its constructor checks the value. */
    private Object wrapped(Class<?> record, Node node, ValueLocation location) {
        Object inner = Scalars.value(record.getRecordComponents()[0].getType(), node, location);
        return construct(record, new Object[] {inner}, p -> location.problem(p.message()));
    }

    /** Chooses a record of a sealed interface by the kind of scalar: a number, a text, or the name of a record without components. */
    private Object union(Class<?> sealed, Node node, ValueLocation location) {
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
                    return wrapped(member, node, location);
                }
            }
        }
        throw location.refuse("%s = %s must be %s.".formatted(location.key(), MessageText.of(node), String.join(" or ", expected)));
    }

    /** Chooses a record by {@code type:}, or else by the {@link TypeName} of {@code sealed}, and reads the mapping as that record. */
    private Object tagged(Class<?> sealed, Mapping mapping, ValueLocation location) {
        Map<String, Class<?>> types = Keys.types(sealed);
        Optional<TypeName> usual = Optional.ofNullable(sealed.getAnnotation(TypeName.class));
        Entry given = mapping.entries().get(Keys.TYPE);
        String name = given != null ? typeName(given, location, List.copyOf(types.keySet()))
            : usual.map(TypeName::value).orElseThrow(() -> new ConfigException(typeMissing(types, mapping, location)));
        return section(types.get(name), mapping, location);
    }

    /** The problems of a mapping without {@code type}. Unknown keys come first: one of them may be a misspelled {@code type}. */
    private List<Problem> typeMissing(Map<String, Class<?>> types, Mapping mapping, ValueLocation location) {
        List<String> allowed = Stream.concat(Stream.of(Keys.TYPE), types.values().stream().flatMap(type -> Keys.of(type).stream())
            .map(SectionKey::name)).distinct().toList();
        List<Problem> problems = new ArrayList<>(unknownKeys(allowed, "", mapping, location));
        problems.add(location.at(Keys.TYPE, location.place())
            .problem("type is missing. Allowed: %s.".formatted(String.join(", ", types.keySet()))));
        return problems;
    }

    private static String typeName(Entry given, ValueLocation location, List<String> types) {
        String word = given.value() instanceof Scalar scalar ? scalar.text() : "";
        if (types.contains(word)) {
            return word;
        }
        String hint = DidYouMean.hint(word, types);
        throw location.at(Keys.TYPE, given.place()).refuse("type = %s is unknown.%s Allowed: %s."
            .formatted(MessageText.of(given.value()), hint, String.join(", ", types)));
    }

    private Object section(Class<?> record, Mapping mapping, ValueLocation location) {
        List<Problem> problems = new ArrayList<>(unknownKeys(record, mapping, location));
        Map<String, Object> values = new LinkedHashMap<>();
        for (SectionKey key : Keys.of(record)) {
            Entry entry = mapping.entries().get(key.name());
            if (entry == null && (key.required() || complete && !key.key().onlyIfSet())) {
                problems.add(location.at(key.name(), location.place())
                    .problem("%s is missing: %s.%s".formatted(key.name(), key.key().doc(), location.path().isEmpty() ? ""
                        : " Write it in %s, as %s: VALUE.".formatted(location.path(), key.name()))));
            } else {
                ValueLocation there = location.at(key.name(), entry == null ? location.place() : entry.place()).withDoc(key.key().doc());
                Node node = entry == null ? fallback(key, there) : entry.value();
                attempt(problems, () -> value(key.component().getGenericType(), node, there)).ifPresent(v -> values.put(key.name(), v));
            }
        }
        if (problems.isEmpty()) {
            return make(record, values, p -> location.rule(mapping, p));
        }
        problems.addAll(rulesBroken(record, values, mapping, location));
        throw new ConfigException(problems);
    }

    /**
     * The rules that a section breaks if values that could not be read are replaced by their defaults. Rules whose
     * message names the key of such a value are left out. Empty at the top level, and if one of these values has no default.
     */
    private List<Problem> rulesBroken(Class<?> record, Map<String, Object> read, Mapping mapping, ValueLocation location) {
        List<SectionKey> keys = Keys.of(record);
        List<SectionKey> lost = keys.stream().filter(k -> !read.containsKey(k.name())).toList();
        if (location.path().isEmpty() || lost.stream().anyMatch(SectionKey::required)) {
            return List.of();
        }
        Map<String, Object> values = new LinkedHashMap<>(read);
        lost.forEach(k -> values.put(k.name(), value(k.component().getGenericType(), fallback(k, location), location)));
        try {
            make(record, values, p -> p);
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream().filter(p -> lost.stream().noneMatch(k -> p.message().contains(k.name())))
                .map(p -> location.rule(mapping, p)).toList();
        }
    }

    /** The default of {@code key}. */
    private static Node fallback(SectionKey key, ValueLocation location) {
        return YamlReader.read(key.key().def(), line -> location.place()).orElseThrow();
    }

    private List<Problem> unknownKeys(Class<?> record, Mapping mapping, ValueLocation location) {
        TypeName type = record.getAnnotation(TypeName.class);
        List<String> allowed = new ArrayList<>(Keys.of(record).stream().map(SectionKey::name).toList());
        if (type != null) {
            allowed.add(0, Keys.TYPE);
        }
        return unknownKeys(allowed, type == null ? "" : " with type " + type.value(), mapping, location);
    }

    private List<Problem> unknownKeys(List<String> allowed, String where, Mapping mapping, ValueLocation location) {
        List<Map.Entry<String, Entry>> unknown = mapping.entries().entrySet().stream().filter(e -> !allowed.contains(e.getKey()))
            .limit(MOST_PROBLEMS).toList();
        return IntStream.range(0, unknown.size()).mapToObj(i -> {
            String key = unknown.get(i).getKey();
            String list = i < unknown.size() - 1 ? "" : " Allowed%s: %s.".formatted(where, String.join(", ", allowed));   // said once
            return location.at(key, unknown.get(i).getValue().place()).problem("unknown key %s.%s%s".formatted(
                MessageText.of(new Scalar(key, true, location.place())), hint(key, location.path(), allowed), list));
        }).toList();
    }

    /**
     * A suggestion for an unknown key, the first of these that exists:
     * <ol>
     * <li>the key for which other programs have this name</li>
     * <li>a similar key of this section</li>
     * <li>another section that has a key of exactly this name</li>
     * <li>""</li>
     * </ol>
     */
    private String hint(String key, String path, List<String> allowed) {
        String ours = Keys.elsewhere(root).get(key);
        if (ours != null) {
            String own = path.isEmpty() ? "" : path + ".";
            return " Did you mean " + (ours.startsWith(own) ? ours.substring(own.length()) : ours) + "?";
        }
        return DidYouMean.nearest(key, allowed).map(near -> " Did you mean " + near + "?")
            .or(() -> Keys.sections(root).entrySet().stream()
                .filter(section -> !section.getKey().equals(path) && section.getValue().contains(key)).findFirst()
                .map(section -> " It belongs " + (section.getKey().isEmpty() ? "to the top level." : "in " + section.getKey() + ".")))
            .orElse("");
    }

    /** The result of {@code reading}; empty if it throws a ConfigException, whose problems are added to {@code problems}. */
    private static Optional<Object> attempt(List<Problem> problems, Supplier<Object> reading) {
        try {
            return Optional.of(reading.get());
        } catch (ConfigException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    /** Makes a section from its values by key; an inlined record is made from its own keys among them. */
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
