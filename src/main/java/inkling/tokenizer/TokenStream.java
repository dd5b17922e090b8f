package inkling.tokenizer;

/**
 * Decodes tokens one at a time. It is needed if a token's text depends on the neighbouring tokens. All returned strings together are the
 * whole text.
 */
public interface TokenStream {
    /** The text that {@code token}, a string of the vocabulary, completes. */
    String next(String token);

    /** The text that was held back. The stream is finished after this call. */
    String end();
}
