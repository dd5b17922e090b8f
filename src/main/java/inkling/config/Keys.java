package inkling.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Derives how record classes look in a file: their keys, the names of their types, and the words for enum constants. */
public final class Keys {
    /** {@code type:}, which chooses among the records of a sealed interface. */
    public static final String TYPE = "type";

    private Keys() {}

    /** One key of a section. */
    public record SectionKey(String name, Key key, RecordComponent component) {
        public boolean required() {
            return key.def().isEmpty();
        }
    }

    /** The keys of a section in order, inlined records' keys included; empty for a record without keys, e.g. if it is one scalar. */
    public static List<SectionKey> of(Class<?> section) {
        List<SectionKey> keys = new ArrayList<>();
        for (RecordComponent component : section.getRecordComponents()) {
            if (component.isAnnotationPresent(Inlined.class)) {
                keys.addAll(of(component.getType()));
                continue;
            }
            Key key = component.getAnnotation(Key.class);
            if (key != null) {
                keys.add(new SectionKey(snake(component.getName()), key, component));
            }
        }
        return keys;
    }

    /** Whether values of this type are written as one scalar and not as a mapping. */
    public static boolean scalar(Class<?> record) {
        return of(record).isEmpty() && !record.isAnnotationPresent(TypeName.class);
    }

    /** The records of a sealed interface by their {@code type:}; empty if no record has a {@link TypeName}. */
    public static Map<String, Class<?>> types(Class<?> sealed) {
        Map<String, Class<?>> types = new LinkedHashMap<>();
        for (Class<?> member : sealed.getPermittedSubclasses()) {
            TypeName name = member.getAnnotation(TypeName.class);
            if (name != null) {
                types.put(name.value(), member);
            }
        }
        return types;
    }

    /** The constants of an enum as files spell them. */
    public static List<String> words(Class<?> enumType) {
        return Arrays.stream(enumType.getEnumConstants()).map(c -> word((Enum<?>) c)).toList();
    }

    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The sections of a run file and their keys: "" for the top, then {@code data}, {@code data.tokenizer} … */
    public static Map<String, List<String>> sections(Class<?> root) {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        collect(root, "", sections);
        return sections;
    }

    private static void collect(Class<?> type, String path, Map<String, List<String>> sections) {
        if (type.isSealed()) {
            types(type).values().forEach(member -> collect(member, path, sections));
        } else if (type.isRecord() && !scalar(type)) {
            for (SectionKey key : of(type)) {
                sections.computeIfAbsent(path, p -> new ArrayList<>()).add(key.name());
                collect(raw(key.component().getGenericType()), path.isEmpty() ? key.name() : path + "." + key.name(), sections);
            }
        }
    }

    /** Maps the names that other programs have for keys to the keys' paths: {@code block_size} to {@code model.context_length}. */
    public static Map<String, String> elsewhere(Class<?> root) {
        Map<String, String> paths = new LinkedHashMap<>();
        collectElsewhere(root, "", paths);
        return paths;
    }

    private static void collectElsewhere(Class<?> type, String section, Map<String, String> paths) {
        if (type.isSealed()) {
            types(type).values().forEach(member -> collectElsewhere(member, section, paths));
        } else if (type.isRecord() && !scalar(type)) {
            for (SectionKey key : of(type)) {
                String path = section.isEmpty() ? key.name() : section + "." + key.name();
                List.of(key.key().elsewhere()).forEach(other -> paths.putIfAbsent(other, path));
                collectElsewhere(raw(key.component().getGenericType()), path, paths);
            }
        }
    }

    /** The class of a component's values; for an {@code Optional} or a list, the class of its elements. */
    public static Class<?> raw(Type type) {
        return type instanceof ParameterizedType generic ? raw(generic.getActualTypeArguments()[0]) : (Class<?>) type;
    }

    /** {@code nEmbd} to {@code n_embd}; {@code beta1} stays. */
    public static String snake(String camel) {
        return camel.replaceAll("(?<!^)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
