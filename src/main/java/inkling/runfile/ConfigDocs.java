package inkling.runfile;

import inkling.config.Keys;
import inkling.config.Scalars;
import inkling.config.TypeName;
import java.io.PrintStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes {@code docs/config.md}, the reference page of the run file, from the records that read a run file. */
public final class ConfigDocs {
    private static final String HEAD = """
        # The run file

        One YAML file describes one training run. This page is generated from the records that read a run file
        (`inkling.runfile.ConfigDocs`); a test compares the page with the records.

        A run file is read strictly:

        - These are errors (exit code 2): a key that is not listed here, a key that stands twice, a value of another type, a value out of
          range. The message has the file, the line, the nearest key and what is allowed. One report has all errors of a file, but
          faults of the YAML itself (a key that stands twice, a tag …) come first, in a report of their own.
        - No value is converted: `"12"` is text, and `3.7` is not a whole number. Most values that YAML 1.1 and 1.2 read differently (`010`,
          `yes`, `12:30`, `1_000`) are refused.
        - Tags, anchors, aliases and second documents are refused.
        - A file must be UTF-8 and at most 1 MiB long. It may have a byte order mark and CRLF.

        `--set a.b=value` on the command line changes one key; the value is YAML (`--set data.tokenizer='{type: char}'`). A list of one
        value may be written without brackets. A key with "null" among its values may be `null`. `config.yaml` in a run directory is the
        same file with every default written out. Only the keys of `model` from `head_size` on are left out if they have their default. The
        shortest run file:

        ```yaml
        name: my-run
        data: {train: my-text.txt}
        schedule: {learning_rate: 1.0e-3}
        ```
        """;

    private final StringBuilder out = new StringBuilder(HEAD);

    private ConfigDocs() {}

    /** Prints the page. */
    public static void main(String[] args) {
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(markdown());
    }

    static String markdown() {
        ConfigDocs docs = new ConfigDocs();
        docs.section(RunConfig.class, "");
        return docs.out.toString();
    }

    private void section(Class<?> record, String path) {
        TypeName type = record.getAnnotation(TypeName.class);
        String title = path.isEmpty() ? "Top level" : "`" + path + "`";
        out.append("\n## ").append(title).append(type == null ? "" : ", `type: " + type.value() + "`").append("\n\n");
        List<Keys.SectionKey> keys = Keys.of(record);
        if (keys.isEmpty()) {
            out.append("No keys but `type`.\n");
        } else {
            out.append("| key | value | default | meaning |\n|---|---|---|---|\n");
        }
        for (Keys.SectionKey key : keys) {
            Type values = key.component().getGenericType();
            out.append("| `%s` | %s | %s | %s |\n".formatted(key.name(), cell(values(values)), shownDefault(key), cell(key.key().doc())));
        }
        for (Keys.SectionKey key : keys) {
            inner(Keys.raw(key.component().getGenericType()), path.isEmpty() ? key.name() : path + "." + key.name());
        }
    }

    private void inner(Class<?> type, String path) {
        if (type.isSealed()) {
            Keys.types(type).values().forEach(member -> section(member, path));
        } else if (type.isRecord() && !Keys.scalar(type)) {
            section(type, path);
        }
    }

    private static String shownDefault(Keys.SectionKey key) {
        if (key.required()) {
            return "required";
        }
        boolean nested = key.key().def().equals("{}");
        return nested ? "see below" : "`" + key.key().def() + "`";
    }

    private static String values(Type type) {
        if (type instanceof ParameterizedType generic) {
            String inner = values(generic.getActualTypeArguments()[0]);
            return generic.getRawType() == Optional.class ? inner + ", or null" : "a list: " + inner;
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isSealed() && !Keys.types(raw).isEmpty()) {
            return "keys, with type " + String.join(", ", Keys.types(raw).keySet())
                + Optional.ofNullable(raw.getAnnotation(TypeName.class)).map(usual -> " (left out: " + usual.value() + ")").orElse("");
        } else if (raw.isSealed()) {
            List<String> kinds = new ArrayList<>();
            for (Class<?> member : raw.getPermittedSubclasses()) {
                RecordComponent[] components = member.getRecordComponents();
                kinds.add(components.length == 0 ? Keys.snake(member.getSimpleName()) : Scalars.noun(components[0].getType()));
            }
            return String.join(" or ", kinds);
        } else if (raw.isRecord()) {
            return Keys.scalar(raw) ? Scalars.noun(raw.getRecordComponents()[0].getType()) : "keys";
        }
        return Scalars.noun(raw);
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;");
    }
}
