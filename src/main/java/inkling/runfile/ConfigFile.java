package inkling.runfile;

import inkling.config.Keys;
import inkling.config.Node;
import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.Node.Place;
import inkling.config.Node.Scalar;
import inkling.config.RecordReader;
import inkling.config.Scalars;
import inkling.config.YamlReader;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import inkling.errors.FileFaults;
import inkling.errors.StorageException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a run file strictly: an unknown key, or a value that is not allowed, is refused. The message names file and line, or the
 * {@code --set} option, and what is allowed.
 *
 * <p>Example: {@code ConfigFile.read(Path.of("configs/dickens.yaml"), List.of("train.max_steps=100"))}.
 */
public final class ConfigFile {
    private static final long LARGEST_BYTES = 1 << 20;

    /** The default of {@code min_learning_rate} in the schedules that have this key. */
    private static final double DEFAULT_MINIMUM = 1.0e-4;

    private ConfigFile() {}

    /**
     * Reads a run file.
     *
     * @param overrides {@code --set} arguments such as {@code train.max_steps=100}, later ones over earlier ones; a value is YAML
     * @throws ConfigException if there is no such file, it is no valid YAML, or keys or values are wrong. The message has a line for each
     *     wrong key or value; this line begins with its place in the file, or with the override
     * @throws StorageException if the file cannot be read
     */
    public static RunConfig read(Path file, List<String> overrides) {
        return parse(text(file), file.toString(), overrides);
    }

    /** As {@link #read}, for a text in memory; messages call it {@code name}. */
    public static RunConfig parse(String yaml, String name, List<String> overrides) {
        Node root = YamlReader.read(yaml, line -> new Place(name + ":" + line))
            .orElseThrow(() -> new ConfigException(name + ": the run file is empty. It needs at least name, data.train and"
                + " schedule.learning_rate."));
        if (!(root instanceof Mapping tree)) {
            throw new ConfigException(root.place().text() + ": a run file is a mapping of keys to values, e.g. name: dickens.");
        }
        return build(SetOption.apply(tree, overrides));
    }

    static RunConfig build(Mapping tree) {
        List<Problem> problems = new ArrayList<>();
        Mapping resolved = withMinimum(fineTuning(tree, problems));
        try {
            RunConfig config = RecordReader.read(resolved, RunConfig.class);
            if (problems.isEmpty()) {
                return config;
            }
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
        throw new ConfigException(problems);
    }

    /**
     * With {@code model.init_from}, the model to fine-tune gives architecture and tokenizer. This method reports keys of the architecture
     * as problems and removes them. It sets the tokenizer to null unless the run file names one.
     */
    private static Mapping fineTuning(Mapping tree, List<Problem> problems) {
        Entry from = tree.section("model").entries().get("init_from");
        if (from == null || !(from.value() instanceof Scalar model) || model.isNull()) {
            return tree;
        }
        Mapping section = tree.section("model");
        for (Keys.SectionKey key : Keys.of(ModelSection.class)) {
            Entry entry = section.entries().get(key.name());
            if (entry != null && !key.name().equals("init_from") && !key.name().equals("dropout")) {
                problems.add(new Problem("model." + key.name(), ("%s: model: %s cannot be set: the architecture is that of init_from. "
                    + "Delete it; only dropout may stand beside init_from.").formatted(entry.place().text(), key.name())));
                section = section.without(key.name());
            }
        }
        Mapping checked = section.entries().size() == tree.section("model").entries().size() ? tree : tree.with(List.of("model"), section);
        Place place = from.place();
        Entry data = tree.entries().get("data");
        boolean leaveTokenizer = data == null || !(data.value() instanceof Mapping) || tree.section("data").has("tokenizer");
        return leaveTokenizer ? checked : checked.with(List.of("data", "tokenizer"), new Scalar("null", true, place));
    }

    /**
     * Keeps the default of the minimum learning rate below the peak. If the file gives no minimum, and the peak is at most the default, the
     * minimum becomes a tenth of the peak.
     */
    private static Mapping withMinimum(Mapping tree) {
        Mapping schedule = tree.section("schedule");
        Entry peak = schedule.entries().get("learning_rate");
        Entry type = schedule.entries().get(Keys.TYPE);
        boolean constant = type != null && type.value() instanceof Scalar name && name.text().equals("constant");
        if (constant || schedule.has("min_learning_rate") || peak == null || !(peak.value() instanceof Scalar scalar)) {
            return tree;
        }
        return Scalars.number(scalar).filter(rate -> rate > 0 && rate <= DEFAULT_MINIMUM)
            .map(rate -> new Scalar(new BigDecimal(scalar.text()).movePointLeft(1).toString(), true, scalar.place()))
            .map(min -> tree.with(List.of("schedule", "min_learning_rate"), min)).orElse(tree);
    }

    private static String text(Path file) {
        byte[] bytes = bytes(file);
        if (utf16(bytes)) {
            throw new ConfigException(file + " looks like UTF-16; save it as UTF-8.");
        }
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(input).toString();   // the parser drops a byte order mark
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + " is not UTF-8: byte " + input.position() + " is wrong. Save it as UTF-8.", e);
        }
    }

    /** Whether the first two bytes are a byte order mark of UTF-16, or one of them is zero. */
    private static boolean utf16(byte[] bytes) {
        if (bytes.length < 2) {
            return false;
        }
        int mark = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        return mark == 0xfeff || mark == 0xfffe || bytes[0] == 0 || bytes[1] == 0;
    }

    private static byte[] bytes(Path file) {
        if (!Files.exists(file)) {
            throw new ConfigException(file + " does not exist; name a run file, e.g. configs/dickens.yaml.");
        } else if (Files.isDirectory(file)) {
            throw new ConfigException(file + " is a directory; name a run file in it. (train --resume continues a run directory.)");
        } else if (!Files.isRegularFile(file)) {
            throw new ConfigException(file + " is no regular file.");
        }
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes((int) LARGEST_BYTES + 1);
            if (bytes.length > LARGEST_BYTES) {
                throw new ConfigException(file + " is larger than " + LARGEST_BYTES + " bytes; a run file is a page of text.");
            }
            return bytes;
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
    }
}
