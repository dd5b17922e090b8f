package inkling.formats.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.config.Inlined;
import inkling.config.JsonTree;
import inkling.config.Key;
import inkling.config.Keys;
import inkling.config.RecordReader;
import inkling.config.RecordWriter;
import inkling.errors.ConfigException;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.model.config.GptConfig;
import inkling.model.config.GptOptions;
import java.util.List;

/**
 * Reads and writes the {@code "inkling"} object of config.json: {@code vocab_size} and the keys of a run file's model section, without
 * {@code init_from}. Defaults are written out, except those of keys that few models need ({@link Key#onlyIfSet}).
 */
public final class GptConfigJson {
    public static final String SECTION = "inkling";

    private GptConfigJson() {}

    /** The object's keys; public because {@code inkling.config} reads and writes records by reflection. */
    public record Section(@Key(doc = "rows of the embedding") int vocabSize, @Inlined GptOptions options) {
        public Section {
            options.over(vocabSize);
        }
    }

    /** The object for {@code config}. */
    public static ObjectNode write(GptConfig config) {
        return (ObjectNode) JsonTree.json(RecordWriter.tree(new Section(config.vocabSize(), GptOptions.of(config))));
    }

    /** @throws ModelFormatException if a key that every model has is missing, a key is unknown, or a value is not allowed */
    public static GptConfig read(JsonFields fields) {
        try {
            String place = fields.source() + ": " + SECTION;
            Section section = RecordReader.readComplete(JsonTree.of((ObjectNode) fields.node(), place), Section.class);
            return section.options().over(section.vocabSize());
        } catch (ConfigException e) {
            throw new ModelFormatException(e.getMessage(), e);
        }
    }

    /**
     * The keys with {@link Key#onlyIfSet} that {@link #write} writes for {@code config}, since their values are not the defaults. GPT-2's
     * format can express none of them.
     */
    public static List<String> onlyOurs(GptConfig config) {
        ObjectNode written = write(config);
        return Keys.of(GptOptions.class).stream().filter(key -> key.key().onlyIfSet())
            .map(Keys.SectionKey::name).filter(written::has).toList();
    }
}
