package inkling.tokenizer.gguf;

import inkling.io.gguf.GgufMetadata;
import inkling.tokenizer.bpe.BpeModel.AddedToken;
import inkling.tokenizer.bpe.BpeModel.MatchOptions;
import inkling.tokenizer.bpe.BpeTokenizer;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What llama.cpp decides by the text of a token or the name of a model, whatever the keys say. Source: its v0.4.0, src/llama-vocab.cpp. */
final class KnownByName {
    /** Tokens that end a text there, and are special. */
    private static final Set<String> ENDS = Set.of("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>",
        "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>", "[e~[");
    /** Where a model's name has the word phi-3, white space behind special tokens belongs to them, but not behind these. */
    private static final Set<String> KEEP_SPACE = Set.of("<unk>", "<s>", "<|endoftext|>");
    private static final Pattern PHI_3 = Pattern.compile("[Pp][Hh][Ii]-?3");

    private KnownByName() {}

    /** The tokens that are ordinary here and special there. */
    static List<String> ends(BpeTokenizer tokenizer) {
        Set<String> special = Set.copyOf(tokenizer.model().added().stream().filter(AddedToken::special).map(AddedToken::content).toList());
        return ENDS.stream().filter(token -> tokenizer.id(token).isPresent() && !special.contains(token)).sorted().toList();
    }

    /** Whether the tokenizer never makes this token of text, as where its parts fall into different pieces: Qwen's {@code </s>}. */
    static boolean isNeverMade(BpeTokenizer tokenizer, String token) {
        int id = tokenizer.id(token).orElseThrow();
        return Stream.of("", " ", "a", ".", "\n").flatMap(beside -> Stream.of(beside + token, token + beside))
            .flatMapToInt(text -> IntStream.of(tokenizer.encode(text))).noneMatch(made -> made == id);
    }

    /** Whether white space beside added tokens is treated as in Phi-3, and so right where the model's name has that word. */
    static boolean isAsInPhi3(BpeTokenizer tokenizer) {
        boolean known = Stream.concat(KEEP_SPACE.stream(), Stream.of("</s>")).allMatch(token -> tokenizer.id(token).isPresent());
        return known && tokenizer.model().added().stream().filter(token -> token.id() < tokenizer.vocabSize())
            .allMatch(token -> token.options().equals(new MatchOptions(false, false, takesSpaceInPhi3(token.content()))));
    }

    /** Whether the white space behind an added token belongs to it, in a model that has Phi-3's name. */
    static boolean takesSpaceInPhi3(String token) {
        return !KEEP_SPACE.contains(token);
    }

    static boolean hasPhi3sName(GgufMetadata metadata) {
        return PHI_3.matcher(metadata.text("general.name").orElse("")).find();
    }
}
