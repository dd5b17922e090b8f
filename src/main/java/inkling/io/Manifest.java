package inkling.io;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of a directory with their sizes and hashes: {@code manifest.json}, which is written last. A checkpoint without a manifest
 * counts as unfinished. An exported model has no manifest. Files that the manifest does not list are ignored.
 *
 * @param files file name to size and hash, in the order of writing
 */
public record Manifest(int formatVersion, Map<String, Entry> files) {
    public static final String FILE_NAME = "manifest.json";
    /** The format version of the manifests that this program writes, and the newest that it reads. */
    public static final int FORMAT_VERSION = 1;

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** @param sha256 64 lower-case hexadecimal digits */
    public record Entry(String sha256, long bytes) {}

    public Manifest {
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    }

    /**
     * The manifest of {@code directory}; empty if the directory has none.
     *
     * @throws ModelFormatException if the manifest is damaged or of a newer format
     */
    public static Optional<Manifest> read(Path directory) {
        Path file = directory.resolve(FILE_NAME);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        JsonFields fields = JsonFields.read(file);
        int version = fields.requireInt("format_version");
        if (version < 1) {
            throw fields.fault("format_version", "must be at least 1.");
        }
        if (version > FORMAT_VERSION) {
            throw new ModelFormatException("%s: has format version %d; this program reads up to %d. Update Inkling to read it."
                    .formatted(file, version, FORMAT_VERSION));
        }
        fields.rejectUnknown(Set.of("format_version", "files"));
        Map<String, Entry> entries = new LinkedHashMap<>();
        JsonFields listed = fields.requireObject("files");
        for (String name : listed.names()) {
            entries.put(name, entry(listed, name));
        }
        return Optional.of(new Manifest(version, entries));
    }

    /**
     * Checks that every listed file is there with its size and hash. The hash is computed only if the size is right.
     *
     * @throws ModelFormatException naming each file that is missing or differs; for one that differs, with both sizes or both hashes
     */
    public void verify(Path directory) {
        List<String> faults = new ArrayList<>();
        files.forEach((name, entry) -> fault(directory.resolve(name), entry).ifPresent(faults::add));
        if (!faults.isEmpty()) {
            throw new ModelFormatException(String.join("\n", faults) + "\n" + directory + " was changed or damaged after it was written."
                    + " Use another checkpoint, or bring back the files as they were.");
        }
    }

    /** The content of manifest.json. */
    byte[] bytes() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format_version", formatVersion);
        ObjectNode listed = root.putObject("files");
        files.forEach((name, entry) -> listed.putObject(name).put("sha256", entry.sha256()).put("bytes", entry.bytes()));
        return StrictJson.bytes(root);
    }

    static void requirePlainName(String name) {
        if (!isPlainName(name) || name.equals(FILE_NAME) || name.startsWith(".tmp-")) {
            throw new IllegalArgumentException("not a plain file name: " + name);
        }
    }

    /** Whether {@code name} cannot lead out of its directory on any operating system: it is no path, and not {@code .} or {@code ..}. */
    public static boolean isPlainName(String name) {
        return !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.chars().noneMatch(c -> c < ' ' || "/\\:".indexOf(c) >= 0);
    }

    private static Entry entry(JsonFields listed, String name) {
        if (!isPlainName(name)) {
            throw listed.fault(name, "is not the name of a file in this directory.");
        }
        JsonFields fields = listed.requireObject(name);
        fields.rejectUnknown(Set.of("sha256", "bytes"));
        Entry entry = new Entry(fields.requireString("sha256"), fields.requireLong("bytes"));
        if (!HASH.matcher(entry.sha256()).matches()) {
            throw fields.fault("sha256", "is not a hash of 64 lower-case hexadecimal digits.");
        }
        return entry;
    }

    private static Optional<String> fault(Path file, Entry expected) {
        Optional<String> notRegular = FileFaults.notRegular(file);
        if (notRegular.isPresent()) {
            return Optional.of("%s %s, although %s lists it.".formatted(file, notRegular.get(), FILE_NAME));
        }
        try {
            long bytes = Files.size(file);
            if (bytes != expected.bytes()) {
                return Optional.of("%s: has %d bytes, %s says %d.".formatted(file, bytes, FILE_NAME, expected.bytes()));
            }
        } catch (IOException e) {
            throw FileFaults.cannot("read", file, e);
        }
        String sha256 = Sha256.of(file);
        return sha256.equals(expected.sha256()) ? Optional.empty()
                : Optional.of("%s: sha256 is %s, %s says %s.".formatted(file, sha256, FILE_NAME, expected.sha256()));
    }
}
