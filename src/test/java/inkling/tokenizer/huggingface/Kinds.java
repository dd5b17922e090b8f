package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.Fixtures;
import inkling.io.json.StrictJson;
import inkling.tokenizer.bpe.BpeTrainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes small tokenizer.json files: of kinds that model families use, and of kinds that try other settings. */
public final class Kinds {
    private static final byte[] BYTE_LEVEL = TokenizerFiles.json(new BpeTrainer(400).add(Fixtures.macbeth()).train());
    private static final String LLAMA_2 = """
        {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}""";
    private static final String GEMMA = "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"▁\"}";
    private static final String STRIPS = """
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
         {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""";
    private static final String KEEPS = """
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
         {"type": "Fuse"}]}""";
    private static final String STRIPS_EACH_TOKEN_AND_THE_TEXT = """
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}, {"type": "Fuse"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""";
    private static final String QWEN_2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private Kinds() {}

    /** The kind's name → its tokenizer.json. */
    public static Map<String, ObjectNode> all() {
        Map<String, ObjectNode> kinds = new LinkedHashMap<>();
        kinds.put("llama 2", characters(LLAMA_2, "null", STRIPS, json -> marks(json, false)));
        kinds.put("llama 2 with normalized marks", characters(LLAMA_2, "null", STRIPS, json -> marks(json, true)));
        kinds.put("phi 3", characters(LLAMA_2, "null", STRIPS, json -> {
            stripping(json);
            added(json, "cat", false).put("single_word", true);
            added(json, "  ", false);
        }));
        kinds.put("mistral", characters("null", metaspace("first", false), STRIPS, json -> marks(json, false)));
        kinds.put("metaspace that splits",
            characters("null", metaspace("always", true), metaspace("always", true), json -> marks(json, false)));
        kinds.put("metaspace that splits, with marks that strip",
            characters("null", metaspace("always", true), metaspace("always", true), Kinds::stripping));
        kinds.put("metaspace that puts nothing", characters("null", metaspace("never", true), metaspace("never", true), json -> { }));
        kinds.put("a decoder that strips each token",
            characters("null", metaspace("never", true), STRIPS_EACH_TOKEN_AND_THE_TEXT, json -> { }));
        kinds.put("metaspace behind digits", characters("null", sequence("{\"type\": \"Digits\", \"individual_digits\": true}",
            metaspace("first", false)), STRIPS, json -> marks(json, false)));
        kinds.put("gemma", characters(GEMMA, split("String", " ", "MergedWithPrevious", false), KEEPS, json -> {
            marks(json, false);
            List.of("\n", "\n\n", "\n\n\n", "▁▁", "▁▁▁", "<table>").forEach(token -> added(json, token, false));
        }));
        kinds.put("without bytes", characters(GEMMA, "null", KEEPS, json -> withoutBytes(json, false)));
        kinds.put("without bytes, fused", characters(GEMMA, "null", KEEPS, json -> withoutBytes(json, true)));
        kinds.put("with some bytes, fused", characters(GEMMA, "null", KEEPS, json -> {
            withoutBytes(json, true);
            ((ObjectNode) json.at("/model/vocab")).put("<0xC3>", 2000).put("<0xA9>", 2001);
            renumber(json);
            ((ObjectNode) json.get("model")).put("byte_fallback", true);
        }));
        kinds.put("whole pieces", characters("null", metaspace("always", true), STRIPS, json -> {
            ((ObjectNode) json.get("model")).put("ignore_merges", true);
            ((ObjectNode) json.at("/model/vocab")).put("▁xylophone", vocabularySize(json));
        }));
        kinds.put("pythia", bytes(json -> {
            json.putObject("normalizer").put("type", "NFC");
            for (int blanks = 2; blanks < 6; blanks++) {
                added(json, " ".repeat(blanks), false).put("normalized", true);
            }
            added(json, "e\u0301", false).put("normalized", true);
        }));
        kinds.put("qwen", bytes(json -> {
            json.putObject("normalizer").put("type", "NFC");
            json.set("pre_tokenizer", parse(sequence(split("Regex", QWEN_2, "Isolated", false), byteLevel(false, false))));
            marks(json, false);
        }));
        kinds.put("blank before", bytes(json -> {
            json.set("pre_tokenizer", parse(byteLevel(true, true)));
            marks(json, false);
            stripping(json);
        }));
        kinds.put("blank before, behind a split", bytes(json -> json.set("pre_tokenizer",
            parse(sequence(split("String", "e", "MergedWithNext", false), byteLevel(true, false))))));
        for (String behavior : List.of("Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext")) {
            for (boolean invert : new boolean[] {false, true}) {
                kinds.put("split " + behavior + (invert ? " inverted" : ""), bytes(json -> json.set("pre_tokenizer",
                    parse(sequence(split("Regex", "\\s|e", behavior, invert), byteLevel(false, false))))));
            }
        }
        return kinds;
    }

