package inkling.io.tensors;

import inkling.errors.FileFaults;
import inkling.errors.ModelFormatException;
import inkling.io.Manifest;
import inkling.io.json.JsonFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The weights of a model directory, whether they lie in {@code model.safetensors} or in shards that
 * {@code model.safetensors.index.json} lists.
 *
 * <p>The index is checked against the shards. Their names must stay inside the directory, and each shard must exist. Each tensor must be in
 * the shard that the index names, and in no other.
 */
public final class SafetensorsIndex implements AutoCloseable {
    public static final String SINGLE_FILE = "model.safetensors";
    public static final String INDEX_FILE = "model.safetensors.index.json";

    private static final int MAX_SHARDS = 1_000;
    private static final int MAX_SHOWN = 10;

    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> fileOf;

    private SafetensorsIndex(List<SafetensorsFile> files) {
        this.files = List.copyOf(files);
        Map<String, SafetensorsFile> owners = new LinkedHashMap<>();
        files.forEach(file -> file.tensors().keySet().forEach(name -> owners.put(name, file)));
        this.fileOf = Collections.unmodifiableMap(owners);
    }

    /**
     * Opens the weight files of {@code directory}. If it has both a single file and an index, only the single file is opened, as in
     * Transformers.
     *
     * @throws ModelFormatException if there are none, or if index and shards disagree; the message names up to 10 of their differences
     */
    public static SafetensorsIndex open(Path directory) {
        Path single = directory.resolve(SINGLE_FILE);
        if (Files.exists(single)) {
            return new SafetensorsIndex(List.of(SafetensorsFile.open(single)));
        }
        Path index = directory.resolve(INDEX_FILE);
        if (!Files.exists(index)) {
            throw new ModelFormatException(noWeights(directory));
        }
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            Map<String, List<String>> namesByShard = namesByShard(index);
            namesByShard.keySet().forEach(shard -> files.add(SafetensorsFile.open(shardPath(index, shard))));
            requireAgreement(index, namesByShard.values(), files);
            return new SafetensorsIndex(files);
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /** Each tensor's name with the file that holds it, file by file. */
    public Map<String, SafetensorsFile> tensors() {
        return fileOf;
    }

    public List<SafetensorsFile> files() {
        return files;
    }

    /** The file that holds a tensor; empty if none does. */
    public Optional<SafetensorsFile> file(String tensor) {
        return Optional.ofNullable(fileOf.get(tensor));
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }

    /** Each shard's name with the names of its tensors, as the index says. */
    private static Map<String, List<String>> namesByShard(Path index) {
        JsonFields weightMap = JsonFields.read(index).requireObject("weight_map");
        Map<String, List<String>> names = new TreeMap<>();
        for (String tensor : weightMap.names()) {
            String shard = weightMap.requireString(tensor);
            if (!Manifest.isPlainName(shard)) {
                throw weightMap.fault(tensor, "is not the name of a file in this directory.");
            }
            names.computeIfAbsent(shard, s -> new ArrayList<>()).add(tensor);
        }
        if (names.isEmpty() || names.size() > MAX_SHARDS) {
            throw new ModelFormatException("%s: weight_map names %d files, expected 1 to %d.".formatted(index, names.size(), MAX_SHARDS));
        }
        return names;
    }

    private static Path shardPath(Path index, String shard) {
        Path file = index.resolveSibling(shard);
        FileFaults.notRegular(file).ifPresent(why -> {
            throw new ModelFormatException("%s %s, although %s names it. Fetch the missing file.".formatted(file, why,
                    index.getFileName()));
        });
        return file;
    }

    private static void requireAgreement(Path index, Collection<List<String>> namesByShard, List<SafetensorsFile> files) {
        List<String> faults = new ArrayList<>();
        int i = 0;
        for (List<String> names : namesByShard) {
            SafetensorsFile file = files.get(i++);
            String shard = file.path().getFileName().toString();
            names.stream().filter(name -> !file.tensors().containsKey(name))
                    .forEach(name -> faults.add("%s is not in %s".formatted(name, shard)));
            List<String> surplus = new ArrayList<>(file.tensors().keySet());
            surplus.removeAll(new HashSet<>(names));
            surplus.forEach(name -> faults.add("%s is in %s, but the index does not say so".formatted(name, shard)));
        }
        if (!faults.isEmpty()) {
            String more = faults.size() > MAX_SHOWN ? "; and %d more".formatted(faults.size() - MAX_SHOWN) : "";
            throw new ModelFormatException("%s disagrees with its files: %s%s.".formatted(index,
                    String.join("; ", faults.subList(0, Math.min(MAX_SHOWN, faults.size()))), more));
        }
    }

    private static String noWeights(Path directory) {
        String missing = "%s has neither %s nor %s.".formatted(directory, SINGLE_FILE, INDEX_FILE);
        if (!Files.isDirectory(directory)) {
            return "%s is not a directory.".formatted(directory);
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).filter(name -> name.matches(".*\\.(bin|pt|pth|ckpt)")).sorted()
                    .findFirst().map(name -> missing + " " + name + " is a PyTorch file: loading one can run code, so it is refused."
                            + " If you trust the file, convert it: model.save_pretrained(directory, safe_serialization=True).")
                    .orElse(missing);
        } catch (IOException e) {
            throw FileFaults.cannot("read", directory, e);
        }
    }
}
