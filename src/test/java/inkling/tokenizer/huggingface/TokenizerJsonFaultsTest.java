package inkling.tokenizer.huggingface;

import static inkling.tokenizer.huggingface.SmallTokenizerJson.GOOD;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.added;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.decoders;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.good;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.merges;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.model;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.preTokenizer;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.read;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.rename;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.replace;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.split;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.stages;
import static inkling.tokenizer.huggingface.SmallTokenizerJson.vocab;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import inkling.errors.ExitCode;
import inkling.errors.ModelFormatException;
import inkling.io.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ways in which a tokenizer.json can be damaged or unsupported, and the message that its owner gets. */
@Tag("thorough")
class TokenizerJsonFaultsTest {
    static Stream<Arguments> faults() {
        return Stream.of(
            fault("id gap", json -> vocab(json).put("a", 262),
                "token \"a\" has id 262, but 262 tokens need the ids 0 … 261 without a gap."),
            fault("negative id", json -> vocab(json).put("a", -1),
                "token \"a\" has id -1, but 262 tokens need the ids 0 … 261 without a gap."),
            fault("id twice", json -> vocab(json).put("b", 64), "tokens \"a\" and \"b\" both have id 64."),
            fault("id as text", json -> vocab(json).put("a", "64"), "model.vocab.a is \"64\" (a string), expected an integer from"),
            fault("fractional id", json -> vocab(json).put("a", 64.0), "model.vocab.a is 64.0, expected an integer from"),
            fault("huge id", json -> vocab(json).put("a", 1L << 40), "model.vocab.a is 1099511627776, expected an integer from"),
            fault("empty token", json -> rename(json, "a", ""), "the token with id 64 is empty."),
            fault("empty vocabulary", json -> vocab(json).removeAll(), "the vocabulary is empty."),
            fault("merged token renamed", json -> rename(json, "an", "▁an"),
                "merge 0 (a n) names \"an\", which the vocabulary does not have."),
            fault("a token that is not byte-level", json -> vocab(json).put("▁x", 262),
                "token 262 \"▁x\" is not in GPT-2's byte alphabet, which the decoder ByteLevel reads."),
            fault("merge of an unknown token", json -> merges(json).set(1, merges(json).textNode("an q€")),
                "merge 1 (an q€) names \"q€\", which the vocabulary does not have."),
            fault("merge to an unknown token", json -> merges(json).set(1, merges(json).textNode("a b")),
                "merge 1 (a b) names \"ab\", which the vocabulary does not have."),
            fault("merge twice", json -> merges(json).add(merges(json).get(0)), "is the same as merge 0; each pair may merge once."),
            fault("merge of three", json -> merges(json).set(0, merges(json).textNode("a n a")),
                "merge 0 is \"a n a\", expected two tokens with a space between."),
            fault("merge of one", json -> merges(json).set(0, merges(json).arrayNode().add("a")),
                "merge 0 is neither \"a b\" nor [\"a\", \"b\"]."),
            fault("merge as number", json -> merges(json).set(0, merges(json).numberNode(1)), "merge 0 is neither"),
            fault("no merges", json -> model(json).remove("merges"), "model.merges is missing, expected an array."),
            fault("no model", json -> json.remove("model"), "model is missing, expected an object."),
            fault("no vocabulary", json -> model(json).remove("vocab"), "model.vocab is missing, expected an object."),
            fault("WordPiece", json -> model(json).put("type", "WordPiece"),
                "model.type = WordPiece is not supported; only BPE is."),
            fault("Unigram", json -> model(json).put("type", "Unigram"), "model.type = Unigram is not supported"),
            fault("dropout", json -> model(json).put("dropout", 0.1), "model.dropout = 0.1 is not supported: it would make ids random."),
            fault("suffix", json -> model(json).put("end_of_word_suffix", "</w>"), "model.end_of_word_suffix = \"</w>\" is not supported"),
            fault("byte fallback of bytes", json -> {
                rename(json, "Ā", "ĀĀ");
                model(json).put("byte_fallback", true);
            },
                "model.byte_fallback = true is not supported: the byte-level vocabulary has no token for some bytes."),
            fault("unknown token that is none", json -> model(json).put("unk_token", "<unk>"),
                "model.unk_token = \"<unk>\" is not in the vocabulary."),
            fault("unknown option of the model", json -> model(json).put("shiny", 1), "unknown field model.shiny"),
            fault("unknown part", json -> json.put("shiny", 1), "unknown field shiny"),
            fault("normalizer", json -> json.putObject("normalizer").put("type", "NFKC"),
                "normalizer.type = \"NFKC\" is not supported; NFC, Prepend, Replace and Sequences of these are."),
            fault("normalizer with a key of tomorrow", json -> json.putObject("normalizer").put("type", "NFC").put("version", 17),
                "unknown field normalizer.version; known are type."),
            fault("normalizer in a Sequence", json -> json.putObject("normalizer").put("type", "Sequence").putArray("normalizers")
                .addObject().put("type", "Lowercase"), "normalizer.normalizers[0].type = \"Lowercase\" is not supported"),
            fault("Prepend of nothing", json -> json.putObject("normalizer").put("type", "Prepend").put("prepend", ""),
                "normalizer.prepend = \"\" is empty."),
            fault("Replace of a pattern", json -> replace(json.putObject("normalizer"), "Regex", " {2,}"),
                "normalizer.pattern.Regex = \" {2,}\" is not supported: a Replace looks for a text (String) here."),
            fault("Replace of nothing", json -> replace(json.putObject("normalizer"), "String", ""),
                "normalizer.pattern.String = \"\" is empty."),
            fault("added token that is normalized to nothing", json -> {
                replace(json.putObject("normalizer"), "String", "x").put("content", "");
                added(json, "xx", 262).put("normalized", true);
            }, "the added token \"xx\", of this file or one beside it, is empty after normalization."),
            fault("Metaspace with ByteLevel's keys", json -> preTokenizer(json).put("type", "Metaspace"),
                "unknown fields pre_tokenizer.trim_offsets, pre_tokenizer.use_regex; known are"),
            fault("Metaspace without a character", json -> stages(json).insertObject(0).put("type", "Metaspace"),
                "pre_tokenizer.pretokenizers[0].replacement is missing, expected a string."),
            fault("Metaspace with two characters", json -> stages(json).insertObject(0).put("type", "Metaspace").put("replacement", "__"),
                "pre_tokenizer.pretokenizers[0].replacement = \"__\" must be one character."),
            fault("Metaspace with a scheme of tomorrow", json -> stages(json).insertObject(0).put("type", "Metaspace")
                .put("replacement", "_")
                .put("prepend_scheme", "last"), "prepend_scheme = \"last\" is not supported; always, first and never are."),
            fault("Metaspace that contradicts itself", json -> stages(json).insertObject(0).put("type", "Metaspace").put("replacement", "_")
                .put("add_prefix_space", false), "add_prefix_space = false contradicts prepend_scheme (always, where none is named)."),
            fault("a stage that is not supported", json -> stages(json).insertObject(0).put("type", "Punctuation"),
                "pre_tokenizer.pretokenizers[0].type = \"Punctuation\" is not supported; ByteLevel, Split, Digits, Metaspace "
                + "and Sequences"),
            fault("ByteLevel before another", json -> stages(json).addObject().put("type", "Digits"),
                "pre_tokenizer.pretokenizers[0].type = \"ByteLevel\" is not supported here: ByteLevel must be the last pre-tokenizer."),
            fault("stages beyond reason", json -> {
                ArrayNode stages = stages(json);
                for (int i = 0; i < 100_000; i++) {
                    stages.insertObject(0).put("type", "Digits");
                }
            }, "has 100001 entries; at most 16 are read."),
            fault("Split with a key of tomorrow", json -> split(json, "x").put("max_length", 3),
                "unknown field pre_tokenizer.pretokenizers[0].max_length; known are behavior, invert, pattern, type."),
            fault("Split with a behavior of tomorrow", json -> split(json, "x").put("behavior", "Doubled"),
                "behavior = \"Doubled\" is not known; Isolated, Removed, Contiguous, MergedWithPrevious and MergedWithNext are."),
            fault("broken pattern", json -> split(json, "("), "pattern.Regex = \"(\" is not supported: Unclosed group."),
            fault("exponential pattern", json -> split(json, "(a+)+b"), "a repeated group can take exponential time."),
            fault("Oniguruma's own escape", json -> split(json, "\\h+"), "the escape at index 0 may mean something else in Java."),
            fault("dot", json -> split(json, "x.y"), "'.' may mean something else in Java."),
            fault("nested class", json -> split(json, "[a[b]]"), "a class within a class may mean something else in Java."),
            fault("possessive counts", json -> split(json, "\\p{N}{1,3}+"), "a possessive {n,m}+ means something else in Java."),
            fault("decoder", json -> json.putObject("decoder").put("type", "WordPiece"), "decoder.type = \"WordPiece\" is not supported;"
                + " ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace and Sequences of these are."),
            fault("decoder with a key of tomorrow", json -> ((ObjectNode) json.get("decoder")).put("shiny", 1),
                "unknown field decoder.shiny; known are add_prefix_space, trim_offsets, type, use_regex."),
            fault("decoder beside ByteLevel", json -> decoders(json, "ByteLevel", "Fuse"),
                "decoder.decoders[0].type = \"ByteLevel\" is not supported beside other decoders."),
            fault("decoder after Fuse", json -> decoders(json, "Fuse", "ByteFallback"),
                "decoder.decoders[1].type = \"ByteFallback\" is not supported after Fuse; only Strip and Fuse are."),
            fault("Strip at the end", json -> json.putObject("decoder").put("type", "Strip").put("content", " ").put("start", 0)
                .put("stop", 1), "decoder.stop = 1 is not supported"),
            fault("Strip of two characters", json -> json.putObject("decoder").put("type", "Strip").put("content", "  ").put("start", 0)
                .put("stop", 0), "decoder.content = \"  \" must be one character."),
            fault("no decoder", json -> {
                json.remove("decoder");
                json.remove("pre_tokenizer");
            }, "decoder is missing: without one, decoding would put a space between all tokens."),
            fault("added token with another id", json -> added(json).put("id", 3),
                "added_tokens[0].id = 3 differs from the id 261 of \"<|endoftext|>\" in the vocabulary."),
            fault("added token beyond the vocabulary", json -> added(json).put("content", "<x>").put("id", 300),
                "token \"<x>\" has id 300, but 263 tokens need the ids 0 … 262 without a gap."),
            fault("added token on another's id", json -> added(json).put("content", "<x>").put("id", 5), "both have id 5."),
            fault("added token without id", json -> added(json).remove("id"), "added_tokens[0].id is missing, expected an integer"),
            fault("empty added token", json -> added(json).put("content", ""), "added_tokens[0].content = \"\" is empty."),
            fault("added token twice", json -> ((ArrayNode) json.get("added_tokens")).add(added(json).deepCopy()),
                "added_tokens[1].content = \"<|endoftext|>\" occurs twice."),
            fault("added token with a key of tomorrow", json -> added(json).put("shiny", true),
                "unknown field added_tokens[0].shiny; known are content, id, lstrip, normalized, rstrip, single_word, special."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void isRefusedNamingTheEntry(String name, Consumer<ObjectNode> damage, String message) {
        ObjectNode json = good();
        read(json);
        damage.accept(json);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> read(json));
        assertEquals(ExitCode.BAD_MODEL, e.exitCode());
        assertTrue(e.getMessage().startsWith("tokenizer.json: "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().length() < 400, e.getMessage());
    }

    @Test
    void aTokenThatIsThereTwiceIsRefused(@TempDir Path directory) throws Exception {
        String text = new String(GOOD, StandardCharsets.UTF_8).replaceFirst("\"a\" : 64", "\"a\" : 64, \"a\" : 64");
        Path file = Files.writeString(directory.resolve("tokenizer.json"), text);
        String message = assertThrows(ModelFormatException.class, () -> TokenizerFiles.find(directory)).getMessage();
        assertTrue(message.startsWith(file + ":") && message.contains("Duplicate field 'a'"), message);
    }

    @Test
    void aFileThatIsCutOffIsRefused() {
        for (int length = 0; length < GOOD.length - 2; length += 7) {
            byte[] part = java.util.Arrays.copyOf(GOOD, length);
            assertThrows(ModelFormatException.class, () -> read((ObjectNode) StrictJson.parse("tokenizer.json", part)));
        }
    }

    /** GPT-2's own file, an early one, says neither the model's type nor use_regex. */
    @Test
    void earlyFilesAreRead() {
        ObjectNode json = good();
        model(json).remove(java.util.List.of("type", "byte_fallback", "ignore_merges"));
        preTokenizer(json).remove("use_regex");
        assertEquals(262, read(json).vocabSize());
    }

    private static Arguments fault(String name, Consumer<ObjectNode> damage, String message) {
        return arguments(name, damage, message);
    }
}
