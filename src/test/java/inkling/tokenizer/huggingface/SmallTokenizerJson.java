package inkling.tokenizer.huggingface;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.json.StrictJson;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.BpeTrainer;
import inkling.tokenizer.bpe.TokenizerSettings;
import java.util.stream.Stream;

/** A small tokenizer.json without a fault, and its parts, for tests to change. */
final class SmallTokenizerJson {
    /** 262 tokens: 256 bytes, 5 that merges make, and {@code <|endoftext|>} as the last. */
    static final byte[] GOOD = TokenizerFiles.json(new BpeTrainer(262).add("banana banana").train());

    private SmallTokenizerJson() {}

    /** A copy that the caller may change. */
    static ObjectNode good() {
        return (ObjectNode) StrictJson.parse("good", GOOD);
    }

    static Tokenizer read(ObjectNode json) {
        return TokenizerJson.read("tokenizer.json", StrictJson.bytes(json), TokenizerSettings.NONE,
            TokenizerJson.OtherFiles.FOLLOWED);
    }

    static ObjectNode model(ObjectNode json) {
        return (ObjectNode) json.get("model");
    }

    static ObjectNode vocab(ObjectNode json) {
        return (ObjectNode) model(json).get("vocab");
    }

    static ArrayNode merges(ObjectNode json) {
        return (ArrayNode) model(json).get("merges");
    }

    static ObjectNode added(ObjectNode json) {
        return (ObjectNode) json.at("/added_tokens/0");
    }

    static ObjectNode added(ObjectNode json, String content, int id) {
        return ((ArrayNode) json.get("added_tokens")).addObject().put("content", content).put("id", id);
    }

    static ObjectNode replace(ObjectNode normalizer, String kind, String pattern) {
        normalizer.put("type", "Replace").put("content", "_").putObject("pattern").put(kind, pattern);
        return normalizer;
    }

    static void decoders(ObjectNode json, String... types) {
        ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        Stream.of(types).forEach(type -> decoders.addObject().put("type", type));
    }

    static ObjectNode preTokenizer(ObjectNode json) {
        return (ObjectNode) json.get("pre_tokenizer");
    }

    /** Makes the pre-tokenizer a Sequence and returns its stages. They hold only ByteLevel; the caller may add others. */
    static ArrayNode stages(ObjectNode json) {
        ObjectNode byteLevel = preTokenizer(json).deepCopy();
        ArrayNode stages = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        stages.add(byteLevel);
        return stages;
    }

    static ObjectNode split(ObjectNode json, String regex) {
        ObjectNode split = stages(json).insertObject(0).put("type", "Split").put("behavior", "Isolated").put("invert", false);
        split.putObject("pattern").put("Regex", regex);
        return split;
    }

    static void rename(ObjectNode json, String token, String name) {
        vocab(json).set(name, vocab(json).remove(token));
    }
}
