package inkling.tokenizer.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.io.json.StrictJson;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.bpe.ByteAlphabet;
import inkling.tokenizer.huggingface.HuggingFaceOracle;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A tokenizer whose ids show where text is split; Inkling and Hugging Face's library read the same file. It has 256 bytes, and a merge of
 * each of {@value #BEFORE} with every byte that begins a character above ASCII. The two become one token only if they are in one piece.
 */
final class SplitOracle implements AutoCloseable {
    static final String BEFORE = "a1!\n k'";

    private final Tokenizer ours;
    private final HuggingFaceOracle theirs;

    /**
     * @param stage the stage that cuts the text before ByteLevel; an empty object for none. With {@code useRegex}, ByteLevel cuts once more
     *     by GPT-2's pattern
     */
    SplitOracle(Path directory, ObjectNode stage, boolean useRegex) {
        try {
            Path file = Files.write(directory.resolve("split.json"), StrictJson.bytes(json(stage, useRegex)));
            ours = TokenizerFiles.read(file);
            theirs = new HuggingFaceOracle(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SplitOracle gpt2(Path directory) {
        return new SplitOracle(directory, JsonNodeFactory.instance.objectNode(), true);
    }

    static SplitOracle pattern(Path directory, String regex) {
        ObjectNode stage = JsonNodeFactory.instance.objectNode().put("type", "Split").put("behavior", "Isolated").put("invert", false);
        stage.putObject("pattern").put("Regex", regex);
        return new SplitOracle(directory, stage, false);
    }

    static SplitOracle digits(Path directory) {
        return new SplitOracle(directory, JsonNodeFactory.instance.objectNode().put("type", "Digits")
            .put("individual_digits", false), false);
    }

    private static ObjectNode json(ObjectNode stage, boolean useRegex) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        json.putNull("truncation").putNull("padding").putArray("added_tokens");
        json.putNull("normalizer");
        ArrayNode stages = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        if (!stage.isEmpty()) {
            stages.add(stage);
        }
        stages.addObject().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", useRegex);
        json.putNull("post_processor");
        json.putObject("decoder").put("type", "ByteLevel").put("add_prefix_space", true).put("trim_offsets", true).put("use_regex", true);
        ObjectNode model = json.putObject("model").put("type", "BPE").putNull("dropout").putNull("unk_token")
            .putNull("continuing_subword_prefix").putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocab = model.putObject("vocab");
        for (int b = 0; b < 256; b++) {
            vocab.put(String.valueOf(ByteAlphabet.character(b)), b);
        }
        ArrayNode merges = model.putArray("merges");
        BEFORE.chars().forEach(before -> {
            for (int lead = 0xC2; lead <= 0xF4; lead++) {
                vocab.put("" + ByteAlphabet.character(before) + ByteAlphabet.character(lead), vocab.size());
                merges.add(ByteAlphabet.character(before) + " " + ByteAlphabet.character(lead));
            }
        });
        return json;
    }

    int[] ids(String text) {
        return ours.encode(text);
    }

    void assertEqualIds(String text) {
        assertArrayEquals(theirs.encode(text), ours.encode(text), text);
    }

    /**
     * Requires that both cut each of {@code codePoints} alike behind each character of {@code before}. The message names the first
     * difference.
     */
    void assertEqualIds(int[] codePoints, String before, String what) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < codePoints.length; i++) {
            around(codePoints[i], before, text);
            if (text.length() > 20_000 || i == codePoints.length - 1) {
                if (!Arrays.equals(theirs.encode(text.toString()), ours.encode(text.toString()))) {
                    assertEquals("", firstDifference(codePoints, before), what);
                }
                text.setLength(0);
            }
        }
    }

    private String firstDifference(int[] codePoints, String before) {
        for (int c : codePoints) {
            StringBuilder text = new StringBuilder();
            around(c, before, text);
            if (!Arrays.equals(theirs.encode(text.toString()), ours.encode(text.toString()))) {
                return "U+%04X".formatted(c);
            }
        }
        return "a difference between neighbours";
    }

    private static void around(int codePoint, String before, StringBuilder text) {
        before.chars().forEach(c -> text.append((char) c).appendCodePoint(codePoint));
    }

    @Override
    public void close() {
        theirs.close();
    }
}