    static Path write(Path directory, String name, ObjectNode json) {
        try {
            return Files.write(directory.resolve(name.replaceAll("[^a-z0-9]", "-") + ".json"), StrictJson.bytes(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A tokenizer.json with a vocabulary of single characters, all bytes and some words. A word has a merge for every way in which two
     * earlier tokens make it. A word that no two earlier tokens make is left out.
     */
    private static ObjectNode characters(String normalizer, String preTokenizer, String decoder, Consumer<ObjectNode> more) {
        ObjectNode json = bytes(same -> { });
        json.putArray("added_tokens");
        json.set("normalizer", parse(normalizer));
        json.set("pre_tokenizer", parse(preTokenizer));
        json.set("decoder", parse(decoder));
        json.putNull("post_processor");
        ObjectNode model = (ObjectNode) json.get("model");
        model.put("byte_fallback", true).put("unk_token", "<unk>").put("fuse_unk", true);
        ObjectNode vocab = model.putObject("vocab");
        List.of("<unk>", "<s>", "</s>").forEach(token -> vocab.put(token, vocab.size()));
        for (int b = 0; b < 256; b++) {
            vocab.put("<0x%02X>".formatted(b), vocab.size());
        }
        "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,!'-0123456789é漢".codePoints()
            .forEach(c -> vocab.put(Character.toString(c), vocab.size()));
        ArrayNode merges = model.putArray("merges");
        for (String word : List.of("▁▁", "▁▁▁", "th", "the", "▁t", "▁the", "he", "in", "an", "and", "▁a", "▁and", "er", "ou", "▁you", "you",
            "ing", "st", "▁s", "▁st", "re", "▁M", "▁Ma", "▁Macbeth", "eth", "beth", "cat", "at", "▁ca", "▁cat", "12", "é漢")) {
            int characters = word.codePointCount(0, word.length());
            boolean known = false;
            for (int cut = 1; cut < characters; cut++) {
                String left = word.substring(0, word.offsetByCodePoints(0, cut));
                String right = word.substring(left.length());
                if (vocab.has(left) && vocab.has(right)) {
                    merges.addArray().add(left).add(right);
                    known = true;
                }
            }
            if (known) {
                vocab.put(word, vocab.size());
            }
        }
        more.accept(json);
        return json;
    }

    private static ObjectNode bytes(Consumer<ObjectNode> more) {
        ObjectNode json = (ObjectNode) StrictJson.parse("trained", BYTE_LEVEL);
        more.accept(json);
        return json;
    }

    private static void marks(ObjectNode json, boolean normalized) {
        for (String mark : List.of("<s>", "</s>", "<|im_start|>")) {
            added(json, mark, true).put("normalized", normalized);
        }
    }

    /** Adds tokens that take the white space before or after them. */
    private static void stripping(ObjectNode json) {
        added(json, "<|end|>", true).put("rstrip", true);
        added(json, "<mask>", false).put("lstrip", true);
        added(json, "<both>", false).put("lstrip", true).put("rstrip", true);
    }

    private static void withoutBytes(ObjectNode json, boolean fused) {
        ObjectNode vocab = (ObjectNode) json.at("/model/vocab");
        for (int b = 0; b < 256; b++) {
            vocab.remove("<0x%02X>".formatted(b));
        }
        renumber(json);
        ((ObjectNode) json.get("model")).put("byte_fallback", false).put("fuse_unk", fused);
    }

    private static void renumber(ObjectNode json) {
        ObjectNode vocab = (ObjectNode) json.at("/model/vocab");
        int id = 0;
        for (String token : new java.util.ArrayList<>(names(vocab))) {
            vocab.put(token, id++);
        }
    }

    private static List<String> names(ObjectNode json) {
        List<String> names = new java.util.ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static int vocabularySize(ObjectNode json) {
        return json.at("/model/vocab").size();
    }

    /** Adds an entry to added_tokens. Its id is the one that the vocabulary has for {@code content}, else the next free id. */
    static ObjectNode added(ObjectNode json, String content, boolean special) {
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        long outside = 0;
        for (JsonNode token : added) {
            outside += json.at("/model/vocab").has(token.get("content").textValue()) ? 0 : 1;
        }
        int id = json.at("/model/vocab").path(content).asInt((int) (vocabularySize(json) + outside));
        return added.addObject().put("id", id).put("content", content).put("single_word", false).put("lstrip", false).put("rstrip", false)
            .put("normalized", false).put("special", special);
    }

    private static JsonNode parse(String json) {
        return json.equals("null") ? com.fasterxml.jackson.databind.node.NullNode.getInstance()
            : StrictJson.parse("part", json.getBytes(StandardCharsets.UTF_8));
    }

    private static String metaspace(String scheme, boolean split) {
        return "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"%s\", \"split\": %s}".formatted(scheme, split);
    }

    private static String sequence(String... stages) {
        return "{\"type\": \"Sequence\", \"pretokenizers\": [" + String.join(", ", stages) + "]}";
    }

    private static String byteLevel(boolean prefix, boolean regex) {
        return "{\"type\": \"ByteLevel\", \"add_prefix_space\": %s, \"trim_offsets\": true, \"use_regex\": %s}".formatted(prefix, regex);
    }

    private static String split(String kind, String pattern, String behavior, boolean invert) {
        return "{\"type\": \"Split\", \"pattern\": {\"%s\": \"%s\"}, \"behavior\": \"%s\", \"invert\": %s}"
            .formatted(kind, pattern.replace("\\", "\\\\"), behavior, invert);
    }
}
