/**
 * From tokens to text: what the {@code decoder} of tokenizer.json does to them, as they come.
 * Start with {@link inkling.tokenizer.decode.Decoder}; {@link inkling.tokenizer.decode.DecoderStream} is one at work.
 * It may not know ids or vocabularies: it changes strings.
 */
package inkling.tokenizer.decode;
