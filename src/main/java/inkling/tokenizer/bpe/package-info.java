/**
 * Byte-pair encoding: the encoder, its vocabulary, its training.
 * Start with {@link inkling.tokenizer.bpe.BpeTokenizer}.
 * It may not know files of other programs: {@code huggingface} reads those.
 */
package inkling.tokenizer.bpe;
