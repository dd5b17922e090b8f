package inkling.data.source;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.data.TokenLocation;
import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.Manifest;
import inkling.io.Sha256;
import inkling.io.json.JsonFields;
import inkling.io.json.StrictJson;
import inkling.tokenizer.SpecialIds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A corpus that is stored as tokens: a directory with its tokenizer, token files, and the list {@code tokens.json}, which is written last.
 * The ids of the corpus are the ids {@code from … to − 1} of each file, one file after the other.
 *
 * <p>If the corpus has an id between documents, every file begins with this id. In the first file, {@code from} leaves it out.
 *
 * @param tokenizerSha256 of the corpus's tokenizer.json, as Inkling writes it
 * @param between the id between two documents, if there is one
 * @param beginning the ids before each document
 */
public record TokenShards(Path directory, String tokenizerSha256, int vocabSize, OptionalInt between, List<Integer> beginning,
                          List<ShardFile> shards) {
    public static final String FILE_NAME = "tokens.json";
    private static final int FORMAT_VERSION = 1;

    /**
     * One token file.
     *
     * @param key the key with which the file was written, which {@link inkling.data.TokenFile#open} checks
     * @param from the position of the first id that belongs to the corpus
     * @param to how many ids the file has
     */
    public record ShardFile(String file, String key, long from, long to) {}

    public TokenShards {
        beginning = List.copyOf(beginning);
        shards = List.copyOf(shards);
    }

    /** Whether {@code path} is a directory with a corpus of tokens. */
    public static boolean isIn(Path path) {
        return Files.isRegularFile(path.resolve(FILE_NAME));
    }

    /**
     * Reads {@code tokens.json} in {@code directory}.
     *
     * @throws ModelFormatException if the list is damaged or of another version, or a file is missing
     */
    public static TokenShards read(Path directory) {
        JsonFields fields = JsonFields.read(directory.resolve(FILE_NAME));
        int version = fields.requireInt("format_version");
        if (version != FORMAT_VERSION) {
            throw fields.fault("format_version",
                "is not %d, the one this version reads. Update Inkling to read it.".formatted(FORMAT_VERSION));
        }
        fields.rejectUnknown(Set.of("format_version", "tokenizer_sha256", "vocab_size", "between", "beginning", "tokens", "shards"));
        List<ShardFile> shards = new ArrayList<>();
        for (JsonFields shard : fields.requireObjects("shards")) {
            shard.rejectUnknown(Set.of("file", "key", "from", "to"));
            String file = shard.requireString("file");
            if (!Manifest.isPlainName(file) || !Files.isRegularFile(directory.resolve(file))) {
                throw shard.fault("file",
                    "names no file in %s. Bring it back, or make the tokens anew with `cluster tokenize`.".formatted(directory));
            }
            long from = shard.requireLong("from");
            long to = shard.requireLong("to");
            if (from < 0 || to < from || !shard.requireString("key").matches("[0-9a-f]{64}")) {
                throw shard.fault("from", "with to = %d is impossible (0 <= from <= to), or key is not 64 hexadecimal digits."
                    .formatted(to));
            }
            shards.add(new ShardFile(file, shard.requireString("key"), from, to));
        }
        int vocabSize = fields.requireInt("vocab_size");
        if (vocabSize < 1) {
            throw fields.fault("vocab_size", "must be at least 1.");
        }
        List<Long> beginning = fields.requireLongs("beginning");
        requireIds(fields, "beginning", beginning.stream(), vocabSize);
        OptionalInt between = fields.optionalInt("between");
        requireIds(fields, "between", between.stream().asLongStream().boxed(), vocabSize);
        TokenShards read = new TokenShards(directory, fields.requireString("tokenizer_sha256"), vocabSize, between,
            beginning.stream().map(Long::intValue).toList(), shards);
        if (read.location().count() != fields.requireLong("tokens")) {
            throw fields.fault("tokens", "is not the sum of its shards, %d.".formatted(read.location().count()));
        }
        return read;
    }

    private static void requireIds(JsonFields fields, String field, Stream<Long> ids, int vocabSize) {
        if (ids.anyMatch(id -> id < 0 || id >= vocabSize)) {
            throw fields.fault(field, ("is outside the vocabulary, which has the ids 0 … %d. Bring the file back, or make the tokens anew"
                + " with `cluster tokenize`.").formatted(vocabSize - 1));
        }
    }

    /** Writes {@code tokens.json}, which makes the directory a corpus of tokens. */
    public void write() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("format_version", FORMAT_VERSION).put("tokenizer_sha256", tokenizerSha256).put("vocab_size", vocabSize);
        between.ifPresent(id -> node.put("between", id));
        ArrayNode ids = node.putArray("beginning");
        beginning.forEach(ids::add);
        node.put("tokens", location().count());
        ArrayNode list = node.putArray("shards");
        shards.forEach(shard -> list.addObject().put("file", shard.file).put("key", shard.key).put("from", shard.from).put("to", shard.to));
        DurableFiles.SYSTEM.write(directory.resolve(FILE_NAME), StrictJson.bytes(node));
    }

    /** Where all ids of the corpus are. */
    public TokenLocation location() {
        return new TokenLocation(shards.stream()
            .map(shard -> new TokenLocation.Part(directory.resolve(shard.file).toAbsolutePath().toString(),
            shard.key, vocabSize, shard.from, shard.to)).toList());
    }

    /** SHA-256 of {@code tokens.json}, which has each file's key and number of ids. */
    public String sha256() {
        return Sha256.of(directory.resolve(FILE_NAME));
    }

    /** Whether the ids before and between documents are those of {@code special}. */
    public boolean isMadeWith(SpecialIds special) {
        return special.between().equals(between) && special.beginning().equals(beginning);
    }
}
