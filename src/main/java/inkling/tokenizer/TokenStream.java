package inkling.tokenizer;

/** Text from tokens as they come, where a token's text depends on its neighbours: all answers together are the text of all tokens. */
public interface TokenStream {
    /** The text that {@code token}, the vocabulary's own string, completes. */
    String next(String token);

    /** What was held back; nothing comes after it. */
    String end();
}
