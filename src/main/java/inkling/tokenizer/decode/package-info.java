/**
 * Turns tokens into text, one at a time, as the {@code decoder} of tokenizer.json says.
 * Start with {@link inkling.tokenizer.decode.Decoder}; {@link inkling.tokenizer.decode.DecoderStream} runs one.
 * This package must not know ids or vocabularies: it changes strings.
 */
package inkling.tokenizer.decode;
