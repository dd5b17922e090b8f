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

/**
 * What llama.cpp decides by the name of a token or model, even if the keys of the file say otherwise. Source: src/llama-vocab.cpp of its
 * v0.4.0.
 */
final class KnownByName {
    /** Tokens that llama.cpp takes for special ones that end a text. */
    private static final Set<String> ENDS = Set.of("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>",
        "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>", "[e~[");
    /** In a model with phi-3 in its name, white space after an added token belongs to that token, except after these tokens. */
    private static final Set<String> KEEP_SPACE = Set.of("<unk>", "<s>", "<|endoftext|>");
    private static final Pattern PHI_3 = Pattern.compile("[Pp][Hh][Ii]-?3");

    private KnownByName() {}

    /** The tokens that are not special in {@code tokenizer}, but end a text in llama.cpp. */
    static List<String> ends(BpeTokenizer tokenizer) {
        Set<String> special = Set.copyOf(tokenizer.model().added().stream().filter(AddedToken::special).map(AddedToken::content).toList());
        return ENDS.stream().filter(token -> tokenizer.id(token).isPresent() && !special.contains(token)).sorted().toList();
    }

    /**
     * Whether the tokenizer seems never to give the id of {@code token}, not even for a text with the token's characters. A few such texts
     * are tried. Qwen's {@code </s>} is such a token: its characters never fall into one piece.
     */
    static boolean isNeverMade(BpeTokenizer tokenizer, String token) {
        int id = tokenizer.id(token).orElseThrow();
        return Stream.of("", " ", "a", ".", "\n").flatMap(beside -> Stream.of(beside + token, token + beside))
            .flatMapToInt(text -> IntStream.of(tokenizer.encode(text))).noneMatch(made -> made == id);
    }

    /** Whether the tokenizer treats white space beside added tokens as llama.cpp does in a model whose name contains phi-3. */
    static boolean isAsInPhi3(BpeTokenizer tokenizer) {
        boolean known = Stream.concat(KEEP_SPACE.stream(), Stream.of("</s>")).allMatch(token -> tokenizer.id(token).isPresent());
        return known && tokenizer.model().added().stream().filter(token -> token.id() < tokenizer.vocabSize())
            .allMatch(token -> token.options().equals(new MatchOptions(false, false, takesSpaceInPhi3(token.content()))));
    }

    /** Whether, in a model whose name contains phi-3, the white space after this added token belongs to it. */
    static boolean takesSpaceInPhi3(String token) {
        return !KEEP_SPACE.contains(token);
    }

    /** Whether the model's name contains phi-3 or phi3, in any case. */
    static boolean hasPhi3sName(GgufMetadata metadata) {
        return PHI_3.matcher(metadata.text("general.name").orElse("")).find();
    }
}
