/**
 * Byte-pair encoding: the encoder, its vocabulary, its training.
 * Start with {@link inkling.tokenizer.bpe.BpeTokenizer}.
 * It must not know files of other programs: {@code huggingface} reads those.
 */
package inkling.tokenizer.bpe;
